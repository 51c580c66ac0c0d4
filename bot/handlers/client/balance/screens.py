"""Hours and debts of a company, as its finance and owner are shown them (R2.3)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from bot.billing.debts.handle import live_promise
from bot.billing.debts.owed import DebtLine, debt_state_of, debts_of
from bot.billing.debts.rule import DebtLevel
from bot.billing.hours.balances import EntryLine, by_ticket, pool_history
from bot.billing.hours.draw import PoolKind
from bot.billing.hours.models import EntryDisputeState, Pool
from bot.billing.hours.plans import OwnPlan, own_plans
from bot.billing.quotes.approvers import approves_for
from bot.billing.seller.particulars import seller_day
from bot.clients.models import Company
from bot.handlers.common.company import money_company, person_of, today_of
from bot.handlers.common.conversation import Conversation
from bot.handlers.common.menu_buttons import Rows
from bot.handlers.common.pages import page_of
from bot.tickets.life.numbers import ticket_numbers
from bot.tickets.work.dispute_entry import dispute_states

PAGE = 10


@dataclass(frozen=True, slots=True)
class CompanyBalance:
    """The contracts of a company with what is left of each pool."""

    company_id: int
    company: str
    plans: Sequence[OwnPlan]
    approves: bool


@dataclass(frozen=True, slots=True)
class BalanceClosed:
    """The balance is not for this person; `menu`: what is."""

    approves: bool
    menu: Rows


@dataclass(frozen=True, slots=True)
class PoolOperation:
    """An operation on a pool with the number of its ticket, and what became of the client's objection."""

    line: EntryLine
    number: int | None
    dispute: EntryDisputeState | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolOperations:
    """A page of what happened in a pool, the newest first; `left` in its unit, days in the client's zone."""

    company_id: int
    pool_id: int
    kind: PoolKind
    unit: str
    left: int
    operations: Sequence[PoolOperation]
    zone: str
    page: int
    pages: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CompanyDebts:
    """Unpaid invoices; `total` in kopecks is without what is disputed."""

    company_id: int
    company: str
    debts: Sequence[DebtLine]
    total: int
    level: DebtLevel
    promised: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnDraw:
    """A drawing that the client objects to: `amount` in the pool's unit, on the ticket with this number."""

    company_id: int
    sees_money: bool
    ticket_id: int
    number: int
    amount: int
    unit: str


def balance_for(turn: Conversation, company_id: int) -> CompanyBalance:
    """Raises NotAllowed for anyone but finance and owner."""
    company = money_company(turn, company_id)
    return CompanyBalance(
        company_id,
        company.name,
        own_plans(turn.session, company_id, today_of(turn, company)),
        approves_for(turn.session, person_of(turn), company_id),
    )


def operations_on(turn: Conversation, company: Company, pool: Pool, page: int) -> PoolOperations:
    """The page that was asked for, or the nearest one there is."""
    lines = by_ticket(pool_history(turn.session, pool))[::-1]
    shown = page_of(lines, page, PAGE)
    present = shown.rows
    numbers = ticket_numbers(turn.session, [line.ticket_id for line in present if line.ticket_id is not None])
    disputes = dispute_states(turn.session, [line.id for line in present])
    return PoolOperations(
        company_id=company.id,
        pool_id=pool.id,
        kind=PoolKind(pool.kind),
        unit=pool.unit,
        left=lines[0].balance if lines else 0,
        operations=[PoolOperation(line, numbers.get(line.ticket_id or 0), disputes.get(line.id)) for line in present],
        zone=company.timezone,
        page=shown.number,
        pages=shown.pages,
    )


def debts_for(turn: Conversation, company: Company) -> CompanyDebts:
    """What is unpaid at this moment. Raises NotAllowed for anyone but finance and owner."""
    today = seller_day(turn.session, turn.now)  # an invoice is overdue by it (R3.5)
    owed = debts_of(turn.session, company.id, today, person_of(turn))
    promise = live_promise(turn.session, company.id, today_of(turn, company))
    return CompanyDebts(
        company_id=company.id,
        company=company.name,
        debts=owed,
        total=sum(debt.kopecks for debt in owed if not debt.disputed),
        level=debt_state_of(turn.session, company.id, today).level,
        promised=promise.until if promise is not None else None,
    )
