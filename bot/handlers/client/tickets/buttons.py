"""Buttons of a client's tickets."""

from collections.abc import Mapping, Sequence
from typing import Any

from bot.handlers.client.quotes.presses import ShowQuote
from bot.handlers.client.tickets.presses import (
    DisputeTicketLine,
    ProofPack,
    TicketAccept,
    TicketCancel,
    TicketDispute,
    TicketHistory,
    TicketList,
    TicketOpen,
    TicketRate,
    TicketReopen,
    TicketWrite,
)
from bot.telegram.showing.keyboards import Button, Keyboard, buttons

CANCELLABLE = ("awaiting_approval", "on_hold", "new", "taken", "on_the_way")
BEST = 5


@buttons("ticket/card")
def card(
    _lang: str,
    *,
    ticket_id: int,
    state: str,
    rating: int | None,
    quotes: Sequence[Mapping[str, Any]],
    **_values: Any,
) -> Keyboard:
    rows = _asked(quotes)
    if state in ("done", "disputed"):
        rows.append(_accepting(ticket_id))
    if state in ("closed", "done"):
        rows.append([Button("ticket.reopen", TicketReopen(ticket=ticket_id))])
    if state == "closed" and rating is None:
        rows.append(_stars(ticket_id))
    talk = [Button("ticket.history", TicketHistory(ticket=ticket_id))]
    if state != "cancelled":
        talk.insert(0, Button("ticket.write", TicketWrite(ticket=ticket_id)))
    rows.append(talk)
    if state in CANCELLABLE:
        rows.append([Button("ticket.cancel", TicketCancel(ticket=ticket_id))])
    return Keyboard(rows)


@buttons("ticket/done")
def done(_lang: str, *, ticket_id: int, quotes: Sequence[Mapping[str, Any]], **_values: Any) -> Keyboard:
    return Keyboard([*_asked(quotes), _accepting(ticket_id), [Button("ticket.reopen", TicketReopen(ticket=ticket_id))]])


@buttons("ticket/rate")
def rate(_lang: str, *, ticket_id: int, **_values: Any) -> Keyboard:
    return Keyboard([_stars(ticket_id), [Button("ticket.reopen", TicketReopen(ticket=ticket_id))]])


@buttons("ticket/list")
def tickets_list(
    _lang: str, *, tickets: Sequence[Mapping[str, Any]], page: int, more: bool, **_values: Any
) -> Keyboard:
    rows = [
        [
            Button(
                "ticket.line",
                TicketOpen(ticket=each["id"]),
                values={"number": each["number"], "title": each["title"]},
            )
        ]
        for each in tickets
    ]
    turning = []
    if page > 0:
        turning.append(Button("ticket.earlier", TicketList(page=page - 1)))
    if more:
        turning.append(Button("ticket.further", TicketList(page=page + 1)))
    return Keyboard([*rows, turning])


@buttons(
    "ticket/write",
    "ticket/written",
    "ticket/rated",
    "ticket/accepted",
    "ticket/disputed",
    "ticket/dispute_reason",
    "ticket/step",
)
def back(_lang: str, *, ticket_id: int, **_values: Any) -> Keyboard:
    return Keyboard([[Button("ticket.back", TicketOpen(ticket=ticket_id))]])


@buttons("ticket/history")
def history(_lang: str, *, ticket_id: int, provable: bool, **_values: Any) -> Keyboard:
    rows = [[Button("proof.button", ProofPack(ticket=ticket_id))]] if provable else []
    return Keyboard([*rows, [Button("ticket.back", TicketOpen(ticket=ticket_id))]])


@buttons("ticket/staff_says")
def staff_says(_lang: str, *, ticket_id: int, **_values: Any) -> Keyboard:
    return Keyboard(
        [[Button("ticket.reply", TicketWrite(ticket=ticket_id)), Button("ticket.back", TicketOpen(ticket=ticket_id))]]
    )


@buttons("ticket/cancel_sure")
def cancel_sure(_lang: str, *, ticket_id: int, **_values: Any) -> Keyboard:
    return Keyboard(
        [
            [
                Button("ticket.cancel_yes", TicketCancel(ticket=ticket_id, sure=1)),
                Button("ticket.keep", TicketOpen(ticket=ticket_id)),
            ]
        ]
    )


@buttons("ticket/dispute")
def dispute(
    _lang: str,
    *,
    ticket_id: int,
    works: Sequence[Mapping[str, Any]],
    times: Sequence[Mapping[str, Any]],
    **_values: Any,
) -> Keyboard:
    rows = [
        [Button(text=line["name"], press=DisputeTicketLine(ticket=ticket_id, time=0, line=line["id"]))]
        for line in works
        if not line["disputed"]
    ]
    rows += [
        [Button("ticket.time", DisputeTicketLine(ticket=ticket_id, time=1, line=entry["id"]))]
        for entry in times
        if not entry["disputed"] and not entry["struck"]
    ]
    return Keyboard([*rows, [Button("ticket.back", TicketOpen(ticket=ticket_id))]])


def _asked(quotes: Sequence[Mapping[str, Any]]) -> list[list[Button]]:
    return [[Button("ticket.approve_show", ShowQuote(quote=each["id"]))] for each in quotes if each["state"] == "sent"]


def _accepting(ticket_id: int) -> list[Button]:
    return [
        Button("ticket.accept", TicketAccept(ticket=ticket_id)),
        Button("ticket.dispute", TicketDispute(ticket=ticket_id)),
    ]


def _stars(ticket_id: int) -> list[Button]:
    return [
        Button("ticket.star", TicketRate(ticket=ticket_id, rating=rating), values={"rating": rating})
        for rating in range(1, BEST + 1)
    ]
