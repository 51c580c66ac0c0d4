"""What people say about a debt: a promise, a dispute, a manager's exemption; and reminders to finance (R9.1)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from sqlmodel import Session, col, select

from bot.billing.debts.models import Debt, DebtExemption, DebtReminder, InvoiceDispute, PaymentPromise
from bot.billing.debts.owed import debt_state_of, unpaid_invoices
from bot.billing.debts.rights import may_see_money
from bot.billing.debts.rule import DebtLevel, DebtState
from bot.billing.seller.particulars import seller_day
from bot.clients.audiences import Finance, Managers, within_reach
from bot.clients.identification.phones import Reached
from bot.clients.models import Company, Person
from bot.clients.phone_lines import reached_at
from bot.clients.policy import policy
from bot.clients.rights import MANAGERS, employed, require
from bot.db.errors import NotAllowed, NotFound, Refusal
from bot.db.live import live
from bot.db.locks import lock
from bot.db.unit_of_work import UnitOfWork
from bot.messaging.timers import set_timer, want_timer

TIMER = "debt_check"
NEWS = "debts/staff"
REMIND = "remind_debtor"  # one company
RELEASE = "release_held"  # the tickets that waited for a debt are looked at again
PROMISED = ("debt_promise_short_days", "debt_promise_middle_days", "debt_promise_long_days")
EXEMPT = ("debt_exempt_short_days", "debt_exempt_middle_days", "debt_exempt_long_days")


class BadDay(Refusal):
    """A promise or an exemption ends on a day ahead, not too far away, and an exemption has its reason."""

    key = "refusal.bad_day"


class DebtWord(StrEnum):
    """What managers are told of a debt."""

    PROMISED = "promised"
    BROKEN = "broken"  # a promise
    DISPUTED = "disputed"
    UNREACHABLE = "unreachable"  # nobody can be reminded


@dataclass(frozen=True, slots=True)
class DebtContact:
    """Whom a manager can call about a debt."""

    name: str
    phones: Sequence[Reached]


@dataclass(frozen=True, slots=True, kw_only=True)
class DebtorNews:
    """What happened to a debt: `kopecks` overdue for `days`; `exempt`: days that a manager may lift the limits for.

    `person`, `until` and `invoices` are of a promise, or of a dispute with its `reason` and id."""

    company_id: int
    company: str
    what: DebtWord
    level: DebtLevel
    kopecks: int
    days: int
    exempt: Sequence[int]
    person: str = ""
    until: date | None = None
    invoices: Sequence[str] = ()
    reason: str = ""
    dispute: int = 0
    contacts: Sequence[DebtContact] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class OverdueDebt:
    """What finance is reminded of: `kopecks` overdue for `days`; `promised`: the day that was promised and is over."""

    company_id: int
    company: str
    level: DebtLevel
    kopecks: int
    days: int
    invoices: Sequence[str]
    promised: date | None


@dataclass(frozen=True, slots=True)
class InvoiceInQuestion:
    """An invoice that the client disputes."""

    company_id: int
    invoice: str


def promises_offered(session: Session) -> list[int]:
    """Days from today that the chat offers for a promise."""
    return [policy(session, name) for name in PROMISED]


def promise_payment(uow: UnitOfWork, company_id: int, days: int, by: int) -> PaymentPromise:
    """«Обещаю оплатить до…», so many days from today: reminders wait, managers are told. It is for what is overdue now,
    ahead of time for all that is unpaid (R9.3). The same day again changes nothing. Raises NotAllowed for anyone but
    finance and owner, BadDay, NotFound where nothing is left to pay."""
    company = _owed(uow.session, company_id, by)
    if not 0 < days <= policy(uow.session, "debt_promise_most_days"):
        raise BadDay
    today = _today(uow, company)
    earlier = live_promise(uow.session, company_id, today)
    until = today + timedelta(days=days)
    owed = _owes(uow, company_id)
    named = list(owed.invoices) or _unpaid(uow.session, company_id)
    if not named:
        raise NotFound
    if earlier is not None and earlier.until == until and set(named) <= set(earlier.invoices):
        return earlier
    promise = PaymentPromise(
        company_id=company_id, until=until, kopecks=owed.kopecks, person_id=by, made_at=uow.now, invoices=named
    )
    uow.session.add(promise)
    uow.session.flush()
    told = _news(uow, company, owed, DebtWord.PROMISED)
    uow.tell(Managers(), NEWS, replace(told, person=_name(uow, by), until=until, invoices=named))
    return promise


def dispute_invoice(uow: UnitOfWork, company_id: int, debt_id: int, reason: str, by: int) -> InvoiceDispute:
    """«Спорный счёт»: it doesn't count until settled (R9.1); once per invoice. Raises NotAllowed, NotFound."""
    company = _owed(uow.session, company_id, by)
    debt = next((each for each in unpaid_invoices(uow.session, company_id) if each.row == debt_id), None)
    if debt is None:
        raise NotFound
    earlier = uow.session.exec(
        select(InvoiceDispute)
        .where(InvoiceDispute.company_id == company_id, col(InvoiceDispute.invoice).in_({debt.number, debt.name}))
        .where(live(InvoiceDispute))
    ).first()
    if earlier is not None:
        return earlier
    dispute = InvoiceDispute(
        company_id=company_id, invoice=debt.name, person_id=by, reason=reason.strip()[:600], made_at=uow.now
    )
    uow.session.add(dispute)
    uow.session.flush()
    look_at_held(uow)
    told = _news(uow, company, _owes(uow, company_id), DebtWord.DISPUTED)
    uow.tell(
        Managers(),
        NEWS,
        replace(told, person=_name(uow, by), invoices=[debt.name], reason=dispute.reason, dispute=dispute.id),
    )
    return dispute


