"""Buttons of an oral approval: whoever of the client may approve."""

from collections.abc import Sequence
from typing import Any

from bot.handlers.dispatcher.oral.presses import OralApproval
from bot.telegram.showing.keyboards import Button, Keyboard, buttons


@buttons("quote/oral")
def who(_lang: str, *, ticket_id: int, people: Sequence[tuple[int, str]], **_values: Any) -> Keyboard:
    return Keyboard(
        [[Button(text=name, press=OralApproval(ticket=ticket_id, person=person_id))] for person_id, name in people]
    )
