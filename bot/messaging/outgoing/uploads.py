"""Bytes that the messenger has already are not sent again: its own id of the file is."""

from collections.abc import Iterable, Mapping

from sqlalchemy import ColumnElement, delete
from sqlmodel import Session, col, select

from bot.db.locks import keep
from bot.db.plain import INSERTS
from bot.messaging.messengers import BotId
from bot.messaging.outgoing.models import Blob, Upload


def uploaded(session: Session, bot: BotId, blobs: Iterable[int]) -> dict[int, str]:
    """The messenger's ids of those blobs that this bot has sent before."""
    query = select(Upload.blob_id, Upload.file_id).where(*_of(bot, blobs))
    return dict(session.exec(query).all())


def keep_uploads(session: Session, bot: BotId, files: Mapping[int, str]) -> None:
    """Note what the messenger calls blobs now; two deliveries at once may have sent one, and either id serves."""
    kept = keep(session, Blob, files)  # a blob may have been swept while it was on its way
    named = {"messenger": bot.messenger, "bot_id": bot.number}
    rows = [{**named, "blob_id": blob, "file_id": file} for blob, file in files.items() if blob in kept]
    if rows:
        connection = session.connection()
        connection.execute(INSERTS[connection.dialect.name](Upload).on_conflict_do_nothing(), rows)


def forget_uploads(session: Session, bot: BotId, blobs: Iterable[int]) -> None:
    """The messenger does not know these ids any more: the bytes are sent again."""
    gone = delete(Upload).where(*_of(bot, blobs))
    session.connection().execute(gone)


def _of(bot: BotId, blobs: Iterable[int]) -> tuple[ColumnElement[bool], ...]:
    mine = (col(Upload.messenger) == bot.messenger, col(Upload.bot_id) == bot.number)
    return (*mine, col(Upload.blob_id).in_(list(blobs)))
