"""Buttons of quotes."""

from collections.abc import Mapping, Sequence
from typing import Any

from bot.handlers.client.quotes.presses import (
    ApproveQuote,
    AskQuote,
    ChooseOption,
    DeclineQuote,
    DisputeWord,
    ShowQuote,
    TakeOneOff,
)
from bot.handlers.client.tickets.presses import TicketOpen
from bot.messaging.notices.texts import money
from bot.telegram.showing.keyboards import Button, Keyboard, buttons


@buttons("quote/card")
def quote(
    lang: str,
    *,
    quote_id: int,
    version: int,
    ticket_id: int,
    state: str,
    options: Sequence[Mapping[str, Any]],
    editable: Sequence[Mapping[str, Any]],
    disputable: bool,
    **_values: Any,
) -> Keyboard:
    ticket = [Button("ticket.back", TicketOpen(ticket=ticket_id))]
    if state != "sent":
        rows = [[Button("quote.dispute_word", DisputeWord(quote=quote_id))]] if disputable else []
        return Keyboard([*rows, ticket])
    choosing = [
        [
            Button(
                "quote.option_taken" if each["chosen"] else "quote.option_take",
                ChooseOption(quote=quote_id, version=version, place=each["place"]),
                values={"name": each["name"], "price": money(each["kopecks"], lang)},
            )
        ]
        for each in options
    ]
    lessening = [
        [
            Button(
                "quote.one_less",
                TakeOneOff(quote=quote_id, version=version, place=each["place"]),
                values={"name": each["name"], "quantity": each["quantity"] - 1},
            )
        ]
        for each in editable
    ]
    return Keyboard(
        [
            *choosing,
            *lessening,
            [
                Button("quote.approve", ApproveQuote(quote=quote_id, version=version)),
                Button("quote.decline", DeclineQuote(quote=quote_id, version=version)),
            ],
            [Button("quote.ask", AskQuote(quote=quote_id)), *ticket],
        ]
    )


@buttons("quote/by_word")
def by_word(_lang: str, *, quote_id: int, ticket_id: int, **_values: Any) -> Keyboard:
    return Keyboard(
        [
            [Button("quote.dispute_word", DisputeWord(quote=quote_id))],
            [Button("ticket.back", TicketOpen(ticket=ticket_id))],
        ]
    )


@buttons("quote/by_ceiling")
def by_ceiling(_lang: str, *, quote_id: int, **_values: Any) -> Keyboard:
    return Keyboard([[Button("ticket.approve_show", ShowQuote(quote=quote_id))]])


@buttons("quote/reminder")
def reminder(_lang: str, *, quote_id: int, **_values: Any) -> Keyboard:
    return Keyboard([[Button("ticket.approve_show", ShowQuote(quote=quote_id))]])
