"""The client accepts, disputes a line, or keeps silent; then the hours are drawn (R4.3, R10.4)."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlmodel import col, select

from bot.billing.hours.give_back import draws_of_times, draws_of_works, give_back
from bot.billing.hours.holds import consume, consume_visit, lock_pools, release_work, unit_of_ticket
from bot.billing.hours.units import MINUTES, TICKETS
from bot.billing.prices.rule import hour_of
from bot.billing.work.models import LineCoverage, TimeEntry, WorkLine
from bot.clients.audiences import Dispatchers
from bot.db.errors import NotFound, Refusal
from bot.db.unit_of_work import UnitOfWork
from bot.messaging.timers import drop_timer
from bot.tickets.bill.card import show
from bot.tickets.bill.count_minutes import count_minutes, standing_entries
from bot.tickets.bill.promised import draws_hours, time_to_draw, works_to_draw
from bot.tickets.life.acts import Act
from bot.tickets.life.deadlines import work_day
from bot.tickets.life.leave import require_act, require_state
from bot.tickets.life.lifecycle import came_again, locked_ticket, move, moved, note
from bot.tickets.life.models import Ticket, TicketState
from bot.tickets.life.open_price import price_waits
from bot.tickets.offers.late_yes import accept_quotes, accepted_already, close_ticket
from bot.tickets.work.finish import ask_to_accept

ACCEPTABLE = (TicketState.DONE, TicketState.DISPUTED)
BEST = 5


@dataclass(frozen=True, slots=True)
class WorkDisputed:
    """What the client contests: a line of the specification by its name, or minutes of labour."""

    ticket_id: int
    number: int
    line: str
    minutes: int
    reason: str


class NoReason(Refusal):
    """A dispute says what is wrong."""

    key = "refusal.no_reason"


def accept_work(uow: UnitOfWork, ticket_id: int, by: int | None) -> Ticket:
    """Accept what isn't disputed: hours are drawn by the date of work, the rest of the hold goes back (R4.3). While the
    price of urgent work waits for its answer, nothing is billed and the ticket stays open (R3.1).

    `by` None: silence accepted. The same press again gets the same answer. Raises NotFound, NotAllowed, TicketMoved.
    """
    ticket = locked_ticket(uow.session, ticket_id)
    if by is None:
        require_state(uow.session, ticket, Act.ACCEPT)
    else:
        require_act(uow.session, ticket, Act.ACCEPT, by)
    if ticket.state is TicketState.CLOSED:
        return ticket
    if ticket.state is TicketState.DONE and accepted_already(uow.session, ticket):
        return ticket
    settle(uow, ticket, by)
    drop_timer(uow.session, f"accept:{ticket.id}", uow.now)
    kind = "accepted" if by is not None else "accepted_by_silence"
    waits = price_waits(uow.session, ticket) is not None
    if not waits:
        accept_quotes(uow.session, ticket)
    if disputed := _disputed(uow, ticket):
        kind = "accepted_rest"
    if disputed or waits:
        note(uow, ticket, kind, by)
        show(uow, ticket)
    else:
        close_ticket(uow, ticket, kind, by)
    return ticket


def dispute_work(uow: UnitOfWork, ticket_id: int, kind: str, line_id: int, reason: str, by: int) -> Ticket:
    """Freeze one line, the rest goes on (R10.4). `kind` is `work` or `time`.

    Raises NotFound, NotAllowed, TicketMoved, NoReason.
    """
    ticket = locked_ticket(uow.session, ticket_id)
    require_act(uow.session, ticket, Act.DISPUTE, by)
    if not reason.strip():
        raise NoReason
    line: WorkLine | TimeEntry | None
    line = uow.session.get(WorkLine, line_id) if kind == "work" else uow.session.get(TimeEntry, line_id)
    if line is None or line.ticket_id != ticket_id or _taken_off(line):
        raise NotFound
    line.disputed_at = line.disputed_at or uow.now
    if ticket.state is TicketState.DONE:
        move(uow, ticket, TicketState.DISPUTED, "disputed", by, line=line_id, what=kind, reason=reason[:600])
    else:
        note(uow, ticket, "disputed", by, line=line_id, what=kind, reason=reason[:600])
    show(uow, ticket)
    uow.tell(
        Dispatchers(topic_key=f"ticket:{ticket.id}"),
        "dispatch/disputed",
        WorkDisputed(
            ticket.id,
            ticket.number,
            line=line.name if isinstance(line, WorkLine) else "",
            minutes=line.minutes if isinstance(line, TimeEntry) else 0,
            reason=reason,
        ),
    )
    return ticket


def resolve_dispute(uow: UnitOfWork, ticket_id: int, keep: bool, by: int) -> Ticket:
    """Staff settles it: the disputed lines stay and the client is asked again, or they are taken off. The same press
    again changes nothing.

    Raises NotAllowed, TicketMoved.
    """
    ticket = locked_ticket(uow.session, ticket_id)
    require_act(uow.session, ticket, Act.RESOLVE, by)
    kind = "dispute_kept" if keep else "dispute_granted"
    if ticket.state is TicketState.DONE:
        if not came_again(uow.session, ticket, by, kind):
            raise moved(uow.session, ticket)
        return ticket
    works, entries = _disputed_lines(uow, ticket)
    for line in works:
        line.disputed_at = None
        if not keep:
            line.removed_at = line.struck_at = uow.now
    for entry in entries:
        entry.disputed_at = None
        if not keep:
            entry.billed_minutes = 0
            entry.settled_at = entry.struck_at = uow.now
    count_minutes(uow.session, ticket)
    if not keep:
        _take_back(uow, ticket, works, entries, by)
    move(uow, ticket, TicketState.DONE, kind, by)
    ask_to_accept(uow, ticket)
    return ticket


def _take_back(
    uow: UnitOfWork, ticket: Ticket, works: Sequence[WorkLine], entries: Sequence[TimeEntry], by: int
) -> None:
    """What the lines that were taken off have drawn is given back, what they hold is released (R4.10)."""
    draws = [
        *draws_of_times(uow.session, [entry.id for entry in entries]),
        *draws_of_works(uow.session, [line.id for line in works]),
    ]
    give_back(uow, ticket.contract_id, draws, by)
    for line in works:
        ticket.held_amount -= release_work(uow, ticket.id, line.id, by)


def rate_work(uow: UnitOfWork, ticket_id: int, rating: int, by: int) -> Ticket:
    """1–5 after the ticket is closed; the last word stands. Raises NotFound, NotAllowed, TicketMoved."""
    ticket = locked_ticket(uow.session, ticket_id)
    require_act(uow.session, ticket, Act.RATE, by)
    if not 1 <= rating <= BEST:
        raise moved(uow.session, ticket)
    if ticket.rating != rating:
        ticket.rating = rating
        note(uow, ticket, "rated", by, rating=rating)
        show(uow, ticket)
    return ticket


def accept_silence(uow: UnitOfWork, payload: dict[str, Any]) -> None:
    """Timer: the client has kept silent for the policy's working days, which accepts (R10.4)."""
    ticket = locked_ticket(uow.session, int(payload["ticket_id"]))
    if ticket.state in ACCEPTABLE:
        accept_work(uow, ticket.id, None)


