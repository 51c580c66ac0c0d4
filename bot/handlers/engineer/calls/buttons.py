"""Buttons of phone calls: the engineer's tickets, and the companies that a number may be of."""

from collections.abc import Mapping, Sequence
from typing import Any

from bot.handlers.engineer.calls.presses import CallDrop, CallOfCompany, CallOfTicket, CallShow
from bot.telegram.showing.keyboards import Button, Keyboard, buttons


@buttons("call/draft")
def draft(_lang: str, *, call_id: int, state: str, tickets: Sequence[Mapping[str, Any]], **_values: Any) -> Keyboard:
    if state != "draft":
        return Keyboard([])
    rows = [
        [Button("call.of_ticket", CallOfTicket(call=call_id, ticket=each["id"]), values={"number": each["number"]})]
        for each in tickets
    ]
    return Keyboard(
        [*rows, [Button("call.again", CallShow(call=call_id)), Button("call.drop", CallDrop(call=call_id))]]
    )


@buttons("call/unclear")
def unclear(_lang: str, *, call_id: int, companies: Sequence[tuple[int, str]], **_values: Any) -> Keyboard:
    return Keyboard(
        [
            [Button(text=name[:60], press=CallOfCompany(call=call_id, company=company_id))]
            for company_id, name in companies
        ]
    )
