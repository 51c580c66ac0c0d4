"""The client's yes or no to one version of a quote (R7.4, R7.5)."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, func, select

from bot.billing.models import Approval, Quote, QuoteState, QuoteVersion
from bot.billing.quoting import Limit, check_limits
from bot.billing.send_quote import OPEN, locked_quote, text_hash, version_of
from bot.clients.models import ClientRole, Company, Membership, Person
from bot.db.errors import NotAllowed, Outdated, Refusal
from bot.db.unit_of_work import UnitOfWork

MAY_APPROVE = (ClientRole.APPROVER, ClientRole.OWNER)


class QuoteOutdated(Outdated):
    """The button is of another version, or the quote was decided or has expired (R7.3)."""

    key = "refusal.quote_outdated"


class OverLimit(Refusal):
    """The sum is above the person's limit: it waits for somebody else (R7.6)."""

    key = "refusal.over_limit"


@dataclass(frozen=True, slots=True)
class Press:
    """Where a decision was made: messenger account, message and its language; empty for one without a button."""

    user_id: int | None = None
    message_id: int | None = None
    language: str = "ru"


@dataclass(frozen=True, slots=True)
class Decided:
    """A decision; `repeated`: it had been made before and nothing changed now."""

    approval: Approval
    quote: Quote
    repeated: bool = False


def approve_quote(uow: UnitOfWork, quote_id: int, version: int, by: int, press: Press) -> Decided:
    """Yes. Raises NotAllowed, OverLimit, QuoteOutdated. The same press again gets the same answer (R7.4)."""
    return _decide(uow, quote_id, version, by, press, approved=True)


def decline_quote(uow: UnitOfWork, quote_id: int, version: int, by: int, press: Press) -> Decided:
    """No; it closes the paid part, not the appeal (R7.9). Raises NotAllowed, QuoteOutdated."""
    return _decide(uow, quote_id, version, by, press, approved=False)


def approve_by_ceiling(uow: UnitOfWork, quote: Quote, reason: str) -> Approval:
    """The pre-authorised ceiling approves by itself, and says so (R7.6)."""
    version = version_of(uow.session, quote)
    quote.state = QuoteState.APPROVED
    text = version.texts["ru"]
    row = Approval(
        quote_id=quote.id or 0,
        version=quote.version,
        approved=True,
        way="ceiling",
        text=text,
        text_hash=text_hash(text),
        gross=version.gross,
        reason=reason,
        decided_at=uow.now,
    )
    uow.session.add(row)
    uow.session.flush()
    return row


def expire_quote(uow: UnitOfWork, quote_id: int) -> Quote | None:
    """The quote's time has run out; None when it was decided already or is still valid."""
    quote = locked_quote(uow.session, quote_id)
    if quote.state not in OPEN or version_of(uow.session, quote).valid_until > uow.now:
        return None
    quote.state = QuoteState.EXPIRED
    uow.session.flush()
    return quote


def withdraw_quote(uow: UnitOfWork, quote_id: int) -> Quote:
    """The offer no longer stands; a decided one stays as it is."""
    quote = locked_quote(uow.session, quote_id)
    if quote.state in OPEN:
        quote.state = QuoteState.WITHDRAWN
        uow.session.flush()
    return quote


def who_may_approve(session: Session, company_id: int, gross: int, now: datetime) -> list[Person]:
    """People whose right and limits take in the sum, at this moment (R7.6)."""
    rows = session.exec(
        select(Membership, Person)
        .join(Person, col(Person.id) == col(Membership.person_id))
        .where(Membership.company_id == company_id, col(Membership.ended_at).is_(None), col(Person.active).is_(True))
        .where(col(Membership.role).in_(MAY_APPROVE))
        .order_by(col(Membership.id))
    ).all()
    found = {
        person.id: person
        for membership, person in rows
        if _limit(session, membership, company_id, gross, now) is Limit.WITHIN
    }
    return list(found.values())


def may_approve(session: Session, person_id: int, company_id: int, gross: int, now: datetime) -> bool:
    """Whether the person may say yes to this sum now."""
    return any(person.id == person_id for person in who_may_approve(session, company_id, gross, now))


def approval_of(session: Session, quote_id: int, version: int) -> Approval | None:
    """The one decision on a version, if it was made."""
    query = select(Approval).where(Approval.quote_id == quote_id, Approval.version == version)
    return session.exec(query).one_or_none()


def _decide(uow: UnitOfWork, quote_id: int, version: int, by: int, press: Press, *, approved: bool) -> Decided:
    session = uow.session
    quote = locked_quote(session, quote_id)
    memberships = _rights(session, by, quote.company_id)
    if not memberships:
        raise NotAllowed
    earlier = approval_of(session, quote_id, version)
    if earlier is not None:
        if earlier.person_id == by and earlier.approved == approved:
            return Decided(earlier, quote, repeated=True)
        raise QuoteOutdated
    shown = version_of(session, quote)
    if version != quote.version or quote.state not in OPEN or shown.valid_until < uow.now:
        raise QuoteOutdated
    if approved and not any(
        _limit(session, each, quote.company_id, shown.gross, uow.now) is Limit.WITHIN for each in memberships
    ):
        names = [person.name for person in who_may_approve(session, quote.company_id, shown.gross, uow.now)]
        raise OverLimit(names=", ".join(names))
    return Decided(_record(uow, quote, shown, by, press, approved=approved), quote)


def _record(uow: UnitOfWork, quote: Quote, shown: QuoteVersion, by: int, press: Press, *, approved: bool) -> Approval:
    person = uow.session.get_one(Person, by)
    text = shown.texts.get(press.language, shown.texts["ru"])
    row = Approval(
        quote_id=quote.id or 0,
        version=shown.version,
        approved=approved,
        person_id=by,
        person_name=person.name,
        phone=person.phone,
        user_id=press.user_id,
        text=text,
        text_hash=text_hash(text),
        gross=shown.gross,
        message_id=press.message_id,
        decided_at=uow.now,
    )
    uow.session.add(row)
    quote.state = QuoteState.APPROVED if approved else QuoteState.DECLINED
    uow.session.flush()
    return row


def _rights(session: Session, person_id: int, company_id: int) -> list[Membership]:
    """Memberships that give the right, locked: a month's limit is used by one approval at a time."""
    query = (
        select(Membership)
        .where(Membership.person_id == person_id, Membership.company_id == company_id)
        .where(col(Membership.ended_at).is_(None), col(Membership.role).in_(MAY_APPROVE))
        .with_for_update()
    )
    person = session.get(Person, person_id)
    return list(session.exec(query).all()) if person is not None and person.active else []


def _limit(session: Session, membership: Membership, company_id: int, gross: int, now: datetime) -> Limit:
    zone = ZoneInfo(session.get_one(Company, company_id).timezone)
    month = now.astimezone(zone).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    said = session.exec(
        select(func.coalesce(func.sum(Approval.gross), 0))
        .join(Quote, col(Quote.id) == col(Approval.quote_id))
        .where(Approval.person_id == membership.person_id, Quote.company_id == company_id)
        .where(col(Approval.approved).is_(True), col(Approval.decided_at) >= month)
    ).one()
    return check_limits(gross, int(said), membership.job_limit, membership.month_limit)
