"""What people say about a debt: a promise, a dispute, a manager's exemption; and reminders to finance (R9.1)."""

from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from bot.billing.debt import DebtLevel, DebtStanding
from bot.billing.debt_models import DebtExemption, DebtReminder, InvoiceDispute, PaymentPromise
from bot.billing.debts import standing
from bot.billing.models import Debt
from bot.billing.money_rights import may_see_money
from bot.clients.audiences import Finance, Managers
from bot.clients.models import Company, Person, StaffRole
from bot.clients.policy import policy
from bot.clients.rights import allowed, employed
from bot.db.errors import NotAllowed, NotFound, Refusal
from bot.db.unit_of_work import UnitOfWork
from bot.messaging.timers import set_timer

TIMER = "debt_check"
RELEASE = "release_held"  # the tickets that waited for a debt are looked at again
SPEAKERS = (StaffRole.MANAGER, StaffRole.ADMIN)


class BadDay(Refusal):
    """A promise or an exemption ends on a day ahead, not too far away, and an exemption has its reason."""

    key = "refusal.bad_day"


def promise_payment(uow: UnitOfWork, company_id: int, days: int, by: int) -> PaymentPromise:
    """«Обещаю оплатить до…», so many days from today: reminders wait, managers are told. The same day again changes
    nothing. Raises NotAllowed for anyone but finance and owner, BadDay."""
    company = _owed(uow.session, company_id, by)
    if not 0 < days <= policy(uow.session, "debt_promise_most_days"):
        raise BadDay
    today = _today(uow, company)
    earlier = live_promise(uow.session, company_id, today)
    until = today + timedelta(days=days)
    if earlier is not None and earlier.until == until:
        return earlier
    owed = standing(uow.session, company_id, today)
    promise = PaymentPromise(company_id=company_id, until=until, kopecks=owed.kopecks, person_id=by, made_at=uow.now)
    uow.session.add(promise)
    uow.session.flush()
    _tell_managers(uow, company, owed, by, "promised", until=until)
    return promise


def dispute_invoice(uow: UnitOfWork, company_id: int, debt_id: int, reason: str, by: int) -> InvoiceDispute:
    """«Спорный счёт»: it doesn't count until settled (R9.1); once per invoice. Raises NotAllowed, NotFound."""
    company = _owed(uow.session, company_id, by)
    debt = uow.session.get(Debt, debt_id)
    if debt is None or debt.company_id != company_id:
        raise NotFound
    earlier = uow.session.exec(
        select(InvoiceDispute)
        .where(InvoiceDispute.company_id == company_id, InvoiceDispute.invoice == debt.invoice)
        .where(col(InvoiceDispute.settled_at).is_(None))
    ).first()
    if earlier is not None:
        return earlier
    dispute = InvoiceDispute(
        company_id=company_id, invoice=debt.invoice, person_id=by, reason=reason.strip()[:600], made_at=uow.now
    )
    uow.session.add(dispute)
    uow.session.flush()
    look_at_held(uow)
    owed = standing(uow.session, company_id, _today(uow, company))
    _tell_managers(uow, company, owed, by, "disputed", invoice=debt.invoice, reason=dispute.reason, dispute=dispute.id)
    return dispute


def settle_invoice(uow: UnitOfWork, dispute_id: int, by: int) -> InvoiceDispute:
    """A manager has answered the dispute: the invoice counts again unless accounting takes it off (R9.1).

    Raises NotAllowed, NotFound.
    """
    require_debt_speaker(uow.session, by)
    dispute = uow.session.get(InvoiceDispute, dispute_id, with_for_update=True)
    if dispute is None:
        raise NotFound
    if dispute.settled_at is None:
        dispute.settled_by, dispute.settled_at = by, uow.now
        uow.session.flush()
        uow.tell(Finance(dispute.company_id), "debts/settled", invoice=dispute.invoice)
    return dispute


def exempt_debtor(uow: UnitOfWork, company_id: int, level: DebtLevel, reason: str, days: int, by: int) -> DebtExemption:
    """A manager sets the level for so many days, with a reason; it ends an earlier word (R9.1).

    Raises NotAllowed, BadDay, NotFound.
    """
    require_debt_speaker(uow.session, by)
    company = uow.session.get(Company, company_id, with_for_update=True)
    if company is None:
        raise NotFound
    if days <= 0 or not reason.strip():
        raise BadDay
    for earlier in uow.session.exec(
        select(DebtExemption).where(DebtExemption.company_id == company_id, col(DebtExemption.ended_at).is_(None))
    ).all():
        earlier.ended_at = uow.now
    made = DebtExemption(
        company_id=company_id,
        level=level,
        reason=reason.strip()[:300],
        until=_today(uow, company) + timedelta(days=days),
        given_by=by,
        given_at=uow.now,
    )
    uow.session.add(made)
    uow.session.flush()
    look_at_held(uow)
    return made