def settle(uow: UnitOfWork, ticket: Ticket, by: int | None) -> None:
    """Draw the billed minutes of each time entry that stands and isn't disputed. Minutes that no pool could take are
    kept as free work: none are lost (R4.7)."""
    count_minutes(uow.session, ticket)
    standing = _standing(uow, ticket)
    visited_on = standing[0].work_date if standing else work_day(uow.session, ticket, uow.now)
    lock_pools(uow.session, ticket.id, ticket.contract_id)
    consume_visit(uow, ticket.id, ticket.contract_id, visited_on, by)
    if not draws_hours(ticket):
        for entry in standing:
            entry.settled_at = uow.now
        return
    draws = time_to_draw(uow.session, ticket, standing, _frozen(uow, ticket))
    works = works_to_draw(uow.session, ticket)
    rest = sum(each.need for each in draws.values()) + sum(works.values())
    by_minutes = unit_of_ticket(uow.session, ticket.id) in (MINUTES, TICKETS)
    for entry in standing:
        rest -= draws[entry.id].need
        over = _draw(uow, ticket, draws[entry.id].amount, entry.work_date, by, time_entry=entry.id, keep=rest)
        if over:
            uow.session.add(
                WorkLine(
                    ticket_id=ticket.id,
                    item_code=hour_of(ticket.work_type),
                    name=hour_of(ticket.work_type),
                    unit="minute",
                    quantity=over if by_minutes else entry.billed_minutes or 0,
                    coverage=LineCoverage.FREE,
                    added_by=by,
                    added_at=uow.now,
                )
            )
        entry.settled_at = uow.now
    for line in _works_of(uow, works):
        if line.disputed_at is None:
            amount = works[line.id]
            rest -= amount
            _draw(uow, ticket, amount, visited_on, by, work_line=line.id, keep=rest)
    uow.session.flush()


def _works_of(uow: UnitOfWork, lines: Collection[int]) -> Sequence[WorkLine]:
    query = select(WorkLine).where(col(WorkLine.id).in_(lines), col(WorkLine.removed_at).is_(None))
    return uow.session.exec(query.order_by(col(WorkLine.id))).all()


def _draw(
    uow: UnitOfWork,
    ticket: Ticket,
    need: int,
    on: date,
    by: int | None,
    *,
    keep: int,
    time_entry: int | None = None,
    work_line: int | None = None,
) -> int:
    if not need:
        return 0
    return consume(
        uow,
        ticket.id,
        ticket.contract_id,
        need,
        on,
        by,
        object_id=ticket.object_id,
        work_type=ticket.work_type,
        time_entry=time_entry,
        work_line=work_line,
        keep=keep,
    )


def _standing(uow: UnitOfWork, ticket: Ticket) -> list[TimeEntry]:
    rows = standing_entries(uow.session, ticket.id)
    return [row for row in rows if row.settled_at is None and row.disputed_at is None]


def _taken_off(line: WorkLine | TimeEntry) -> bool:
    return (line.removed_at if isinstance(line, WorkLine) else line.struck_at) is not None


def _frozen(uow: UnitOfWork, ticket: Ticket) -> list[TimeEntry]:
    """Time whose dispute is open: what it needs stays held."""
    return [entry for entry in _disputed_lines(uow, ticket)[1] if entry.settled_at is None]


def _disputed(uow: UnitOfWork, ticket: Ticket) -> bool:
    works, entries = _disputed_lines(uow, ticket)
    return bool(works or entries)


def _disputed_lines(uow: UnitOfWork, ticket: Ticket) -> tuple[list[WorkLine], list[TimeEntry]]:
    works = uow.session.exec(
        select(WorkLine).where(
            WorkLine.ticket_id == ticket.id,
            col(WorkLine.disputed_at).is_not(None),
            col(WorkLine.removed_at).is_(None),
        )
    ).all()
    entries = uow.session.exec(
        select(TimeEntry).where(TimeEntry.ticket_id == ticket.id, col(TimeEntry.disputed_at).is_not(None))
    ).all()
    return list(works), list(entries)
