"""Dialogue state in the turn's own transaction: aiogram's FSM over the `dialogue` table."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from aiogram.fsm.state import State
from aiogram.fsm.storage.base import BaseStorage, StateType, StorageKey
from sqlalchemy import bindparam
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import col, select

from bot.messaging.models import Dialogue
from bot.messaging.turn import current_turn

_KEY = ("bot_id", "chat_id", "user_id", "thread_id")
_READ = select(Dialogue.state, Dialogue.data).where(*(col(getattr(Dialogue, name)) == bindparam(name) for name in _KEY))
_WRITE = {
    name: (made := insert(Dialogue)).on_conflict_do_update(
        index_elements=_KEY, set_={"state": made.excluded.state, "data": made.excluded.data}
    )
    for name, insert in (("sqlite", sqlite.insert), ("postgresql", postgresql.insert))
}


@dataclass(slots=True)
class _Place:
    """Where a person stands in a conversation."""

    state: str | None = None
    data: dict[str, Any] = field(default_factory=dict)


class TurnStorage(BaseStorage):
    """Reads and writes the dialogue of the current turn; one row, read once a turn, written when it changes.

    By plain statements: every turn asks, and an entity of the ORM costs four times as much.
    """

    async def set_state(self, key: StorageKey, state: StateType = None) -> None:
        place = self._place(key)
        self._keep(key, place, state.state if isinstance(state, State) else state, place.data)

    async def get_state(self, key: StorageKey) -> str | None:
        return self._place(key).state

    async def set_data(self, key: StorageKey, data: Mapping[str, Any]) -> None:
        place = self._place(key)
        self._keep(key, place, place.state, dict(data))

    async def get_data(self, key: StorageKey) -> dict[str, Any]:
        return dict(self._place(key).data)

    async def close(self) -> None:
        """The session belongs to the turn."""

    def _place(self, key: StorageKey) -> _Place:
        turn = current_turn.get()
        identity = _identity(key)
        notes_key = f"dialogue:{identity}"
        found: _Place | None = turn.notes.get(notes_key)
        if found is None:
            row = turn.uow.session.connection().execute(_READ, dict(zip(_KEY, identity, strict=True))).one_or_none()
            found = turn.notes[notes_key] = _Place(*row) if row is not None else _Place()
        return found

    def _keep(self, key: StorageKey, place: _Place, state: str | None, data: dict[str, Any]) -> None:
        if (place.state, place.data) == (state, data):
            return
        place.state, place.data = state, data
        connection = current_turn.get().uow.session.connection()
        named = dict(zip(_KEY, _identity(key), strict=True))
        connection.execute(_WRITE[connection.dialect.name], {**named, "state": state, "data": data})


def _identity(key: StorageKey) -> tuple[int, int, int, int]:
    return key.bot_id, key.chat_id, key.user_id, key.thread_id or 0
