"""«До 5 000 ₽ без звонка»: who may set a ceiling of an object, and the record of who did and when (R7.6)."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam
from sqlmodel import Session, col, select

from bot.billing.quotes.approve import OverLimit
from bot.billing.quotes.approvers import Scope, limit_of, locked_rights, who_may_approve
from bot.billing.quotes.models import Approval, Ceiling, Quote
from bot.billing.quotes.rule import Limit
from bot.clients.models import Person, ServiceObject
from bot.clients.policy import policy
from bot.clients.rights import MANAGERS, decides, employed, require
from bot.db.errors import NotFound
from bot.db.live import live
from bot.db.locks import lock
from bot.db.unit_of_work import UnitOfWork

OFFERED = ("ceiling_small_roubles", "ceiling_middle_roubles", "ceiling_large_roubles")
_DECIDED = (
    select(ServiceObject)
    .where(live(ServiceObject), col(ServiceObject.company_id) == bindparam("company"))
    .where(decides(bindparam("person"), col(ServiceObject.company_id), col(ServiceObject.site_id)))
    .order_by(col(ServiceObject.model), col(ServiceObject.id))
)
_ONE_DECIDED = _DECIDED.where(col(ServiceObject.id) == bindparam("thing"))
EVIDENCE = "ceiling/"  # what the evidence of a yes by a ceiling of an object begins with; its id follows


@dataclass(frozen=True, slots=True)
class GivenCeiling:
    """A ceiling in kopecks with who gave it and when."""

    kopecks: int
    person: str
    given_at: datetime


@dataclass(frozen=True, slots=True)
class UsedCeiling:
    """A ceiling that said yes, to `gross` kopecks."""

    gross: int
    given: GivenCeiling


def ceilings_offered(session: Session) -> list[int]:
    """Sums in kopecks that the chat offers; 0, «ask each time», is always one."""
    return [0, *(policy(session, name) * 100 for name in OFFERED)]


def ceilings_of(session: Session, objects: Collection[int]) -> dict[int, GivenCeiling]:
    """Ceilings that hold now, by object."""
    query = (
        select(Ceiling, Person.name)
        .join(Person, col(Person.id) == col(Ceiling.granted_by))
        .where(col(Ceiling.object_id).in_(objects), live(Ceiling))
        .order_by(col(Ceiling.id))
    )
    return {row.object_id: GivenCeiling(row.kopecks, name, row.granted_at) for row, name in session.exec(query).all()}


def ceilings_used(session: Session, ticket_id: int) -> list[UsedCeiling]:
    """Ceilings of the object that said yes on a ticket, with the sum of each yes, the first one first."""
    rows = session.exec(
        select(Approval.gross, Approval.evidence)
        .join(Quote, col(Quote.id) == col(Approval.quote_id))
        .where(Quote.ticket_id == ticket_id, col(Approval.evidence).startswith(EVIDENCE))
        .order_by(col(Approval.id))
    ).all()
    found = []
    for gross, evidence in rows:
        row = session.get_one(Ceiling, int((evidence or "").removeprefix(EVIDENCE)))
        given = GivenCeiling(row.kopecks, session.get_one(Person, row.granted_by).name, row.granted_at)
        found.append(UsedCeiling(gross, given))
    return found


def ceiling_objects(session: Session, company_id: int, by: int) -> list[ServiceObject]:
    """Objects of the company that the person approves work on, whatever the sum."""
    return list(session.exec(_DECIDED, params={"person": by, "company": company_id}).all())


def ceiling_object(session: Session, company_id: int, object_id: int, by: int) -> ServiceObject:
    """One of them. Raises NotFound."""
    thing = session.exec(_ONE_DECIDED, params={"person": by, "company": company_id, "thing": object_id}).one_or_none()
    if thing is None:
        raise NotFound
    return thing


def choose_ceiling(uow: UnitOfWork, object_id: int, kopecks: int, by: int) -> Ceiling:
    """Set one of the sums on offer. Raises NotFound, also for another sum, NotAllowed, OverLimit."""
    if kopecks not in ceilings_offered(uow.session):
        raise NotFound
    return set_ceiling(uow, object_id, kopecks, by)


def set_ceiling(uow: UnitOfWork, object_id: int, kopecks: int, by: int) -> Ceiling:
    """Set it, ending the earlier one, which stays to be read; 0: every quote of the object is asked for.

    `by` is an approver or owner of the client within their own limits, or our manager. The same sum again changes
    nothing. Raises NotFound, NotAllowed, OverLimit.
    """
    thing = uow.session.get(ServiceObject, object_id)
    if thing is None or kopecks < 0:
        raise NotFound
    scope = Scope(thing.company_id, thing.site_id)
    rights = locked_rights(uow.session, by, scope)
    lock(uow.session, ServiceObject, object_id)  # of two who set one at once the second ends the first's
    if not rights:
        require(uow.session, employed, MANAGERS, person=by)
    elif not any(limit_of(uow.session, each, kopecks, uow.now) is Limit.WITHIN for each in rights):
        names = [person.name for person in who_may_approve(uow.session, scope, kopecks, uow.now)]
        raise OverLimit(names=", ".join(names))
    earlier = live_ceiling(uow.session, thing.company_id, object_id)
    if earlier is not None and earlier.kopecks == kopecks:
        return earlier
    if earlier is not None:
        earlier.ended_at = uow.now
        uow.session.flush()  # before the new one is there: one of an object is live
    made = Ceiling(company_id=thing.company_id, object_id=object_id, kopecks=kopecks, granted_by=by, granted_at=uow.now)
    uow.session.add(made)
    uow.session.flush()
    return made


def live_ceiling(session: Session, company_id: int, object_id: int) -> Ceiling | None:
    """The ceiling of an object that holds now."""
    query = select(Ceiling).where(Ceiling.company_id == company_id, Ceiling.object_id == object_id, live(Ceiling))
    return session.exec(query.order_by(col(Ceiling.id).desc()).limit(1)).first()
