"""Works and parts of a job: each addition is decided anew, and if paid, waits for its own yes (R3.4, R10.1)."""

from dataclasses import dataclass, replace

from sqlmodel import Session, col, func, select

from bot.billing.approve_quote import withdraw_quote
from bot.billing.decide_scope import decide_scope, keep_decision
from bot.billing.diagnostics import with_credit
from bot.billing.models import Quote, QuoteState, WorkItem, WorkLine
from bot.billing.quoting import MINUTE, QuoteLine, pieces_line
from bot.billing.scope import Decision, Result
from bot.billing.send_quote import OPEN, quotes_of, send_quote, version_of
from bot.db.errors import NotFound, Outdated, Refusal
from bot.db.unit_of_work import UnitOfWork
from bot.tickets.cards import show
from bot.tickets.deadlines import follow
from bot.tickets.lifecycle import TicketMoved, locked_ticket, move, note
from bot.tickets.models import Ticket, TicketState
from bot.tickets.offering import offer_to_people
from bot.tickets.open_ticket import asked_of, offer_of, self_approved
from bot.tickets.rights import require_engineer_of

WORKING = (TicketState.IN_WORK, TicketState.WAITING)
COVERAGE = {
    Result.COVERED: "covered",
    Result.COVERED_BY_HOURS: "hours",
    Result.WARRANTY: "warranty",
}
MOST = 99


class NoPrice(Refusal):
    """The item has no price for this client: an estimate is needed, never zero (R5.2)."""

    key = "refusal.no_price"


class NotPayable(Refusal):
    """New paid work waits for payment of a debt (R9.1)."""

    key = "refusal.on_hold"


@dataclass(frozen=True, slots=True)
class Added:
    """The line, and its quote when it must be approved first."""

    line: WorkLine
    quote: Quote | None
    ticket: Ticket


def lines_ever(session: Session, ticket_id: int) -> int:
    """How many lines were ever added to a job, the removed ones too."""
    return session.exec(select(func.count()).select_from(WorkLine).where(WorkLine.ticket_id == ticket_id)).one()


def add_work(
    uow: UnitOfWork, ticket_id: int, item_id: int, quantity: int, by: int, *, lines: int | None = None
) -> Added:
    """Add a work or part on site. A work of the kind the ticket was decided for belongs to that decision; anything else
    is a new decision and, if paid, a mini quote: work on it starts only after approval (R3.4).

    `lines`, where given, is how many had been added when the engineer chose: a finger that slipped adds once.
    Raises NotAllowed, NotYours, TicketMoved, NotFound, NoPrice, NotPayable, Outdated.
    """
    session = uow.session
    ticket = locked_ticket(session, ticket_id)
    require_engineer_of(session, ticket, by)
    if ticket.state not in WORKING:
        raise TicketMoved
    if lines is not None and lines != lines_ever(session, ticket_id):
        raise Outdated
    item = session.get(WorkItem, item_id)
    if item is None or not 1 <= quantity <= MOST:
        raise NotFound
    line = WorkLine(
        ticket_id=ticket_id,
        item_code=item.code,
        name=item.name,
        unit=item.unit,
        quantity=quantity,
        added_by=by,
        added_at=uow.now,
    )
    quote: Quote | None = None
    if item.kind == "work" and item.work_type == ticket.work_type and ticket.coverage:
        line.coverage = _of_ticket(ticket)
        estimate = standing_estimate(session, ticket_id) if line.coverage == "quote" else None
        if estimate is not None:
            quote = _within_estimate(uow, ticket, item, line, by, estimate)
    else:
        quote = _decided(uow, ticket, item, line, by)
    session.add(line)
    session.flush()
    note(uow, ticket, "work_added", by, item=item.name, quantity=quantity)
    if quote is not None and quote.state in OPEN and ticket.state is TicketState.IN_WORK:
        move(uow, ticket, TicketState.WAITING, "waits_for_approval", None)
        follow(uow, ticket)
    show(uow, ticket)
    return Added(line, quote, ticket)


