"""Buttons of hours to buy."""

from collections.abc import Sequence
from typing import Any

from bot.handlers.client.top_up.presses import ApproveTopUp, AskTopUp
from bot.messaging.notices.texts import hours
from bot.telegram.showing.keyboards import Button, Keyboard, buttons


@buttons("balance/alert_used")
def offered(
    lang: str, *, contract_id: int, unit: str, for_staff: bool, sizes: Sequence[int], **_values: Any
) -> Keyboard | None:
    if for_staff or unit != "minutes":
        return None
    return Keyboard(
        [
            [
                Button(
                    "top_up.buy",
                    AskTopUp(contract=contract_id, minutes=minutes),
                    values={"hours": hours(minutes, lang)},
                )
            ]
            for minutes in sizes
        ]
    )


@buttons("top_up/card")
def card(_lang: str, *, top_up_id: int, state: str, **_values: Any) -> Keyboard | None:
    return Keyboard([[Button("top_up.approve", ApproveTopUp(top_up=top_up_id))]]) if state == "offered" else None
