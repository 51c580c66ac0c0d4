"""Templates as Bot API parameters: HTML, buttons, and texts split where Telegram's limit asks for it."""

import re
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from sqlmodel import Session

from bot.db.unit_of_work import Envelope, Subject, UnitOfWork
from bot.messaging.alarms import NOTICE
from bot.messaging.notices.subjects import about_of
from bot.messaging.notices.telling import Address
from bot.messaging.notices.texts import render
from bot.messaging.outgoing import cards, outbox
from bot.messaging.outgoing.models import Outbox
from bot.messaging.outgoing.outbox import Priority
from bot.messaging.outgoing.receipts import WANTED
from bot.telegram import ids
from bot.telegram.showing.keyboards import markup_of
from bot.telegram.showing.media import CAPTION_LIMIT, TAG, plain_length, with_media

TEXT_LIMIT = 4096
_HEADING = re.compile(r"^<b>[^\n]*</b>\s*\Z", re.MULTILINE)


def compose(
    template: str,
    lang: str,
    subject: Subject,
    chat_id: int,
    thread_id: int | None = None,
    *,
    reader: Callable[[], str] | None = None,
) -> list[dict[str, Any]]:
    """Parameters of the `sendMessage` calls that show a template; the buttons go with the last part."""
    parts = split(render(template, lang, subject, reader=reader))
    messages: list[dict[str, Any]] = []
    for part in parts:
        params: dict[str, Any] = {
            "chat_id": chat_id,
            "text": part,
            "parse_mode": "HTML",
            "link_preview_options": {"is_disabled": True},
        }
        if thread_id is not None:
            params["message_thread_id"] = thread_id
        messages.append(params)
    if markup := markup_of(template, lang, subject):
        messages[-1]["reply_markup"] = markup
    return messages


def compose_file(
    template: str, lang: str, subject: Subject, chat_id: int, blob: int, *, reader: Callable[[], str] | None = None
) -> dict[str, Any]:
    """Parameters of the `sendDocument` call that sends stored bytes with a template as their caption."""
    params = compose(template, lang, subject, chat_id, reader=reader)[-1]
    params.pop("link_preview_options")
    return {**params, "caption": params.pop("text"), "document": f"blob:{blob}", "_blobs": [blob]}


def split(text: str, limit: int = TEXT_LIMIT) -> list[str]:
    """Cut a long HTML text at blocks, then lines, then anywhere outside a tag; open tags are closed and reopened.

    A part is at least half full, and a heading goes with what it heads.
    """
    if plain_length(text) <= limit:
        return [text]
    parts: list[str] = []
    current = ""
    for piece in _pieces(text, limit // 2):
        if current and plain_length(current + piece) > limit - 1:
            end = _end_of_part(current, limit // 2)
            opened = _open_tags(current[:end])
            parts.append(current[:end].rstrip() + "".join(f"</{name}>" for name, _ in reversed(opened)))
            current = "".join(tag for _, tag in opened) + current[end:]
        current += piece
    parts.append(current)
    return [part for part in parts if plain_length(part.strip())]


def _end_of_part(text: str, least: int) -> int:
    """Where the best part ends: behind a whole block and before a heading, if it is long enough so."""
    end = len(text)
    after_block = text.rfind("\n\n") + 2
    if plain_length(text[:after_block]) >= least:
        end = after_block
    heading = _HEADING.search(text, 0, end)
    if heading is not None and plain_length(text[: heading.start()]) >= least:
        end = heading.start()
    return end


def _pieces(text: str, longest: int) -> list[str]:
    """Blocks, lines or runs of characters with their separators; never inside a tag or an entity."""
    pieces: list[str] = []
    for line in re.split(r"(?<=\n)", text):
        if plain_length(line) <= longest:
            pieces.append(line)
            continue
        run = ""
        for token in re.findall(r"<[^>]+>|&\w+;|&#\d+;|\s+|[^<&\s]{1,200}", line):
            if plain_length(run + token) > longest:
                pieces.append(run)
                run = ""
            run += token
        pieces.append(run)
    return pieces


def _open_tags(text: str) -> list[tuple[str, str]]:
    """(name, whole tag) of the tags still open at the end of the text."""
    opened: list[tuple[str, str]] = []
    for match in TAG.finditer(text):
        if match[1]:
            opened.pop()
        else:
            opened.append((match[2], match[0]))
    return opened


NamesTopics = Callable[[Session, str, str], str | None]  # of a topic's key and a language: what it is called


def _correction(original: Outbox, messages: Sequence[dict[str, Any]]) -> list[tuple[str, dict[str, Any]]]:
    """The call that gives what an earlier one sent its present words; none where they don't fit there."""
    said = {**messages[0], outbox.CORRECTS: original.id}
    album = original.params.get("media") or [{}]
    if len(messages) > 1:
        return []
    if original.method == "sendMessage":
        return [("editMessageText", said)]
    if ("caption" not in original.params and "caption" not in album[0]) or plain_length(said["text"]) > CAPTION_LIMIT:
        return []
    said.pop("link_preview_options")
    said["caption"] = said.pop("text")
    return [("editMessageCaption", said)]


class TelegramRenderer:
    """Writes notices into the outbox as Bot API calls; `topic_name` says how a topic is called that has to be made."""

    def __init__(self, bot_id: int, topic_name: NamesTopics) -> None:
        self.bot = ids.bot(bot_id)
        self._topic_name = topic_name

    def post(
        self,
        uow: UnitOfWork,
        address: Address,
        template: str,
        subject: Subject,
        envelope: Envelope,
        *,
        priority: Priority,
        not_before: datetime | None,
    ) -> None:
        """One notice to one address; a card that exists already is edited by delivery."""
        if outbox.unreachable(uow.session, self.bot, address.chat_id):
            return

        def reader() -> str:
            return address.timezone

        if address.corrects is not None:
            original = uow.session.get_one(Outbox, address.corrects)
            calls = _correction(original, compose(template, address.language, subject, address.chat_id, reader=reader))
            not_before = original.not_before
        elif envelope.blob is not None:
            caption = compose_file(template, address.language, subject, address.chat_id, envelope.blob, reader=reader)
            calls = [("sendDocument", caption)]
        else:
            shown = compose(template, address.language, subject, address.chat_id, reader=reader)
            calls = with_media(shown, envelope.media)
        topic_name = address.topic_key and self._topic_name(uow.session, address.topic_key, address.language)
        parts = cards.as_parts(address.card_key, len(calls))
        for (method, params), (card_key, place) in zip(calls, parts, strict=True):
            params.update(place)
            if address.topic_key:
                params["_topic"] = address.topic_key
                params["_topic_name"] = topic_name
            if template == NOTICE:
                params["_alarm"] = True
            if address.right is not None:
                params[outbox.RIGHT] = dict(address.right)
            if envelope.receipt:
                params[WANTED] = True
            outbox.put(
                uow.session,
                self.bot,
                method,
                params,
                uow.now,
                chat_id=address.chat_id,
                priority=priority,
                card_key=card_key,
                carries=envelope.carries or address.about or about_of(subject),
                not_before=not_before,
            )
