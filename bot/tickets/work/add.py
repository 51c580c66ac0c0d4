"""Works and parts of a job: each addition is decided anew, and if paid, waits for its own yes (R3.4, R10.1)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlmodel import Session, col, func, select

from bot.billing.hours.draw import Draw
from bot.billing.hours.holds import held_by_works, hold, release_work, tickets_of, unit_of_ticket
from bot.billing.hours.models import Pool
from bot.billing.hours.units import MINUTES, TICKETS
from bot.billing.prices.book import BookItem, work_items
from bot.billing.prices.models import WorkItem
from bot.billing.prices.rule import PriceMode, hour_of
from bot.billing.quotes.approve import withdraw_quote
from bot.billing.quotes.diagnostics import with_credit
from bot.billing.quotes.models import Quote, QuoteState
from bot.billing.quotes.rule import MINUTE, PIECE, QuoteLine
from bot.billing.quotes.send import OPEN, awaits_prepayment, lock_quotes, quotes_of, version_of
from bot.billing.scope.decide import Asked, decide_scope, decide_to_hold, expected_minutes, keep_decision
from bot.billing.scope.rule import Decision, Result
from bot.billing.work.models import LineCoverage, WorkLine
from bot.db.errors import NotFound, Outdated, Refusal
from bot.db.unit_of_work import UnitOfWork
from bot.tickets.bill.card import show
from bot.tickets.life.acts import Act
from bot.tickets.life.deadlines import follow
from bot.tickets.life.leave import require_act
from bot.tickets.life.lifecycle import locked_ticket, move, note
from bot.tickets.life.models import Ticket, TicketState
from bot.tickets.offers.moving_on import move_on
from bot.tickets.offers.offer import agreed_by_fact, asked_of, offer_of, send_offer
from bot.tickets.offers.offering import offer_to_people

STANDING = (QuoteState.APPROVED, QuoteState.IN_WORK, QuoteState.DONE, QuoteState.ACCEPTED)  # a job may come back
COVERAGE = {
    Result.COVERED: LineCoverage.COVERED,
    Result.COVERED_BY_HOURS: LineCoverage.HOURS,
    Result.WARRANTY: LineCoverage.WARRANTY,
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
    """Add a work or part on site. What the ticket's own decision covers or its quote has room for belongs to it;
    anything else is a new decision and, if paid, a mini quote: work on it starts only after approval (R3.4).

    `lines`, where given, is how many had been added when the engineer chose: a finger that slipped adds once.
    Raises NotAllowed, NotYours, TicketMoved, NotFound, NoPrice, NotPayable, Outdated.
    """
    session = uow.session
    ticket = locked_ticket(session, ticket_id)
    require_act(session, ticket, Act.ADD_WORK, by)
    lock_quotes(session, ticket_id)
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
    if item.kind == "work" and item.work_type == ticket.work_type and ticket.coverage:
        quote, draws = _of_its_kind(uow, ticket, item, line, by)
    else:
        quote, draws = _decided(uow, ticket, item, line, by)
    session.add(line)
    session.flush()
    quote_id = quote.id if quote is not None else None
    ticket.held_amount += hold(uow, ticket_id, _not_yet(uow, ticket, draws), by, quote_id, line.id)
    note(uow, ticket, "work_added", by, item=item.name, quantity=quantity)
    if quote is not None and quote.state in OPEN and ticket.state is TicketState.IN_WORK:
        move(uow, ticket, TicketState.WAITING, "waits_for_approval", None)
        follow(uow, ticket)
    show(uow, ticket)
    return Added(line, quote, ticket)


def remove_work(uow: UnitOfWork, ticket_id: int, line_id: int, by: int) -> Ticket:
    """Take a line back before the work is finished; a quote for it that is open or waits for its prepayment is
    withdrawn. Raises NotFound, TicketMoved."""
    ticket = locked_ticket(uow.session, ticket_id)
    require_act(uow.session, ticket, Act.REMOVE_WORK, by)
    lock_quotes(uow.session, ticket_id)
    line = uow.session.get(WorkLine, line_id)
    if line is None or line.ticket_id != ticket_id or line.removed_at is not None:
        raise NotFound
    line.removed_at = uow.now
    ticket.held_amount -= release_work(uow, ticket_id, line_id, by)
    if line.quote_id is not None:
        withdraw_quote(uow, line.quote_id)
    note(uow, ticket, "work_removed", by, item=line.name)
    move_on(uow, ticket)
    follow(uow, ticket)
    show(uow, ticket)
    return ticket


def items_for(uow: UnitOfWork, ticket: Ticket) -> list[BookItem]:
    """Items of the price list, those of the ticket's own work type first."""
    rows = work_items(uow.session, col(WorkItem.name), col(WorkItem.id))
    return sorted(rows, key=lambda row: (row.part, row.work_type != ticket.work_type))


