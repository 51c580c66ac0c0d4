"""An article's pictures and documents, sent before its text so that the buttons stay below."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from bot.handlers.common.conversation import Conversation
from bot.kb.articles.markdown import attached
from bot.kb.articles.models import Article
from bot.kb.articles.sync import files_of

CAPTION = 1024


@dataclass(frozen=True, slots=True)
class ArticlePage:
    """An article as clients read it, its text as HTML."""

    title: str
    body: Markup


def show_files(turn: Conversation, article: Article, only: Collection[str] | None = None) -> int:
    """The files of a stored article, in the order its text names them; `only`: names. Returns how many there were."""
    found = [pair for pair in files_of(turn.session, article) if only is None or pair[0].name in only]
    for mention, file in found:
        if file.file_id is not None:
            _send(turn, file.file_id, mention.words, picture=file.picture)
        elif file.blob_id is not None:
            _send(turn, f"blob:{file.blob_id}", mention.words, picture=file.picture, _blobs=[file.blob_id])
    return len(found)


def show_pictures(turn: Conversation, body: str, pictures: Mapping[str, str]) -> None:
    """Pictures of a text that is not stored yet."""
    for mention in attached(body):
        if mention.name in pictures:
            _send(turn, pictures[mention.name], mention.words, picture=True)


def _send(turn: Conversation, file: str, words: str, *, picture: bool, **more: Any) -> None:
    caption = {"caption": words[:CAPTION]} if words else {}
    method, field = ("sendPhoto", "photo") if picture else ("sendDocument", "document")
    turn.call(method, chat_id=turn.chat_id, **{field: file}, **caption, **more)
