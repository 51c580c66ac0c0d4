"""Buttons of the dispatch card and of an engineer's screens."""

from collections.abc import Mapping, Sequence
from typing import Any

from bot.billing.prices.book import BookItem
from bot.handlers.client.tickets.presses import TicketHistory, TicketOpen
from bot.handlers.dispatcher.oral.presses import OralApproval
from bot.handlers.engineer.jobs.presses import (
    JobAdd,
    JobDecline,
    JobEstimate,
    JobFiles,
    JobFind,
    JobFinish,
    JobGo,
    JobItems,
    JobList,
    JobOpen,
    JobPrepaid,
    JobRelease,
    JobRemove,
    JobResolve,
    JobScope,
    JobSpec,
    JobStart,
    JobTake,
    JobTakeAway,
    JobTime,
    JobWrite,
    JobWriteOff,
    NotePass,
)
from bot.messaging.notices.texts import money
from bot.telegram.showing.keyboards import Button, Keyboard, buttons
from bot.tickets.dispatch.take import REASONS
from bot.tickets.life.lifecycle import WITH_ENGINEER
from bot.tickets.offers.prepaid_work import RUNNING

QUANTITIES = (1, 2, 3, 5, 10)


@buttons("dispatch/card")
def card(
    lang: str,
    *,
    ticket_id: int,
    state: str,
    files: int,
    quotes: Sequence[Mapping[str, Any]],
    price_waits: str | None,
    leader: bool = True,
    **_values: Any,
) -> Keyboard:
    """The group's card has everybody's buttons; on one's own there are only those one may press."""
    for_leaders = {
        "on_hold": [Button("job.release", JobRelease(ticket=ticket_id))],
        "awaiting_approval": [Button("job.estimate", JobEstimate(ticket=ticket_id))],
        "disputed": [
            Button("job.keep_line", JobResolve(ticket=ticket_id, keep=1)),
            Button("job.drop_line", JobResolve(ticket=ticket_id, keep=0)),
        ],
    }
    first = {
        "new": [Button("job.take", JobTake(ticket=ticket_id)), Button("job.decline", JobDecline(ticket=ticket_id))],
        "taken": [Button("job.go", JobGo(ticket=ticket_id)), Button("job.start", JobStart(ticket=ticket_id))],
        "on_the_way": [Button("job.start", JobStart(ticket=ticket_id))],
        "in_work": _working(ticket_id),
        "waiting": _working(ticket_id),
        **(for_leaders if leader else {}),
    }.get(state, [])
    second = [Button("job.write", JobWrite(ticket=ticket_id)), Button("job.history", TicketHistory(ticket=ticket_id))]
    if files:
        second.append(Button("job.files", JobFiles(ticket=ticket_id)))
    second.append(Button("job.scope", JobScope(ticket=ticket_id)))
    rows = [first, second]
    if state in ("taken", "on_the_way"):
        rows.insert(1, [Button("job.decline", JobDecline(ticket=ticket_id))])
    if leader and state in WITH_ENGINEER:
        rows.append([Button("job.take_away", JobTakeAway(ticket=ticket_id))])
    if leader and price_waits is not None:
        rows.append(_pricing(ticket_id))
    if leader and state in RUNNING:
        rows += [
            [Button("job.prepaid_sum", JobPrepaid(quote=each["id"]), values={"price": money(each["gross"], lang)})]
            for each in quotes
            if each["unpaid"]
        ]
    if leader and any(quote["state"] == "sent" for quote in quotes):
        rows.append([Button("quote.oral", OralApproval(ticket=ticket_id))])
    return Keyboard(rows)


@buttons("dispatch/reasons")
def reasons(_lang: str, *, ticket_id: int, **_values: Any) -> Keyboard:
    return Keyboard(
        [
            [Button(f"decline.{reason}", JobDecline(ticket=ticket_id, reason=place))]
            for place, reason in enumerate(REASONS)
        ]
    )


@buttons("engineer/list")
def jobs(_lang: str, *, jobs: Sequence[Mapping[str, Any]], **_values: Any) -> Keyboard:
    return Keyboard(
        [
            [
                Button(
                    "ticket.line", JobOpen(ticket=each["id"]), values={"number": each["number"], "title": each["title"]}
                )
            ]
            for each in jobs
        ]
    )


@buttons("engineer/spec")
def spec(_lang: str, *, ticket_id: int, works: Sequence[Mapping[str, Any]], **_values: Any) -> Keyboard:
    rows = [
        [Button("job.remove", JobRemove(ticket=ticket_id, line=line["id"]), values={"name": line["name"]})]
        for line in works
    ]
    return Keyboard(
        [
            *rows,
            [
                Button("job.add", JobItems(ticket=ticket_id)),
                Button("job.find", JobFind(ticket=ticket_id)),
                Button("job.time", JobTime(ticket=ticket_id)),
            ],
            [Button("job.done", JobFinish(ticket=ticket_id))],
            [Button("job.back", JobOpen(ticket=ticket_id)), Button("job.list", JobList())],
        ]
    )


