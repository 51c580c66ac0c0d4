"""What a company owes, for those who may see it (R9.2)."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import or_
from sqlmodel import Session, col, func, select

from bot.billing.debts.models import Debt, DebtExemption, DebtReport, InvoiceDispute
from bot.billing.debts.rights import may_see_money
from bot.billing.debts.rule import (
    ClaimedInvoice,
    DebtOverride,
    DebtSettings,
    DebtSource,
    DebtState,
    OwedInvoice,
    debt_state,
    invoice_name,
    one_list,
)
from bot.clients.policy import policy
from bot.db.errors import NotAllowed
from bot.db.live import live


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
    """The debt level of a company: what accounting reported and our own invoices, without what is disputed,
    unless a manager said otherwise (R9)."""
    names = ("remind_days", "prepay_days", "hold_days", "hold_kopecks", "fresh_days")
    settings = DebtSettings(**{name: policy(session, f"debt_{name}") for name in names})
    owed = [
        OwedInvoice(each.name, each.kopecks, each.due, each.disputed, own=each.source is DebtSource.OWN)
        for each in unpaid_invoices(session, company_id)
    ]
    return debt_state(owed, last_report(session), today, settings, _override(session, company_id))


def unpaid_invoices(session: Session, company_id: int) -> list[ClaimedInvoice]:
    """What a company has not paid by all sources together, each invoice once, the oldest first; `disputed` says the
    client's word too (R9.3)."""
    reported_on = last_report(session)
    paid_since = col(Debt.paid_on).is_not(None) if reported_on is None else col(Debt.paid_on) > reported_on
    rows = session.exec(
        select(Debt).where(Debt.company_id == company_id, or_(live(Debt), paid_since)).order_by(col(Debt.id))
    ).all()
    disputed = disputed_invoices(session, company_id)
    claims = [
        ClaimedInvoice(
            row=row.id,
            source=row.source,
            number=row.invoice,
            issued_on=row.issued_on,
            kopecks=row.kopecks,
            due=row.due,
            disputed=row.disputed or bool({row.invoice, invoice_name(row.invoice, row.issued_on)} & disputed),
            paid_on=row.paid_on,
        )
        for row in rows
    ]
    return one_list(claims, reported_on, report_has_ours=bool(policy(session, "debt_report_has_ours")))


def last_report(session: Session) -> date | None:
    """The day that accounting's newest report is good as of."""
    return session.exec(select(func.max(DebtReport.as_of))).one()


def disputed_invoices(session: Session, company_id: int) -> set[str]:
    """Invoices that the client disputes and nobody has settled."""
    query = select(InvoiceDispute.invoice).where(InvoiceDispute.company_id == company_id)
    return set(session.exec(query.where(live(InvoiceDispute))).all())


def _override(session: Session, company_id: int) -> DebtOverride | None:
    row = session.exec(
        select(DebtExemption)
        .where(DebtExemption.company_id == company_id, live(DebtExemption))
        .order_by(col(DebtExemption.id).desc())
        .limit(1)
    ).first()
    return DebtOverride(row.level, row.reason, row.until) if row is not None else None


def debts_of(session: Session, company_id: int, today: date, by: int) -> list[DebtLine]:
    """Unpaid invoices, the oldest first. Raises NotAllowed for anyone but finance and owner (R9.2)."""
    if not may_see_money(session, company_id, by):
        raise NotAllowed
    return [
        DebtLine(each.row, each.name, each.kopecks, each.due, max((today - each.due).days, 0), each.disputed)
        for each in unpaid_invoices(session, company_id)
    ]
