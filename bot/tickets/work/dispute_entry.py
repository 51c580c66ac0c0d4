"""A client objects to one drawing of hours; a leader gives the minutes back or explains (R4.3, R10.4)."""

from dataclasses import dataclass
from datetime import date

from sqlmodel import Session, col, select

from bot.billing.debts.rights import may_see_money
from bot.billing.hours.give_back import give_back as take_back
from bot.billing.hours.give_back import is_reversed
from bot.billing.hours.life import locked_pool
from bot.billing.hours.models import EntryDispute, EntryDisputeState, EntryKind, Pool, PoolEntry
from bot.clients.audiences import Dispatchers, ForClient
from bot.clients.models import Contract
from bot.db.errors import NotFound, Outdated
from bot.db.locks import lock
from bot.db.unit_of_work import UnitOfWork
from bot.tickets.life.acts import Act
from bot.tickets.life.leave import require_act
from bot.tickets.life.lifecycle import locked_ticket, note
from bot.tickets.life.models import Ticket
from bot.tickets.life.rights import site_of
from bot.tickets.work.accept import NoReason


class EntrySettled(Outdated):
    """Someone has settled it already."""

    key = "refusal.dispute_settled"


@dataclass(frozen=True, slots=True, kw_only=True)
class DisputedDraw:
    """What a leader decides on: `amount` in the pool's unit, drawn for the ticket with this number."""

    dispute_id: int
    ticket_id: int
    number: int
    amount: int
    unit: str
    work_date: date | None
    reason: str


@dataclass(frozen=True, slots=True)
class SettledDraw:
    """The answer to an objection: `amount` in the pool's unit."""

    ticket_id: int
    number: int
    amount: int
    unit: str
    given_back: bool


def dispute_entry(uow: UnitOfWork, entry_id: int, reason: str, by: int) -> EntryDispute:
    """Record an objection to a drawing and tell the dispatchers; a second one of the same entry is the first.

    Raises NotFound for what draws nothing or is reversed, NotAllowed for one who may not, NoReason.
    """
    entry, ticket = disputable(uow.session, entry_id)
    pool = locked_pool(uow.session, entry.pool_id)
    require_may_dispute(uow.session, ticket, by)
    if not reason.strip():
        raise NoReason
    found = uow.session.exec(select(EntryDispute).where(EntryDispute.entry_id == entry_id)).first()
    if found is not None:
        return found
    made = EntryDispute(
        entry_id=entry_id, company_id=ticket.company_id, person_id=by, reason=reason[:600], opened_at=uow.now
    )
    uow.session.add(made)
    uow.session.flush()
    note(uow, ticket, "entry_disputed", by, reason=reason[:600], amount=entry.amount)
    uow.tell(
        Dispatchers(topic_key=f"ticket:{ticket.id}"),
        "balance/disputed_told",
        DisputedDraw(
            dispute_id=made.id,
            ticket_id=ticket.id,
            number=ticket.number,
            amount=entry.amount,
            unit=pool.unit,
            work_date=entry.work_date,
            reason=made.reason,
        ),
    )
    return made


def settle_entry_dispute(uow: UnitOfWork, dispute_id: int, give_back: bool, by: int) -> EntryDispute:
    """Give the minutes back by a reversal, or leave them drawn; the client is told. Raises NotAllowed, NotFound,
    EntrySettled."""
    found = uow.session.get(EntryDispute, dispute_id)
    if found is None:
        raise NotFound
    entry = uow.session.get_one(PoolEntry, found.entry_id)
    ticket = locked_ticket(uow.session, entry.ticket_id or 0)
    require_act(uow.session, ticket, Act.SETTLE_ENTRY, by)
    pool = locked_pool(uow.session, entry.pool_id)
    dispute = lock(uow.session, EntryDispute, dispute_id)
    if dispute is None or dispute.state is not EntryDisputeState.OPEN:
        raise EntrySettled
    if give_back and not is_reversed(uow.session, entry):  # a dispute of the work may have given it back already
        take_back(uow, ticket.contract_id, [entry], by)
    dispute.state = EntryDisputeState.REVERSED if give_back else EntryDisputeState.KEPT
    dispute.settled_by, dispute.settled_at = by, uow.now
    note(uow, ticket, "entry_given_back" if give_back else "entry_kept", by, amount=entry.amount)
    uow.tell(
        ForClient(dispute.person_id, ticket.company_id, site_of(uow.session, ticket)),
        "balance/dispute_settled",
        SettledDraw(ticket.id, ticket.number, entry.amount, pool.unit, give_back),
    )
    return dispute


def require_may_dispute(session: Session, ticket: Ticket, by: int) -> None:
    """Who is shown the company's drawings, and who speaks for the client on the ticket. Raises NotFound, NotAllowed."""
    if not may_see_money(session, ticket.company_id, by):
        require_act(session, ticket, Act.DISPUTE_ENTRY, by)


def disputable(session: Session, entry_id: int) -> tuple[PoolEntry, Ticket]:
    """A drawing that stands, with its ticket. Raises NotFound."""
    entry = session.get(PoolEntry, entry_id)
    if entry is None or entry.kind is not EntryKind.CONSUME or entry.ticket_id is None:
        raise NotFound
    if is_reversed(session, entry):
        raise NotFound
    ticket = session.get(Ticket, entry.ticket_id)
    pool = session.get_one(Pool, entry.pool_id)
    if ticket is None or session.get_one(Contract, pool.contract_id).company_id != ticket.company_id:
        raise NotFound
    return entry, ticket


def dispute_states(session: Session, entries: list[int]) -> dict[int, EntryDisputeState]:
    """State of the dispute of each entry that has one."""
    rows = session.exec(select(EntryDispute).where(col(EntryDispute.entry_id).in_(entries))).all()
    return {row.entry_id: row.state for row in rows}
