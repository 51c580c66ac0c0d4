"""Buttons of phone calls: the engineer's tickets, and the companies that a number may be of."""

from bot.billing.work.phone_calls import CallState
from bot.handlers.engineer.calls.presses import CallDrop, CallOfCompany, CallOfTicket, CallShow
from bot.telegram.showing.keyboards import Button, Keyboard, buttons
from bot.tickets.calls.booking import CallCard, CallUnclear


@buttons("call/draft")
def draft(_lang: str, call: CallCard) -> Keyboard:
    if call.state is not CallState.DRAFT:
        return Keyboard([])
    rows = [
        [Button("call.of_ticket", CallOfTicket(call=call.call_id, ticket=each.id), values={"number": each.number})]
        for each in call.tickets
    ]
    again, drop = CallShow(call=call.call_id), CallDrop(call=call.call_id)
    return Keyboard([*rows, [Button("call.again", again), Button("call.drop", drop)]])


@buttons("call/unclear")
def unclear(_lang: str, call: CallUnclear) -> Keyboard:
    return Keyboard(
        [
            [Button(text=name[:60], press=CallOfCompany(call=call.call_id, company=company_id))]
            for company_id, name in call.companies
        ]
    )