def settle_invoice(uow: UnitOfWork, dispute_id: int, by: int) -> InvoiceDispute:
    """A manager has answered the dispute: the invoice counts again unless accounting takes it off (R9.1).

    Raises NotAllowed, NotFound.
    """
    require(uow.session, employed, MANAGERS, person=by)
    dispute = lock(uow.session, InvoiceDispute, dispute_id)
    if dispute is None:
        raise NotFound
    if dispute.settled_at is None:
        dispute.settled_by, dispute.settled_at = by, uow.now
        uow.session.flush()
        uow.tell(Finance(dispute.company_id), "debts/settled", InvoiceInQuestion(dispute.company_id, dispute.invoice))
    return dispute


def exempt_debtor(uow: UnitOfWork, company_id: int, level: DebtLevel, reason: str, days: int, by: int) -> DebtExemption:
    """A manager sets the level for so many days, with a reason; it ends an earlier word (R9.1).

    Raises NotAllowed, BadDay, NotFound.
    """
    require(uow.session, employed, MANAGERS, person=by)
    company = lock(uow.session, Company, company_id)
    if company is None:
        raise NotFound
    if days <= 0 or not reason.strip():
        raise BadDay
    for earlier in uow.session.exec(
        select(DebtExemption).where(DebtExemption.company_id == company_id, live(DebtExemption))
    ).all():
        earlier.ended_at = uow.now
    uow.session.flush()  # before the new one is there: one of a company is live
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
    """Timer: have each debtor looked at, each in a transaction of its own: one whose data are wrong stops only itself,
    and waits for its own next try."""
    owing = select(Debt.company_id).where(live(Debt)).distinct().order_by(col(Debt.company_id))
    for company_id in uow.session.exec(owing).all():
        want_timer(uow.session, f"{REMIND}:{company_id}", REMIND, uow.now, company_id=company_id)
    look_at_held(uow)  # data may have grown too old to hold anything (R9.2)
    watch_debts(uow)


def remind_debtor(uow: UnitOfWork, payload: dict[str, Any]) -> None:
    """Timer: finance contacts are reminded of what is overdue, at most once in some days and not before a promised
    day; a promise that wasn't kept is told to managers too, and so is that nobody can be reminded. Nobody else hears
    of it (R9.2)."""
    company = lock(uow.session, Company, int(payload["company_id"]))
    if company is None:
        return
    owed = _owes(uow, company.id)
    today = _today(uow, company)
    if owed.level in (DebtLevel.UNKNOWN, DebtLevel.D0) or live_promise(uow.session, company.id, today) is not None:
        return
    reachable = within_reach(uow.session, Finance(company.id))
    broken = _broken_promise(uow.session, company.id, owed, today)
    if broken is not None:
        broken.broken_told_at = uow.now
        told = _news(uow, company, owed, DebtWord.BROKEN)
        person, invoices = _name(uow, broken.person_id), _promised(broken, owed)
        uow.tell(Managers(), NEWS, replace(told, person=person, until=broken.until, invoices=invoices))
    elif _was_told(uow, company.id, reachable=reachable):
        return
    uow.session.add(
        DebtReminder(company_id=company.id, level=owed.level, kopecks=owed.kopecks, told_at=uow.now, reached=reachable)
    )
    uow.session.flush()
    if reachable:
        _remind(uow, company, owed, broken)
    else:
        told = _news(uow, company, owed, DebtWord.UNREACHABLE)
        uow.tell(Managers(), NEWS, replace(told, contacts=_contacts(uow.session, company.id)))


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


