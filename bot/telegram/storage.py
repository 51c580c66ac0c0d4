"""Dialogue state in the turn's own transaction: aiogram's FSM over the `dialogue` table."""

from collections.abc import Mapping
from typing import Any

from aiogram.fsm.state import State
from aiogram.fsm.storage.base import BaseStorage, StateType, StorageKey

from bot.messaging.models import Dialogue
from bot.messaging.turn import current_turn


class TurnStorage(BaseStorage):
    """Reads and writes the dialogue of the current turn; one row, read once a turn."""

    async def set_state(self, key: StorageKey, state: StateType = None) -> None:
        self._row(key, create=True).state = state.state if isinstance(state, State) else state

    async def get_state(self, key: StorageKey) -> str | None:
        return self._row(key).state

    async def set_data(self, key: StorageKey, data: Mapping[str, Any]) -> None:
        self._row(key, create=True).data = dict(data)

    async def get_data(self, key: StorageKey) -> dict[str, Any]:
        return dict(self._row(key).data)

    async def close(self) -> None:
        """The session belongs to the turn."""

    def _row(self, key: StorageKey, *, create: bool = False) -> Dialogue:
        turn = current_turn.get()
        notes_key = f"dialogue:{key.chat_id}:{key.user_id}:{key.thread_id}"
        row = turn.notes.get(notes_key)
        if row is None:
            identity = (key.bot_id, key.chat_id, key.user_id, key.thread_id or 0)
            row = turn.uow.session.get(Dialogue, identity)
            if row is None:
                row = Dialogue(bot_id=identity[0], chat_id=identity[1], user_id=identity[2], thread_id=identity[3])
            turn.notes[notes_key] = row
        if create:
            turn.uow.session.add(row)
        return row
