"""What a company owes, for those who may see it (R9.2)."""

from dataclasses import dataclass
from datetime import date

from sqlmodel import Session, col, select

from bot.billing.models import Debt
from bot.clients.models import ClientRole, Membership
from bot.db.errors import NotAllowed

MAY_SEE = (ClientRole.FINANCE, ClientRole.OWNER)


@dataclass(frozen=True, slots=True)
class DebtLine:
    """An unpaid invoice: kopecks left to pay, last day to pay, whole days past it."""

    invoice: str
    kopecks: int
    due: date
    overdue_days: int
    disputed: bool


def may_see_debts(session: Session, company_id: int, person_id: int | None) -> bool:
    """Whether the person is finance or owner of the company at this moment (R9.2)."""
    query = select(Membership.id).where(
        Membership.person_id == person_id,
        Membership.company_id == company_id,
        col(Membership.role).in_(MAY_SEE),
        col(Membership.ended_at).is_(None),
    )
    return person_id is not None and session.exec(query.limit(1)).first() is not None


def debts_of(session: Session, company_id: int, today: date, by: int) -> list[DebtLine]:
    """Unpaid invoices, the oldest first. Raises NotAllowed for anyone but finance and owner (R9.2)."""
    if not may_see_debts(session, company_id, by):
        raise NotAllowed
    rows = session.exec(select(Debt).where(Debt.company_id == company_id).order_by(col(Debt.due), col(Debt.id))).all()
    return [DebtLine(row.invoice, row.kopecks, row.due, max((today - row.due).days, 0), row.disputed) for row in rows]