def _remind(uow: UnitOfWork, company: Company, owed: DebtState, broken: PaymentPromise | None) -> None:
    uow.tell(
        Finance(company.id),
        "debts/reminder",
        OverdueDebt(
            company_id=company.id,
            company=company.name,
            level=owed.level,
            kopecks=owed.kopecks,
            days=owed.overdue_days,
            invoices=list(owed.invoices),
            promised=broken.until if broken is not None else None,
        ),
    )


def _broken_promise(session: Session, company_id: int, owed: DebtState, today: date) -> PaymentPromise | None:
    """The last promise if its day has passed, an invoice that it names is overdue still, and nobody was told so yet."""
    query = select(PaymentPromise).where(PaymentPromise.company_id == company_id)
    last = session.exec(query.order_by(col(PaymentPromise.id).desc()).limit(1)).first()
    if last is None or last.until >= today or last.broken_told_at is not None:
        return None
    return last if _promised(last, owed) else None


def _promised(promise: PaymentPromise, owed: DebtState) -> list[str]:
    """What is overdue of what was promised; a promise of before invoices were named is for all of it."""
    return [each for each in owed.invoices if not promise.invoices or _names(promise, each)]


def _names(promise: PaymentPromise, invoice: str) -> bool:
    """A promise of before dates were kept names the number alone."""
    return invoice in promise.invoices or invoice.partition(" (")[0] in promise.invoices


def _was_told(uow: UnitOfWork, company_id: int, *, reachable: bool) -> bool:
    """Whether the last word is too fresh for another one; that nobody could be reminded holds back no reminder."""
    query = select(DebtReminder).where(DebtReminder.company_id == company_id)
    last = uow.session.exec(query.order_by(col(DebtReminder.id).desc()).limit(1)).first()
    rest = timedelta(days=policy(uow.session, "debt_remind_every_days"))
    return last is not None and uow.now - last.told_at < rest and (last.reached or not reachable)


def _contacts(session: Session, company_id: int) -> Sequence[DebtContact]:
    """Finance and owners."""
    people = Finance(company_id).people(session)
    rows = session.exec(select(Person.id, Person.name).where(col(Person.id).in_(people)).order_by(col(Person.name)))
    phones = reached_at(session, people)
    return [DebtContact(name, phones.get(person, ())) for person, name in rows.all()]


def _news(uow: UnitOfWork, company: Company, owed: DebtState, what: DebtWord) -> DebtorNews:
    return DebtorNews(
        company_id=company.id,
        company=company.name,
        what=what,
        level=owed.level,
        kopecks=owed.kopecks,
        days=owed.overdue_days,
        exempt=[policy(uow.session, name) for name in EXEMPT],
    )


def _name(uow: UnitOfWork, person_id: int) -> str:
    return uow.session.get_one(Person, person_id).name


def _owes(uow: UnitOfWork, company_id: int) -> DebtState:
    """Days overdue are the seller's (R3.5)."""
    return debt_state_of(uow.session, company_id, seller_day(uow.session, uow.now))


def _unpaid(session: Session, company_id: int) -> list[str]:
    return [each.name for each in unpaid_invoices(session, company_id) if not each.disputed]


def _owed(session: Session, company_id: int, by: int) -> Company:
    """The company, locked, for its finance or owner only (R9.2)."""
    if not may_see_money(session, company_id, by):
        raise NotAllowed
    company = lock(session, Company, company_id)
    if company is None:
        raise NotFound
    return company


def _today(uow: UnitOfWork, company: Company) -> date:
    """The client's day: a promise is for it (R3.5)."""
    return uow.day(company.timezone)
