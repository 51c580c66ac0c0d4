"""Where a person stands in a conversation: one row for each of their places.

By plain statements: every turn asks, and an entity of the ORM costs four times as much (decision 9).
"""

from dataclasses import dataclass, field
from typing import Any, NamedTuple

from sqlalchemy import bindparam
from sqlmodel import Session, col, select

from bot.db.plain import INSERTS
from bot.messaging.messengers import Messenger
from bot.messaging.turns.models import Dialogue


class PlaceKey(NamedTuple):
    """Who talks, where, to which bot; no thread is 0."""

    messenger: Messenger
    bot_id: int
    chat_id: int
    user_id: int
    thread_id: int


@dataclass(slots=True)
class Place:
    """The state that decides which handler hears the next message, and what it will need."""

    state: str | None = None
    data: dict[str, Any] = field(default_factory=dict)


_KEY = PlaceKey._fields
_READ = select(Dialogue.state, Dialogue.data).where(*(col(getattr(Dialogue, name)) == bindparam(name) for name in _KEY))
_WRITE = {
    name: (made := insert(Dialogue)).on_conflict_do_update(
        index_elements=_KEY, set_={"state": made.excluded.state, "data": made.excluded.data}
    )
    for name, insert in INSERTS.items()
}


def read_place(session: Session, key: PlaceKey) -> Place:
    """Where they stand; nowhere, with nothing, when they have not talked yet."""
    row = session.connection().execute(_READ, key._asdict()).one_or_none()
    return Place(*row) if row is not None else Place()


def keep_place(session: Session, key: PlaceKey, place: Place) -> None:
    """This is where they stand from now on."""
    connection = session.connection()
    connection.execute(_WRITE[connection.dialect.name], {**key._asdict(), "state": place.state, "data": place.data})