_Answer = tuple[Quote | None, Sequence[Draw]]  # the quote where there is one, and what is held at once


def _of_its_kind(uow: UnitOfWork, ticket: Ticket, item: WorkItem, line: WorkLine, by: int) -> _Answer:
    """A work of the kind the ticket was decided for: covered like it, within its «до N», or hours that were agreed
    anyway. A price of its own, and hours beyond those agreed, are a quote of their own (R3.4, R7.8)."""
    covered = COVERAGE.get(Result(ticket.coverage))
    if covered is LineCoverage.HOURS:
        return _by_hours(uow, ticket, item, line, by)
    if covered is not None:
        line.coverage = covered
        return None, ()
    estimate = standing_estimate(uow.session, ticket.id)
    if estimate is not None:
        return _within_estimate(uow, ticket, item, line, by, estimate)
    if _within_hours(uow, ticket, item, line.quantity):
        line.coverage = LineCoverage.QUOTE
        return None, ()
    return _decided(uow, ticket, item, line, by)


def _by_hours(uow: UnitOfWork, ticket: Ticket, item: WorkItem, line: WorkLine, by: int) -> _Answer:
    """More work by hours holds more of them (R4.10); what no pool has needs a yes. The hours that are held for the job
    serve its own lines by the hour too, and one ticket of a pool of tickets serves all of them (R4.1)."""
    decision = decide_to_hold(uow, _asked(uow, ticket, item, line.quantity))
    if not decision.free:
        one_for_all = bool(tickets_of(uow.session, ticket.id))
        if one_for_all or _within_hours(uow, ticket, item, line.quantity):
            line.coverage = LineCoverage.HOURS
            return None, ()
    return _answered(uow, ticket, item, line, by, decision)


def _not_yet(uow: UnitOfWork, ticket: Ticket, draws: Sequence[Draw]) -> list[Draw]:
    """Without a second ticket of a pool of tickets: one is drawn a job, however many works it has (R4.1)."""
    units = {str(pool_id): uow.session.get_one(Pool, pool_id).unit for pool_id in {int(each.pool) for each in draws}}
    has = bool(tickets_of(uow.session, ticket.id))
    return [each for each in draws if units[each.pool] != TICKETS or not has]


def standing_estimate(session: Session, ticket_id: int) -> Quote | None:
    """The approved «до N» of a ticket, whose fact is billed up to N (R7.8)."""
    for quote in reversed(quotes_of(session, ticket_id)):
        version = version_of(session, quote)
        # An «до N» of time alone bills the time: parts don't fit into it.
        agreed = quote.state in STANDING and not awaits_prepayment(quote)
        if agreed and version.up_to and all(line["unit"] != MINUTE for line in version.lines):
            return quote
    return None


def _within_hours(uow: UnitOfWork, ticket: Ticket, item: WorkItem, quantity: int) -> bool:
    return item.mode == PriceMode.ACTUAL and _minutes(uow, ticket, item, quantity) <= _hours_left(uow, ticket)


def _hours_left(uow: UnitOfWork, ticket: Ticket) -> int:
    """Minutes that are held or were offered for the ticket's own work and that no line of it takes yet."""
    hour = hour_of(ticket.work_type)
    pooled = unit_of_ticket(uow.session, ticket.id) == MINUTES
    added = held_by_works(uow.session, ticket.id)
    by_hours = ticket.coverage in (Result.PARTLY, Result.COVERED_BY_HOURS)
    agreed = ticket.held_amount - sum(added.values()) if by_hours and pooled else 0
    for quote in quotes_of(uow.session, ticket.id):
        if quote.state in (*OPEN, *STANDING):
            lines = version_of(uow.session, quote).lines
            agreed += sum(each["quantity"] for each in lines if each["item"] == each["name"] == hour)
    rows = uow.session.exec(
        select(WorkLine, WorkItem)
        .join(WorkItem, col(WorkItem.code) == col(WorkLine.item_code))
        .where(WorkLine.ticket_id == ticket.id, col(WorkLine.removed_at).is_(None), col(WorkLine.quote_id).is_(None))
        .where(col(WorkLine.coverage).in_((LineCoverage.QUOTE, LineCoverage.HOURS)), WorkItem.mode == PriceMode.ACTUAL)
    ).all()
    mine = [(line, item) for line, item in rows if line.id not in added]
    return agreed - sum(_minutes(uow, ticket, item, line.quantity) for line, item in mine)


