"""What a company owes, for those who may see it (R9.2)."""

from dataclasses import dataclass
from datetime import date

from sqlmodel import Session, col, select

from bot.billing.debts.models import Debt, DebtExemption, InvoiceDispute
from bot.billing.debts.rights import may_see_money
from bot.billing.debts.rule import DebtOverride, DebtSettings, DebtState, OwedInvoice, debt_state
from bot.clients.policy import policy
from bot.db.errors import NotAllowed


@dataclass(frozen=True, slots=True)
class DebtLine:
    """An unpaid invoice: kopecks left to pay, last day to pay, whole days past it."""

    id: int
    invoice: str
    kopecks: int
    due: date
    overdue_days: int
    disputed: bool


def debt_state_of(session: Session, company_id: int, today: date) -> DebtState:
    """The debt level of a company: what accounting reported, without what is disputed, unless a manager said
    otherwise (R9)."""
    rows = session.exec(select(Debt).where(Debt.company_id == company_id)).all()
    names = ("remind_days", "prepay_days", "hold_days", "hold_kopecks", "fresh_days")
    settings = DebtSettings(**{name: policy(session, f"debt_{name}") for name in names})
    disputed = disputed_invoices(session, company_id)
    owed = [OwedInvoice(row.invoice, row.kopecks, row.due, row.disputed or row.invoice in disputed) for row in rows]
    reported = max((row.reported_at.date() for row in rows), default=None)
    return debt_state(owed, reported, today, settings, _override(session, company_id))


def disputed_invoices(session: Session, company_id: int) -> set[str]:
    """Invoices that the client disputes and nobody has settled."""
    query = select(InvoiceDispute.invoice).where(InvoiceDispute.company_id == company_id)
    return set(session.exec(query.where(col(InvoiceDispute.settled_at).is_(None))).all())


def _override(session: Session, company_id: int) -> DebtOverride | None:
    row = session.exec(
        select(DebtExemption)
        .where(DebtExemption.company_id == company_id, col(DebtExemption.ended_at).is_(None))
        .order_by(col(DebtExemption.id).desc())
        .limit(1)
    ).first()
    return DebtOverride(row.level, row.reason, row.until) if row is not None else None


def debts_of(session: Session, company_id: int, today: date, by: int) -> list[DebtLine]:
    """Unpaid invoices, the oldest first. Raises NotAllowed for anyone but finance and owner (R9.2)."""
    if not may_see_money(session, company_id, by):
        raise NotAllowed
    rows = session.exec(select(Debt).where(Debt.company_id == company_id).order_by(col(Debt.due), col(Debt.id))).all()
    disputed = disputed_invoices(session, company_id)
    return [
        DebtLine(
            row.id,
            row.invoice,
            row.kopecks,
            row.due,
            max((today - row.due).days, 0),
            row.disputed or row.invoice in disputed,
        )
        for row in rows
    ]
