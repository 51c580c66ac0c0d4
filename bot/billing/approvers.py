"""Who may say yes to a sum: approvers and owners within their limits, and deputies in their stead (R7.4, R7.6)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, func, select

from bot.billing.models import Approval, Quote
from bot.billing.quoting import Limit, check_limits
from bot.billing.top_up_models import TopUp, TopUpState
from bot.clients.models import ClientRole, Company, Membership, Person

MAY_APPROVE = (ClientRole.APPROVER, ClientRole.OWNER)


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose money it is: a company, and the site of the work where it has one. A right for one site reaches only it."""

    company_id: int
    site_id: int | None = None


def scope_of(quote: Quote) -> Scope:
    """Company and site of a quote."""
    return Scope(quote.company_id, quote.site_id)


def who_may_approve(session: Session, scope: Scope, gross: int, now: datetime) -> list[Person]:
    """People whose own right and limits take in the sum (kopecks), at this moment (R7.6)."""
    found: dict[int | None, Person] = {}
    for membership in _memberships(session, scope):
        if limit_of(session, membership, gross, now) is Limit.WITHIN:
            found.setdefault(membership.person_id, session.get_one(Person, membership.person_id))
    return list(found.values())


def deputies(session: Session, scope: Scope, gross: int, now: datetime) -> list[Person]:
    """Deputies of those who may approve the sum and don't answer, themselves people of the company (R7.6)."""
    found: dict[int, Person] = {}
    asked = {person.id for person in who_may_approve(session, scope, gross, now)}
    for membership in _memberships(session, scope):
        deputy = membership.deputy_id
        if deputy is None or deputy in asked or limit_of(session, membership, gross, now) is not Limit.WITHIN:
            continue
        if belongs(session, deputy, scope.company_id):
            found.setdefault(deputy, session.get_one(Person, deputy))
    return list(found.values())


def may_approve(session: Session, person_id: int, scope: Scope, gross: int, now: datetime) -> bool:
    """Whether the person may say yes to this sum now, by their own right."""
    return any(person.id == person_id for person in who_may_approve(session, scope, gross, now))


def approves_for(session: Session, person_id: int, company_id: int) -> bool:
    """Whether the person has any right of their own to approve for the company or one of its sites."""
    query = select(Membership.id).where(
        Membership.person_id == person_id,
        Membership.company_id == company_id,
        col(Membership.role).in_(MAY_APPROVE),
        col(Membership.ended_at).is_(None),
    )
    return session.exec(query.limit(1)).first() is not None


def rights_of(session: Session, person_id: int, scope: Scope) -> list[Membership]:
    """Memberships that give the right, a deputy's last; locked: a month's limit is used by one approval at a time."""
    if not belongs(session, person_id, scope.company_id):
        return []
    query = (
        select(Membership)
        .where(Membership.company_id == scope.company_id, col(Membership.role).in_(MAY_APPROVE))
        .where((col(Membership.person_id) == person_id) | (col(Membership.deputy_id) == person_id))
        .where(col(Membership.ended_at).is_(None))
        .order_by(col(Membership.id))
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    rows = [row for row in session.exec(query).all() if _reaches(row, scope)]
    return sorted(rows, key=lambda row: row.person_id != person_id)


def limit_of(session: Session, membership: Membership, gross: int, now: datetime) -> Limit:
    """Compare a sum with a right's limits: all quotes and top-ups of this month count, its deputy's too."""
    zone = ZoneInfo(session.get_one(Company, membership.company_id).timezone)
    month = now.astimezone(zone).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    people = [membership.person_id, *([membership.deputy_id] if membership.deputy_id is not None else [])]
    said = session.exec(
        select(func.coalesce(func.sum(Approval.gross), 0))
        .join(Quote, col(Quote.id) == col(Approval.quote_id))
        .where(col(Approval.person_id).in_(people), Quote.company_id == membership.company_id)
        .where(col(Approval.approved).is_(True), col(Approval.decided_at) >= month)
    ).one()
    bought = session.exec(
        select(func.coalesce(func.sum(TopUp.kopecks), 0))
        .where(col(TopUp.approved_by).in_(people), TopUp.company_id == membership.company_id)
        .where(TopUp.state == TopUpState.APPROVED, col(TopUp.approved_at) >= month)
    ).one()
    return check_limits(gross, int(said) + int(bought or 0), membership.job_limit, membership.month_limit)


def belongs(session: Session, person_id: int, company_id: int) -> bool:
    """Whether the person is active and has any live role in the company (R2.7)."""
    person = session.get(Person, person_id, populate_existing=True)
    query = select(Membership.id).where(
        Membership.person_id == person_id, Membership.company_id == company_id, col(Membership.ended_at).is_(None)
    )
    return person is not None and person.active and session.exec(query.limit(1)).first() is not None


def _memberships(session: Session, scope: Scope) -> Sequence[Membership]:
    rows = session.exec(
        select(Membership)
        .join(Person, col(Person.id) == col(Membership.person_id))
        .where(Membership.company_id == scope.company_id, col(Membership.ended_at).is_(None))
        .where(col(Person.active).is_(True), col(Membership.role).in_(MAY_APPROVE))
        .order_by(col(Membership.id))
    ).all()
    return [row for row in rows if _reaches(row, scope)]


def _reaches(membership: Membership, scope: Scope) -> bool:
    return membership.site_id is None or membership.site_id == scope.site_id
