"""What accepted time takes from the pools of its ticket, in the pools' unit (R4.1, R4.3)."""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from bot.billing.hold_hours import unit_of_ticket
from bot.billing.models import ScopeDecision, TimeEntry
from bot.billing.quoting import MINUTE
from bot.billing.scope_cost import cost
from bot.billing.scope_hours import BY_PRICE, POINTS, Cover, points
from bot.billing.scope_input import ContractTerms, ScopeRequest
from bot.billing.snapshot import thaw
from bot.billing.worked_rates import Booked, agreed_rate, rated, worked_parts
from bot.tickets.deadlines import zone_of
from bot.tickets.models import Ticket


def drawn_need(session: Session, ticket: Ticket, entries: Sequence[TimeEntry]) -> dict[int, int]:
    """The need of each time entry by its id: billed minutes, or their price at the rates of the decision for pools of
    roubles (kopecks) and points. The call-out and the road are paid with the first entry."""
    unit = unit_of_ticket(session, ticket.id or 0)
    if unit not in BY_PRICE:
        return {entry.id or 0: entry.billed_minutes or 0 for entry in entries}
    request, contract = _agreed(session, ticket)
    prices = {entry.id or 0: _price(session, ticket, entry, request, contract) for entry in entries}
    if entries and not _settled_before(session, ticket):
        prices[entries[0].id or 0] += _beside_time(request, contract)
    if unit == POINTS and contract.point is not None:
        return {entry: points(kopecks, contract.point) for entry, kopecks in prices.items()}
    return prices


def _agreed(session: Session, ticket: Ticket) -> tuple[ScopeRequest, ContractTerms]:
    """What the ticket was decided on first, and the contract that pays it."""
    query = select(ScopeDecision).where(ScopeDecision.ticket_id == ticket.id).order_by(col(ScopeDecision.id)).limit(1)
    row = session.exec(query).one()
    request = thaw(ScopeRequest, row.snapshot)
    return request, next(each for each in request.contracts if each.id == row.explanation["contract"])


def _price(session: Session, ticket: Ticket, entry: TimeEntry, request: ScopeRequest, contract: ContractTerms) -> int:
    rate_of = agreed_rate(request, contract.id)
    if rate_of is None:
        return 0
    zone = ZoneInfo(zone_of(session, ticket))
    starts = entry.started_at.astimezone(zone) if entry.started_at else None
    parts = worked_parts([Booked(starts, entry.minutes, entry.billed_minutes or 0)], contract.bands)
    return sum(each.kopecks for each in rated(parts, 0, entry.billed_minutes or 0, rate_of))


def _beside_time(request: ScopeRequest, contract: ContractTerms) -> int:
    wanted = request.service_object
    if wanted is None:
        return 0
    lines, _ = cost(contract, request, wanted, Cover())
    return sum(line.kopecks for line in lines if line.unit != MINUTE)


def _settled_before(session: Session, ticket: Ticket) -> bool:
    query = select(TimeEntry.id).where(TimeEntry.ticket_id == ticket.id, col(TimeEntry.settled_at).is_not(None))
    return session.exec(query.limit(1)).first() is not None
