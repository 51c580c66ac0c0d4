"""Who may say yes to a sum: approvers and owners within their limits, and deputies in their stead (R7.4, R7.6)."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam
from sqlmodel import Session, col, func, select
from sqlmodel.sql.expression import SelectOfScalar

from bot.billing.quotes.models import Approval, Quote, TopUp, TopUpState
from bot.billing.quotes.rule import Limit, check_limits
from bot.clients.models import ClientRole, Membership, Person, Site
from bot.clients.rights import acts_for, allowed, role_held
from bot.clients.zones import company_zone
from bot.db.clock import month_began
from bot.db.locks import lock_found

MAY_APPROVE = (ClientRole.APPROVER, ClientRole.OWNER)
_HOLDERS = (  # a ticket asks four times: put together once
    select(Membership, Person)
    .join(Person, col(Person.id) == col(Membership.person_id))
    .where(col(Membership.company_id) == bindparam("company"), role_held(Membership))
    .where(col(Membership.role).in_(MAY_APPROVE))
    .order_by(col(Membership.id))
)


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
    holders = _holders(session, scope)
    spent = _spent_in_month(session, [membership for membership, _ in holders], now)
    within = (person for membership, person in holders if _limit(membership, gross, spent) is Limit.WITHIN)
    return list({person.id: person for person in within}.values())


def deputies(session: Session, scope: Scope, gross: int, now: datetime) -> list[Person]:
    """Deputies of those who may approve the sum and don't answer, themselves people of the company (R7.6)."""
    found: dict[int, Person] = {}
    asked = {person.id for person in who_may_approve(session, scope, gross, now)}
    memberships = [membership for membership, _ in _holders(session, scope)]
    spent = _spent_in_month(session, memberships, now)
    for membership in memberships:
        deputy = membership.deputy_id
        if deputy is None or deputy in asked or _limit(membership, gross, spent) is not Limit.WITHIN:
            continue
        if belongs(session, deputy, scope.company_id):
            found.setdefault(deputy, session.get_one(Person, deputy))
    return list(found.values())


def may_approve(session: Session, person_id: int, scope: Scope, gross: int, now: datetime) -> bool:
    """Whether the person may say yes to this sum now, by their own right."""
    return any(person.id == person_id for person in who_may_approve(session, scope, gross, now))


def within_limits(session: Session, person_id: int, scope: Scope, gross: int, now: datetime) -> bool:
    """Whether the person may say yes to this sum now, by a right of their own or one they stand in for (R7.4)."""
    rights = rights_of(session, person_id, scope)
    spent = _spent_in_month(session, rights, now)
    return any(_limit(right, gross, spent) is Limit.WITHIN for right in rights)


def approves_for(session: Session, person_id: int, company_id: int) -> bool:
    """Whether the person has any right of their own to approve for the company or one of its sites."""
    return allowed(session, acts_for, MAY_APPROVE, person=person_id, company=company_id)


@dataclass(frozen=True, slots=True)
class OwnRight:
    """What a person may say yes to: the place (None: everywhere), and kopecks for a job and a month (None: any)."""

    site: str | None
    job_limit: int | None
    month_limit: int | None


def own_rights(session: Session, person_id: int, company_id: int) -> list[OwnRight]:
    """Rights of their own to approve for the company, as they are told of them."""
    rows = session.exec(
        select(Membership, Site.name)
        .outerjoin(Site, col(Site.id) == col(Membership.site_id))
        .where(Membership.person_id == person_id, Membership.company_id == company_id)
        .where(col(Membership.role).in_(MAY_APPROVE), role_held(Membership))
        .order_by(col(Membership.id))
    ).all()
    return [OwnRight(site, right.job_limit, right.month_limit) for right, site in rows]


def rights_of(session: Session, person_id: int, scope: Scope) -> list[Membership]:
    """Memberships that give the right, a deputy's last."""
    if not belongs(session, person_id, scope.company_id):
        return []
    rows = session.exec(_rights(person_id, scope.company_id)).all()
    return _reaching(rows, person_id, scope)


def locked_rights(session: Session, person_id: int, scope: Scope) -> list[Membership]:
    """The same, locked: a month's limit is used by one approval at a time. Before the ticket and the quote are."""
    rows = [row for (row,) in lock_found(session, _rights(person_id, scope.company_id), Membership)]
    return _reaching(rows, person_id, scope) if belongs(session, person_id, scope.company_id) else []


def _reaching(rows: Sequence[Membership], person_id: int, scope: Scope) -> list[Membership]:
    return sorted((row for row in rows if _reaches(row, scope)), key=lambda row: row.person_id != person_id)


def limit_of(session: Session, membership: Membership, gross: int, now: datetime) -> Limit:
    """Compare a sum with a right's limits: all quotes and top-ups of this month count, its deputy's too."""
    return _limit(membership, gross, _spent_in_month(session, [membership], now))


def belongs(session: Session, person_id: int, company_id: int) -> bool:
    """Whether the person is active and has any live role in the company, which is open (R2.7, R2.8)."""
    return allowed(session, acts_for, person=person_id, company=company_id)


def _rights(person_id: int, company_id: int) -> SelectOfScalar[Membership]:
    return (
        select(Membership)
        .where(Membership.company_id == company_id, col(Membership.role).in_(MAY_APPROVE))
        .where((col(Membership.person_id) == person_id) | (col(Membership.deputy_id) == person_id))
        .where(role_held(Membership))
        .order_by(col(Membership.id))
    )


def _holders(session: Session, scope: Scope) -> list[tuple[Membership, Person]]:
    rows = session.exec(_HOLDERS, params={"company": scope.company_id}).all()
    return [(membership, person) for membership, person in rows if _reaches(membership, scope)]


def _spent_in_month(session: Session, rights: Sequence[Membership], now: datetime) -> Counter[int]:
    """Kopecks by person, for those whom a month's limit binds; `rights` are of one company.

    Asked once for all of them: a large client has dozens of approvers, and a ticket asks four times who they are.
    """
    bound = [right for right in rights if right.month_limit is not None]
    people = {person for right in bound for person in _bound_together(right)}
    spent: Counter[int] = Counter()
    if not bound:
        return spent
    company_id = bound[0].company_id
    month = month_began(now, company_zone(session, company_id))
    said = session.exec(
        select(Approval.person_id, func.sum(Approval.gross))
        .join(Quote, col(Quote.id) == col(Approval.quote_id))
        .where(col(Approval.person_id).in_(people), Quote.company_id == company_id)
        .where(col(Approval.approved).is_(True), col(Approval.decided_at) >= month)
        .group_by(col(Approval.person_id))
    ).all()
    bought = session.exec(
        select(TopUp.approved_by, func.sum(TopUp.kopecks))
        .where(col(TopUp.approved_by).in_(people), TopUp.company_id == company_id)
        .where(TopUp.state == TopUpState.APPROVED, col(TopUp.approved_at) >= month)
        .group_by(col(TopUp.approved_by))
    ).all()
    for person, kopecks in (*said, *bought):
        spent[person or 0] += int(kopecks)
    return spent


def _limit(membership: Membership, gross: int, spent: Counter[int]) -> Limit:
    used = sum(spent[person] for person in _bound_together(membership))
    return check_limits(gross, used, membership.job_limit, membership.month_limit)


def _bound_together(membership: Membership) -> set[int]:
    """The holder of a right and their deputy: what either approves counts towards its limits."""
    return {membership.person_id} | ({membership.deputy_id} if membership.deputy_id is not None else set())


def _reaches(membership: Membership, scope: Scope) -> bool:
    return membership.site_id is None or membership.site_id == scope.site_id
