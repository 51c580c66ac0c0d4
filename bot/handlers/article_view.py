"""An article's pictures and documents, sent before its text so that the buttons stay below."""

from collections.abc import Mapping
from typing import Any

from bot.kb.markdown import attached
from bot.kb.models import Article
from bot.kb.sync import files_of
from bot.telegram.conversation import Conversation

CAPTION = 1024


def show_files(turn: Conversation, article: Article) -> None:
    """The files of a stored article, in the order its text names them."""
    for mention, file in files_of(turn.session, article):
        if file.file_id is not None:
            _send(turn, file.file_id, mention.words, picture=file.picture)
        elif file.blob_id is not None:
            _send(turn, f"blob:{file.blob_id}", mention.words, picture=file.picture, _blobs=[file.blob_id])


def show_pictures(turn: Conversation, body: str, pictures: Mapping[str, str]) -> None:
    """Pictures of a text that is not stored yet."""
    for mention in attached(body):
        if mention.name in pictures:
            _send(turn, pictures[mention.name], mention.words, picture=True)


def _send(turn: Conversation, file: str, words: str, *, picture: bool, **more: Any) -> None:
    caption = {"caption": words[:CAPTION]} if words else {}
    method, field = ("sendPhoto", "photo") if picture else ("sendDocument", "document")
    turn.call(method, chat_id=turn.chat_id, **{field: file}, **caption, **more)
