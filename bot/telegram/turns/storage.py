"""aiogram's FSM storage over the dialogue of the turn's own transaction."""

from collections.abc import Mapping
from typing import Any

from aiogram.fsm.state import State
from aiogram.fsm.storage.base import BaseStorage, StateType, StorageKey

from bot.messaging.turns.dialogue import Place, PlaceKey, keep_place, read_place
from bot.messaging.turns.turn import current_turn


class TurnStorage(BaseStorage):
    """Reads and writes where a person stands: one row, read once a turn, written when it changes."""

    async def set_state(self, key: StorageKey, state: StateType = None) -> None:
        place = _place(key)
        _keep(key, place, state.state if isinstance(state, State) else state, place.data)

    async def get_state(self, key: StorageKey) -> str | None:
        return _place(key).state

    async def set_data(self, key: StorageKey, data: Mapping[str, Any]) -> None:
        place = _place(key)
        _keep(key, place, place.state, dict(data))

    async def get_data(self, key: StorageKey) -> dict[str, Any]:
        return dict(_place(key).data)

    async def close(self) -> None:
        """The session belongs to the turn."""


def _place(key: StorageKey) -> Place:
    turn, named = current_turn.get(), _named(key)
    notes_key = f"dialogue:{named}"
    found: Place | None = turn.notes.get(notes_key)
    if found is None:
        found = turn.notes[notes_key] = read_place(turn.uow.session, named)
    return found


def _keep(key: StorageKey, place: Place, state: str | None, data: dict[str, Any]) -> None:
    if (place.state, place.data) == (state, data):
        return
    place.state, place.data = state, data
    keep_place(current_turn.get().uow.session, _named(key), place)


def _named(key: StorageKey) -> PlaceKey:
    return PlaceKey(current_turn.get().inbox.messenger, key.bot_id, key.chat_id, key.user_id, key.thread_id or 0)
