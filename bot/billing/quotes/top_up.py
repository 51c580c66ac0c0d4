"""Hours bought when a pool runs out: asked for, priced, approved once, granted (R4.3, R4.8)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlmodel import Session, col, select

from bot.billing.debts.handle import look_at_held
from bot.billing.hours.draw import PoolKind
from bot.billing.hours.life import SIZES
from bot.billing.hours.models import EntryKind, Pool, PoolEntry
from bot.billing.hours.plans import contracts_on
from bot.billing.prices.book import price_lists
from bot.billing.prices.rule import find_price, labour
from bot.billing.quotes.approve import OverLimit, Press
from bot.billing.quotes.approvers import Scope, limit_of, locked_rights, who_may_approve
from bot.billing.quotes.models import TopUp, TopUpState
from bot.billing.quotes.rule import Limit
from bot.billing.quotes.send import QuoteOutdated, text_hash
from bot.billing.seller.particulars import seller_day, seller_rate
from bot.billing.terms.models import Plan
from bot.clients.audiences import Managers
from bot.clients.models import Company, Contract, Person
from bot.clients.policy import policy
from bot.clients.rights import MANAGERS, allowed, decides, employed, require
from bot.db.clock import at
from bot.db.errors import NotAllowed, NotFound, Refusal
from bot.db.locks import lock
from bot.db.unit_of_work import UnitOfWork
from bot.messaging.notices.texts import LANGUAGES, render
from bot.sums.vat import vat_of_line

HIGHEST = 100_000_000_00
RATE = "hour:repair"  # what an hour of a prepaid pool costs, unless a manager names a price


@dataclass(frozen=True, slots=True, kw_only=True)
class TopUpRequest:
    """Hours that the price list has no price for: a manager names one."""

    top_up_id: int
    company: str
    contract: str
    minutes: int
    person: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TopUpOffer:
    """The text that is shown and frozen: kopecks with `vat` inside, `vat_percent` None without VAT."""

    contract: str
    minutes: int
    gross: int
    vat: int
    vat_percent: int | None
    until: datetime
    zone: str


@dataclass(frozen=True, slots=True)
class TopUpCard:
    """An offer of hours in the words that were frozen, by language."""

    top_up_id: int
    texts: Mapping[str, str]
    state: TopUpState


@dataclass(frozen=True, slots=True)
class BoughtTopUp:
    """Hours that somebody has bought, in kopecks with VAT inside."""

    company: str
    minutes: int
    kopecks: int
    person: str


class BadPrice(Refusal):
    """Not a price: nothing, or words behind it; `kopecks` and `rest` are what was understood."""

    key = "refusal.only_a_sum"


def require_price(kopecks: int, rest: str = "") -> None:
    """A sum above zero and nothing else. Raises BadPrice."""
    if kopecks <= 0 or kopecks > HIGHEST or rest:
        raise BadPrice(kopecks=kopecks, rest=rest[:60])


def top_up_card(top_up: TopUp) -> TopUpCard:
    """A top-up as its card shows it."""
    return TopUpCard(top_up.id, top_up.texts, top_up.state)


def sizes(session: Session) -> list[int]:
    """Minutes that are offered."""
    return [policy(session, name) for name in SIZES]


def may_be_topped_up(session: Session, company_id: int, on: date, by: int) -> list[Contract]:
    """Contracts of a day that count hours, where the person may buy more."""
    if not allowed(session, decides, person=by, company=company_id, site=None):
        return []
    plans = {plan.id for plan in session.exec(select(Plan).where(col(Plan.unlimited).is_(False))).all()}
    return [contract for contract in contracts_on(session, company_id, on) if contract.plan_id in plans]


def ask_top_up(uow: UnitOfWork, contract_id: int, minutes: int, by: int) -> TopUp:
    """The client wants more hours: offered at the list price at once, or a manager is asked for one. The same press
    again gets the same offer.

    Raises NotFound for what is not on offer to them.
    """
    contract = uow.session.get(Contract, contract_id)
    if contract is None or minutes not in sizes(uow.session):
        raise NotFound
    company = uow.session.get_one(Company, contract.company_id)
    if contract not in may_be_topped_up(uow.session, company.id, uow.day(company.timezone), by):
        raise NotFound
    if (waiting := _waiting(uow, contract_id, minutes, by)) is not None:
        return waiting
    top_up = TopUp(
        company_id=contract.company_id, contract_id=contract_id, minutes=minutes, asked_by=by, asked_at=uow.now
    )
    uow.session.add(top_up)
    uow.session.flush()
    today = uow.day(company.timezone)
    price = find_price(RATE, today, price_lists(uow.session, company, [contract_id], today))
    if price is not None:
        _freeze(uow, top_up, labour(minutes, price.line.kopecks))
        return top_up
    uow.tell(
        Managers(),
        "top_up/request",
        TopUpRequest(
            top_up_id=top_up.id,
            company=company.name,
            contract=contract.number,
            minutes=minutes,
            person=uow.session.get_one(Person, by).name,
        ),
    )
    return top_up


def offer_top_up(uow: UnitOfWork, top_up_id: int, kopecks: int, by: int) -> TopUp:
    """A manager names the price, VAT inside. Raises NotAllowed, BadPrice, QuoteOutdated once it is priced."""
    require(uow.session, employed, MANAGERS, person=by)
    top_up = _locked(uow.session, top_up_id)
    if top_up.state is not TopUpState.ASKED:
        raise QuoteOutdated
    require_price(kopecks)
    top_up.offered_by = by
    _freeze(uow, top_up, kopecks)
    return top_up


def approve_top_up(uow: UnitOfWork, top_up_id: int, by: int, press: Press) -> tuple[TopUp, bool]:
    """Yes: one approval, one pool, one GRANT, in one transaction; the same press again changes nothing (R7.4).

    Returns it and whether it is new. Raises NotAllowed, OverLimit, QuoteOutdated.
    """
    asked = uow.session.get(TopUp, top_up_id)
    if asked is None:
        raise NotFound
    scope = Scope(asked.company_id)
    rights = locked_rights(uow.session, by, scope)
    top_up = _locked(uow.session, top_up_id)
    if not rights:
        raise NotAllowed
    if top_up.state is TopUpState.APPROVED and top_up.approved_by == by:
        return top_up, False
    if top_up.state is not TopUpState.OFFERED or top_up.valid_until is None or top_up.valid_until < uow.now:
        raise QuoteOutdated
    gross = top_up.kopecks or 0
    if not any(limit_of(uow.session, each, gross, uow.now) is Limit.WITHIN for each in rights):
        names = [person.name for person in who_may_approve(uow.session, scope, gross, uow.now)]
        raise OverLimit(names=", ".join(names))
    text = top_up.texts.get(press.language, top_up.texts["ru"])
    top_up.state, top_up.approved_by, top_up.approved_at = TopUpState.APPROVED, by, uow.now
    top_up.approved_text, top_up.text_hash = text, text_hash(text)
    top_up.messenger, top_up.user_id, top_up.message_id = press.messenger, press.user_id, press.message_id
    top_up.pool_id = _grant(uow, top_up, by)
    look_at_held(uow)  # hours are usable whatever is owed (R9.1)
    uow.tell(
        Managers(),
        "top_up/approved_told",
        BoughtTopUp(
            uow.session.get_one(Company, top_up.company_id).name,
            top_up.minutes,
            gross,
            uow.session.get_one(Person, by).name,
        ),
    )
    return top_up, True


def _waiting(uow: UnitOfWork, contract_id: int, minutes: int, by: int) -> TopUp | None:
    """What the person has asked for already and nobody has answered yet."""
    return uow.session.exec(
        select(TopUp)
        .where(TopUp.contract_id == contract_id, TopUp.minutes == minutes, TopUp.asked_by == by)
        .where(
            (col(TopUp.state) == TopUpState.ASKED)
            | ((col(TopUp.state) == TopUpState.OFFERED) & (col(TopUp.valid_until) >= uow.now))
        )
        .order_by(col(TopUp.id).desc())
        .limit(1)
    ).first()


def _grant(uow: UnitOfWork, top_up: TopUp, by: int) -> int:
    company = uow.session.get_one(Company, top_up.company_id)
    pool = Pool(
        code=f"top-up/{top_up.id}",
        contract_id=top_up.contract_id,
        kind=PoolKind.PREPAID,
        starts=uow.day(company.timezone),
        granted_by=by,
        created_at=uow.now,
    )
    uow.session.add(pool)
    uow.session.flush()
    uow.session.add(
        PoolEntry(pool_id=pool.id, kind=EntryKind.GRANT, amount=top_up.minutes, by_person=by, made_at=uow.now)
    )
    uow.session.flush()
    return pool.id


def _freeze(uow: UnitOfWork, top_up: TopUp, gross: int) -> None:
    company = uow.session.get_one(Company, top_up.company_id)
    rate = seller_rate(uow.session, seller_day(uow.session, uow.now))
    vat = vat_of_line(gross, rate, inclusive=True) if rate is not None else 0
    days = policy(uow.session, "top_up_valid_days")
    until = at(uow.day(company.timezone) + timedelta(days=days), time(23, 59), company.timezone)
    top_up.kopecks, top_up.vat, top_up.vat_bp, top_up.valid_until = gross, vat, rate, until
    top_up.state, top_up.offered_at = TopUpState.OFFERED, uow.now
    offer = TopUpOffer(
        contract=uow.session.get_one(Contract, top_up.contract_id).number,
        minutes=top_up.minutes,
        gross=gross,
        vat=vat,
        vat_percent=rate // 100 if rate is not None else None,
        until=until,
        zone=company.timezone,
    )
    top_up.texts = {lang: render("top_up/text", lang, offer) for lang in LANGUAGES}
    uow.session.add(top_up)
    uow.session.flush()


def _locked(session: Session, top_up_id: int) -> TopUp:
    found = lock(session, TopUp, top_up_id)
    if found is None:
        raise NotFound
    return found