def _minutes(uow: UnitOfWork, ticket: Ticket, item: WorkItem, quantity: int) -> int:
    return expected_minutes(uow.session, replace(asked_of(uow, ticket), item=item, quantity=quantity))


def _within_estimate(
    uow: UnitOfWork, ticket: Ticket, item: WorkItem, line: WorkLine, by: int, estimate: Quote
) -> _Answer:
    """What still fits into «до N» belongs to it; what doesn't, waits for a quote of its own (R7.8)."""
    decision = decide_scope(uow, _asked(uow, ticket, item, line.quantity))
    lines = _named(decision, item, line.quantity)
    if decision.result not in (Result.PAID, Result.ON_HOLD) or not lines:
        return _decided(uow, ticket, item, line, by)
    price = sum(each.kopecks for each in lines)
    earlier = uow.session.exec(
        select(WorkLine).where(WorkLine.quote_id == estimate.id, col(WorkLine.removed_at).is_(None))
    ).all()
    spent = sum((each.price or 0) * each.quantity for each in earlier)
    if spent + price > version_of(uow.session, estimate).gross:
        return _decided(uow, ticket, item, line, by)
    line.coverage, line.quote_id, line.price = LineCoverage.QUOTE, estimate.id, price // line.quantity
    return None, ()


def _asked(uow: UnitOfWork, ticket: Ticket, item: WorkItem, quantity: int) -> Asked:
    shares = tickets_of(uow.session, ticket.id)
    return replace(asked_of(uow, ticket), work_type=item.work_type, item=item, quantity=quantity, shares=shares)


def _decided(uow: UnitOfWork, ticket: Ticket, item: WorkItem, line: WorkLine, by: int) -> _Answer:
    decision = decide_to_hold(uow, _asked(uow, ticket, item, line.quantity))
    return _answered(uow, ticket, item, line, by, decision)


def _answered(uow: UnitOfWork, ticket: Ticket, item: WorkItem, line: WorkLine, by: int, decision: Decision) -> _Answer:
    if decision.result is Result.ON_HOLD or decision.on_hold:
        raise NotPayable
    if decision.result in COVERAGE:
        keep_decision(uow, ticket.id, decision)
        line.coverage = COVERAGE[decision.result]
        return None, decision.draws
    if not decision.lines:
        raise NoPrice(name=item.name)
    keep_decision(uow, ticket.id, decision)
    contract = int(decision.contract or ticket.contract_id)
    on = asked_of(uow, ticket).on
    lines = with_credit(uow.session, ticket.id, contract, on, _named(decision, item, line.quantity))
    timed = item.mode == PriceMode.ACTUAL and all(each.unit == MINUTE for each in lines)
    by_fact = timed and agreed_by_fact(uow.session, ticket, decision)
    offer = replace(offer_of(uow, ticket, decision), lines=lines, work=item.name, more=True, up_to=by_fact)
    offer = replace(offer, emergency=False)  # what is added starts after its yes, however urgent the job was (R3.4)
    quote, agreed = send_offer(uow, ticket, offer, decision, by)
    line.coverage, line.quote_id = LineCoverage.QUOTE, quote.id
    line.price = version_of(uow.session, quote).gross // line.quantity
    if agreed:
        return quote, decision.draws
    offer_to_people(uow, ticket, quote)
    return quote, ()


def _named(decision: Decision, item: WorkItem, quantity: int) -> tuple[QuoteLine, ...]:
    """The lines in the words of the price list; what is left to pay of several pieces is one sum."""
    return tuple(
        replace(each, name=item.name, unit=item.unit if each.quantity == quantity else PIECE)
        if each.item == item.code
        else each
        for each in decision.lines
    )
