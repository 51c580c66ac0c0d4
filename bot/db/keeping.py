"""What a transaction has read of things that hardly change stays with it to its end: asked for by its key again, it is
there.

A session holds its rows weakly, so that one act's company is gone before the next asks for it. Kept are rows that
describe the world the work happens in; rows that people compete for are not, and what is locked is read anew either way
(`bot/db/locks.py`).
"""

from collections.abc import Collection
from typing import Any, TypeVar

from sqlalchemy import event, inspect
from sqlmodel import Session, SQLModel, select

M = TypeVar("M", bound=SQLModel)

AT_MOST = (
    500  # rows a transaction keeps: a job over all objects of all clients reads more, once each, and must not grow
)
_KEY = "kept"  # where a session has them


def kept(model: type[M]) -> type[M]:
    """Marks a model whose rows a transaction keeps."""
    event.listen(model, "load", _keep)
    return model


def rows_of(session: Session, model: type[M], ids: Collection[int]) -> dict[int, M]:
    """Rows by their ids; only those that the transaction hasn't at hand are asked for. Ids of no row are left out."""
    mapper = inspect(model)
    at_hand = {each: session.identity_map.get(mapper.identity_key_from_primary_key((each,))) for each in ids}
    found = {each: row for each, row in at_hand.items() if row is not None and not inspect(row).expired}
    if asked := set(ids) - found.keys():
        column = mapper.primary_key[0]
        for row in session.exec(select(model).where(column.in_(asked))).all():
            found[mapper.primary_key_from_instance(row)[0]] = row
    return found


def _keep(row: Any, context: Any) -> None:
    rows: list[Any] = context.session.info.setdefault(_KEY, [])
    if len(rows) < AT_MOST:
        rows.append(row)


@event.listens_for(Session, "after_transaction_end")
def _let_go(session: Any, transaction: Any) -> None:
    """With the outermost transaction: a later one sees what others have changed meanwhile."""
    if transaction.parent is None:
        session.info.pop(_KEY, None)