def remove_work(uow: UnitOfWork, ticket_id: int, line_id: int, by: int) -> Ticket:
    """Take a line back before the work is finished; an open quote for it is withdrawn. Raises NotFound, TicketMoved."""
    ticket = locked_ticket(uow.session, ticket_id)
    require_engineer_of(uow.session, ticket, by)
    if ticket.state not in WORKING:
        raise TicketMoved
    line = uow.session.get(WorkLine, line_id)
    if line is None or line.ticket_id != ticket_id or line.removed_at is not None:
        raise NotFound
    line.removed_at = uow.now
    if line.quote_id is not None:
        withdraw_quote(uow, line.quote_id)
    note(uow, ticket, "work_removed", by, item=line.name)
    waits = any(quote.state in OPEN for quote in quotes_of(uow.session, ticket_id))
    if ticket.state is TicketState.WAITING and not waits:
        move(uow, ticket, TicketState.IN_WORK, "goes_on", None)
        follow(uow, ticket)
    show(uow, ticket)
    return ticket


def items_for(uow: UnitOfWork, ticket: Ticket) -> list[WorkItem]:
    """Items of the price list, those of the ticket's own work type first."""
    rows = uow.session.exec(select(WorkItem).order_by(col(WorkItem.name), col(WorkItem.id))).all()
    return sorted(rows, key=lambda row: (row.kind != "work", row.work_type != ticket.work_type))


def _of_ticket(ticket: Ticket) -> str:
    return COVERAGE.get(Result(ticket.coverage), "quote")


def standing_estimate(session: Session, ticket_id: int) -> Quote | None:
    """The approved «до N» of a ticket, whose fact is billed up to N (R7.8)."""
    standing = (QuoteState.APPROVED, QuoteState.IN_WORK)
    for quote in reversed(quotes_of(session, ticket_id)):
        version = version_of(session, quote)
        # An «до N» of time alone bills the time: parts don't fit into it.
        if quote.state in standing and version.up_to and all(line["unit"] != MINUTE for line in version.lines):
            return quote
    return None


def _within_estimate(
    uow: UnitOfWork, ticket: Ticket, item: WorkItem, line: WorkLine, by: int, estimate: Quote
) -> Quote | None:
    """What still fits into «до N» belongs to it; what doesn't, waits for a quote of its own (R7.8)."""
    asked = replace(asked_of(uow, ticket), work_type=item.work_type, item=item, quantity=line.quantity)
    price = next((each.price for each in decide_scope(uow, asked).lines if each.item == item.code), None)
    if price is None:
        raise NoPrice(name=item.name)
    earlier = uow.session.exec(
        select(WorkLine).where(WorkLine.quote_id == estimate.id, col(WorkLine.removed_at).is_(None))
    ).all()
    spent = sum((each.unit_price or 0) * each.quantity for each in earlier)
    if spent + price * line.quantity > version_of(uow.session, estimate).gross:
        return _decided(uow, ticket, item, line, by)
    line.quote_id, line.unit_price = estimate.id, price
    return None


def _decided(uow: UnitOfWork, ticket: Ticket, item: WorkItem, line: WorkLine, by: int) -> Quote | None:
    asked = replace(asked_of(uow, ticket), work_type=item.work_type, item=item, quantity=line.quantity)
    decision = decide_scope(uow, asked)
    if decision.result is Result.ON_HOLD or decision.on_hold:
        raise NotPayable
    if decision.result in COVERAGE:
        keep_decision(uow, ticket.id or 0, decision)
        line.coverage = COVERAGE[decision.result]
        return None
    if not decision.lines:
        raise NoPrice(name=item.name)
    keep_decision(uow, ticket.id or 0, decision)
    contract = int(decision.contract or ticket.contract_id)
    lines = with_credit(uow.session, ticket.id or 0, contract, asked.on, _whole(decision, item, line.quantity))
    offer = replace(offer_of(uow, ticket, decision), lines=lines, work=item.name, more=True)
    quote = send_quote(uow, offer, by)
    line.coverage, line.quote_id = "quote", quote.id
    line.unit_price = version_of(uow.session, quote).gross // line.quantity
    if not self_approved(uow, ticket, quote, decision):
        offer_to_people(uow, ticket, quote)
    return quote


def _whole(decision: Decision, item: WorkItem, quantity: int) -> tuple[QuoteLine, ...]:
    """The decision prices one piece; the quote names them all."""
    return tuple(
        pieces_line(each.item, item.name, item.unit, quantity, each.price) if each.item == item.code else each
        for each in decision.lines
    )