def remind_debtors(uow: UnitOfWork, _payload: dict[str, Any]) -> None:
    """Timer: finance contacts are reminded of what is overdue, at most once in some days and not before a promised
    day; a promise that wasn't kept is told to managers too. Nobody else hears of it (R9.2)."""
    for company_id in uow.session.exec(select(Debt.company_id).distinct().order_by(col(Debt.company_id))).all():
        _remind(uow, uow.session.get_one(Company, company_id))
    look_at_held(uow)  # data may have grown too old to hold anything (R9.2)
    watch_debts(uow)


def watch_debts(uow: UnitOfWork) -> None:
    """Set the timer that looks through the debts."""
    set_timer(uow.session, TIMER, TIMER, uow.now + timedelta(minutes=policy(uow.session, "debt_check_minutes")))


def look_at_held(uow: UnitOfWork) -> None:
    """Debts have changed: tickets that wait for them are looked at soon, by the bot that can tell people (R9.1)."""
    set_timer(uow.session, RELEASE, RELEASE, uow.now)


def live_promise(session: Session, company_id: int, today: date) -> PaymentPromise | None:
    """The newest promise whose day hasn't passed."""
    query = select(PaymentPromise).where(PaymentPromise.company_id == company_id, PaymentPromise.until >= today)
    return session.exec(query.order_by(col(PaymentPromise.id).desc()).limit(1)).first()


def require_debt_speaker(session: Session, person_id: int) -> None:
    """Raises NotAllowed for anyone but managers and admins."""
    if not allowed(session, employed, SPEAKERS, person=person_id):
        raise NotAllowed


def _remind(uow: UnitOfWork, company: Company) -> None:
    company_id = company.id or 0
    today = _today(uow, company)
    owed = standing(uow.session, company_id, today)
    if owed.level in (DebtLevel.UNKNOWN, DebtLevel.D0) or live_promise(uow.session, company_id, today) is not None:
        return
    last = uow.session.exec(
        select(DebtReminder).where(DebtReminder.company_id == company_id).order_by(col(DebtReminder.id).desc()).limit(1)
    ).first()
    broken = uow.session.exec(
        select(PaymentPromise).where(PaymentPromise.company_id == company_id).order_by(col(PaymentPromise.id).desc())
    ).first()
    if broken is not None and last is not None and last.told_at.date() > broken.until:
        broken = None
    rest = timedelta(days=policy(uow.session, "debt_remind_every_days"))
    if last is not None and uow.now - last.told_at < rest and broken is None:
        return
    uow.session.add(DebtReminder(company_id=company_id, level=owed.level, kopecks=owed.kopecks, told_at=uow.now))
    uow.session.flush()
    uow.tell(
        Finance(company_id),
        "debts/reminder",
        company_id=company_id,
        company=company.name,
        level=owed.level.value,
        kopecks=owed.kopecks,
        days=owed.overdue_days,
        invoices=list(owed.invoices),
        promised=broken.until if broken is not None else None,
    )
    if broken is not None:
        _tell_managers(uow, company, owed, broken.person_id, "broken", until=broken.until)


def _tell_managers(uow: UnitOfWork, company: Company, owed: DebtStanding, by: int, what: str, **more: Any) -> None:
    values = {"until": None, "invoice": "", "reason": "", "dispute": 0} | more
    uow.tell(
        Managers(),
        "debts/staff",
        company_id=company.id,
        company=company.name,
        what=what,
        level=owed.level.value,
        kopecks=owed.kopecks,
        days=owed.overdue_days,
        person=uow.session.get_one(Person, by).name,
        **values,
    )


def _owed(session: Session, company_id: int, by: int) -> Company:
    """The company, locked, for its finance or owner only (R9.2)."""
    if not may_see_money(session, company_id, by):
        raise NotAllowed
    company = session.get(Company, company_id, with_for_update=True)
    if company is None:
        raise NotFound
    return company


def _today(uow: UnitOfWork, company: Company) -> date:
    return uow.now.astimezone(ZoneInfo(company.timezone)).date()
