"""What accepted time takes from the pools of its ticket, in the pools' unit (R4.1, R4.3)."""

from collections.abc import Sequence

from sqlmodel import Session, col, select

from bot.billing.hours.holds import unit_of_ticket
from bot.billing.hours.units import BY_PRICE, POINTS
from bot.billing.quotes.rule import MINUTE
from bot.billing.scope.cost import cost
from bot.billing.scope.hours import Cover, points
from bot.billing.scope.input import ContractTerms, ScopeRequest
from bot.billing.scope.kept import first_decision
from bot.billing.scope.snapshot import thaw
from bot.billing.scope.worked import Booked, agreed_rate, parts_by_entry, rated
from bot.billing.terms.of_contract import terms_by_day
from bot.billing.work.models import TimeEntry
from bot.db.clock import local
from bot.tickets.bill.count_minutes import rounding_of, settled_together
from bot.tickets.life.deadlines import zone_of
from bot.tickets.life.models import Ticket


def drawn_need(session: Session, ticket: Ticket, entries: Sequence[TimeEntry]) -> dict[int, int]:
    """The need of each time entry by its id: billed minutes, or their price at the rates of the decision for pools of
    roubles (kopecks) and points. The call-out and the road are paid with the first entry."""
    unit = unit_of_ticket(session, ticket.id)
    if unit not in BY_PRICE:
        return {entry.id: entry.billed_minutes or 0 for entry in entries}
    request, contract = _agreed(session, ticket)
    prices = _prices(session, ticket, entries, request, contract)
    if entries and not _settled_before(session, ticket):
        prices[entries[0].id] += _beside_time(request, contract)
    if unit == POINTS and contract.point is not None:
        return {entry: points(kopecks, contract.point) for entry, kopecks in prices.items()}
    return prices


def _agreed(session: Session, ticket: Ticket) -> tuple[ScopeRequest, ContractTerms]:
    """What the ticket was decided on first, and the contract that pays it."""
    row = first_decision(session, ticket.id)
    request = thaw(ScopeRequest, row.snapshot)
    return request, next(each for each in request.contracts if each.id == row.explanation["contract"])


def _prices(
    session: Session, ticket: Ticket, entries: Sequence[TimeEntry], request: ScopeRequest, contract: ContractTerms
) -> dict[int, int]:
    rate_of = agreed_rate(request, contract.id)
    if rate_of is None:
        return {entry.id: 0 for entry in entries}
    zone = zone_of(session, ticket)
    terms = terms_by_day(session, ticket.contract_id, [entry.work_date for entry in entries])
    booked = [
        Booked(
            local(entry.started_at, zone) if entry.started_at else None,
            entry.minutes,
            entry.billed_minutes or 0,
            settled_together(entry, rounding_of(terms[entry.work_date]).scope),
        )
        for entry in entries
    ]
    priced = zip(entries, parts_by_entry(booked, contract.bands), strict=True)
    return {
        entry.id: sum(each.kopecks for each in rated(parts, 0, sum(part.minutes for part in parts), rate_of))
        for entry, parts in priced
    }


def _beside_time(request: ScopeRequest, contract: ContractTerms) -> int:
    wanted = request.service_object
    if wanted is None:
        return 0
    lines, _ = cost(contract, request, wanted, Cover())
    return sum(line.kopecks for line in lines if line.unit != MINUTE)


def _settled_before(session: Session, ticket: Ticket) -> bool:
    query = select(TimeEntry.id).where(TimeEntry.ticket_id == ticket.id, col(TimeEntry.settled_at).is_not(None))
    query = query.where(col(TimeEntry.struck_at).is_(None))
    return session.exec(query.limit(1)).first() is not None
