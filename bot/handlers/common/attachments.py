"""Files of a thread shown again in a chat, by their ids: nothing is downloaded."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from bot.handlers.common.conversation import Conversation
from bot.messaging.notices.texts import render
from bot.telegram.showing.media import files_of
from bot.tickets.intake.said import carried, media_of, words_of
from bot.tickets.life.models import SHOT, Message
from bot.tickets.thread.shots import Shot

_SHOTS = (None, *Shot)  # talk, then pictures before the job and after it


@dataclass(frozen=True, slots=True)
class WordsBeside:
    """The words that came with files, and when a picture of the job was taken."""

    text: str
    shot: str | None


def show_files(turn: Conversation, messages: Sequence[Message], chat_id: int | None = None) -> int:
    """Send every file and place of these messages to a chat, the present one by default, with the words that came with
    them, an album as an album, pictures of the job apart from talk; returns how many."""
    chat = turn.chat_id if chat_id is None else chat_id
    shown = 0
    talk_first = sorted(messages, key=lambda message: _SHOTS.index(message.file.get(SHOT)))
    for _, together in groupby(talk_first, key=lambda message: message.album or message.id):
        parts = list(together)
        media = media_of(parts)
        words = words_of(parts)
        shot = parts[0].file.get(SHOT)
        caption = render("ticket/caption", turn.lang, WordsBeside(words, shot)) if words or shot else ""
        for method, params in files_of(chat, caption, media):
            turn.call(method, carries=carried(parts[-1]), **params)
        shown += len(media)
    return shown