@buttons("engineer/items")
def items(_lang: str, *, ticket_id: int, items: Sequence[BookItem], page: int, pages: int, **_values: Any) -> Keyboard:
    rows = [[Button(text=item.name, press=JobAdd(ticket=ticket_id, item=item.id))] for item in items]
    turning = []
    if page > 0:
        turning.append(Button("job.earlier", JobItems(ticket=ticket_id, page=page - 1)))
    if page + 1 < pages:
        turning.append(Button("job.further", JobItems(ticket=ticket_id, page=page + 1)))
    ways = [Button("job.find", JobFind(ticket=ticket_id)), Button("job.spec", JobSpec(ticket=ticket_id))]
    return Keyboard([*rows, turning, ways])


@buttons("engineer/quantity")
def quantity(_lang: str, *, ticket_id: int, item_id: int, lines: int, **_values: Any) -> Keyboard:
    row = [
        Button(
            "job.times", JobAdd(ticket=ticket_id, item=item_id, quantity=count, lines=lines), values={"count": count}
        )
        for count in QUANTITIES
    ]
    return Keyboard([row, [Button("job.spec", JobSpec(ticket=ticket_id))]])


@buttons("engineer/find", "engineer/time")
def to_spec(_lang: str, *, ticket_id: int, **_values: Any) -> Keyboard:
    return Keyboard([[Button("job.spec", JobSpec(ticket=ticket_id))]])


@buttons("quote/approved_told", "quote/declined_told", "quote/prepaid", "quote/left_undone")
def quote_answered(_lang: str, *, ticket_id: int, reader: str, **_values: Any) -> Keyboard:
    """`reader`: the group has its card above, the engineer and the requester a way to theirs."""
    if reader == "engineer":
        spec, back = Button("job.spec", JobSpec(ticket=ticket_id)), Button("job.back", JobOpen(ticket=ticket_id))
        return Keyboard([[spec, back]])
    if reader == "requester":
        return Keyboard([[Button("ticket.back", TicketOpen(ticket=ticket_id))]])
    return Keyboard([])


@buttons("quote/expired")
def expired(_lang: str, *, ticket_id: int, done: bool, staff: bool, **_values: Any) -> Keyboard | None:
    return Keyboard([_pricing(ticket_id)]) if done and staff else None


@buttons("ticket/prepayment_due")
def prepayment_due(_lang: str, *, ticket_id: int, quote_id: int, more: bool, **_values: Any) -> Keyboard:
    return Keyboard([[Button("job.prepaid", JobPrepaid(quote=quote_id) if more else JobRelease(ticket=ticket_id))]])


@buttons("ticket/client_says")
def client_says(_lang: str, *, ticket_id: int, **_values: Any) -> Keyboard:
    return Keyboard(
        [[Button("ticket.reply", JobWrite(ticket=ticket_id)), Button("job.back", JobOpen(ticket=ticket_id))]]
    )


@buttons("ticket/staff_written", "ticket/edit_told")
def to_job_if_any(_lang: str, *, ticket_id: int | None, **_values: Any) -> Keyboard | None:
    return Keyboard([[Button("job.back", JobOpen(ticket=ticket_id))]]) if ticket_id is not None else None


@buttons("ticket/stays_inside")
def stays_inside(
    _lang: str, *, ticket_id: int | None, message_id: int | None = None, **_values: Any
) -> Keyboard | None:
    """`message_id`: what was said; it can go to the client as it is."""
    if message_id is not None:
        return Keyboard([[Button("job.pass_on", NotePass(message=message_id))]])
    return Keyboard([[Button("job.write", JobWrite(ticket=ticket_id))]]) if ticket_id is not None else None


@buttons(
    "ticket/staff_write",
    "dispatch/sla_warn",
    "dispatch/sla_late",
    "dispatch/not_taken",
    "dispatch/estimate",
    "dispatch/estimated",
    "dispatch/still_waits",
    "quote/nobody",
)
def to_job(_lang: str, *, ticket_id: int, **_values: Any) -> Keyboard:
    return Keyboard([[Button("job.back", JobOpen(ticket=ticket_id))]])


@buttons("dispatch/disputed")
def disputed(_lang: str, *, ticket_id: int, **_values: Any) -> Keyboard:
    return Keyboard(
        [
            [
                Button("job.keep_line", JobResolve(ticket=ticket_id, keep=1)),
                Button("job.drop_line", JobResolve(ticket=ticket_id, keep=0)),
            ],
            [Button("job.write", JobWrite(ticket=ticket_id))],
        ]
    )


def _pricing(ticket_id: int) -> list[Button]:
    return [
        Button("job.estimate", JobEstimate(ticket=ticket_id)),
        Button("job.write_off", JobWriteOff(ticket=ticket_id)),
    ]


def _working(ticket_id: int) -> list[Button]:
    return [Button("job.more", JobItems(ticket=ticket_id)), Button("job.finish", JobSpec(ticket=ticket_id))]
