"""Who owes us, for managers (R9.1)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from bot.billing.debts.models import Debt
from bot.billing.debts.owed import debt_state_of, unpaid_invoices
from bot.billing.debts.rule import DebtLevel
from bot.billing.seller.particulars import seller_day
from bot.clients.models import Company
from bot.clients.rights import MANAGERS, employed, require
from bot.db.live import live


@dataclass(frozen=True, slots=True)
class Debtor:
    """A company with unpaid invoices: kopecks without what is disputed, days past the oldest due day."""

    company_id: int
    company: str
    kopecks: int
    overdue_days: int
    level: DebtLevel


def debtors(session: Session, now: datetime, by: int) -> Sequence[Debtor]:
    """Companies that owe something, the longest overdue first. Raises NotAllowed for anyone but managers."""
    require(session, employed, MANAGERS, person=by)
    today = seller_day(session, now)
    owing = select(Debt.company_id).where(live(Debt)).distinct()
    found: list[Debtor] = []
    for company in session.exec(select(Company).where(col(Company.id).in_(owing))).all():
        owed = [each for each in unpaid_invoices(session, company.id) if not each.disputed]
        if owed:
            days = max(0, *((today - each.due).days for each in owed))
            level = debt_state_of(session, company.id, today).level
            found.append(Debtor(company.id, company.name, sum(each.kopecks for each in owed), days, level))
    return sorted(found, key=lambda each: (-each.overdue_days, -each.kopecks, each.company))
