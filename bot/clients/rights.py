"""What a person may see at this moment, as SQL conditions over columns (R2.4, R2.7, R2.8).

A list filters by a condition and the opening of one thing asks the very same one, so that they can't part. `Value` is
a column of the thing asked about, a bound parameter or a plain id. Former staff, people who are not active and
companies that are closed have none of it, whatever their rows say.
"""

from collections.abc import Callable, Collection
from functools import lru_cache
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Executable, and_, bindparam, exists, or_
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from bot.clients.models import ClientRole, Company, Employment, Membership, Person, StaffRole
from bot.db.errors import NotAllowed
from bot.db.live import live
from bot.db.plain import ask

Value = Any
Right = Callable[..., ColumnElement[bool]]

EVERYONE = frozenset(ClientRole)
WIDE = frozenset({ClientRole.APPROVER, ClientRole.FINANCE, ClientRole.OWNER})  # see what others asked for (R2.8)
SPEAK = frozenset({ClientRole.APPROVER, ClientRole.OWNER})  # answer for the client whoever asked
MONEY = frozenset({ClientRole.FINANCE, ClientRole.OWNER})  # balances, invoices, debts (R2.3)
OFFICE = frozenset({StaffRole.DISPATCHER, StaffRole.MANAGER, StaffRole.ADMIN})
ADMINS = frozenset({StaffRole.ADMIN})
MANAGERS = frozenset({StaffRole.MANAGER, StaffRole.ADMIN})
WORKERS = frozenset({StaffRole.ENGINEER, StaffRole.DISPATCHER, StaffRole.ADMIN})
_ANYWHERE: Any = object()


def allowed(
    session: Session,
    right: Right,
    roles: Collection[ClientRole] | Collection[StaffRole] | None = None,
    **ids: int | None,
) -> bool:
    """Whether a right holds now for plain ids: `allowed(session, acts_for, MONEY, person=1, company=2)`.

    The statement is put together once for each right, roles and names: every press asks several.
    """
    asked = _question(right, frozenset(roles) if roles is not None else None, tuple(ids))
    return bool(ask(session, asked, **ids).scalar_one())


def require(
    session: Session,
    right: Right,
    roles: Collection[ClientRole] | Collection[StaffRole] | None = None,
    **ids: int | None,
) -> None:
    """The one way to ask for a right before an act, as `allowed` has it. Raises NotAllowed without it (R2.4)."""
    if not allowed(session, right, roles, **ids):
        raise NotAllowed


def staff_roles_now(session: Session, person_id: int) -> frozenset[StaffRole]:
    """Live staff roles; none for a deactivated person (R2.7)."""
    return frozenset(StaffRole(role) for role in ask(session, _ROLES, person=person_id).scalars())


@lru_cache(maxsize=256)
def _question(right: Right, roles: frozenset[Any] | None, names: tuple[str, ...]) -> Executable:
    given: dict[str, Any] = {name: bindparam(name, type_=BigInteger()) for name in names}
    if roles is not None:
        given["roles"] = roles
    return select(right(**given))


def role_held(role: Any) -> ColumnElement[bool]:
    """A row of memberships (the model, or an alias of it) counts now: the role hasn't ended, its person is active, its
    company is open (R2.7, R2.8)."""
    return and_(live(role), active_person(col(role.person_id)), open_company(col(role.company_id)))


def job_held(job: Any) -> ColumnElement[bool]:
    """A row of employments counts now: the job hasn't ended, its person is active (R2.7)."""
    return and_(live(job), active_person(col(job.person_id)))


def acts_for(
    person: Value, company: Value, roles: Collection[ClientRole] = EVERYONE, *, site: Value = _ANYWHERE
) -> ColumnElement[bool]:
    """The person holds one of the roles in the company. With `site`: for that place; a role for one site reaches
    nothing else, a thing that stands at no site (None) is the whole company's."""
    # Joined in one level: a condition nested deeper would not see the columns of the list it is asked in.
    member, who, its = aliased(Membership), aliased(Person), aliased(Company)
    holds = [
        col(member.person_id) == person,
        col(member.company_id) == company,
        live(member),
        col(who.id) == col(member.person_id),
        live(who),
        col(its.id) == col(member.company_id),
        live(its),
    ]
    if frozenset(roles) != EVERYONE:
        holds.append(col(member.role).in_(roles))
    if site is not _ANYWHERE:
        holds.append(or_(col(member.site_id).is_(None), col(member.site_id) == site))
    return exists().where(*holds)


def stands_in(person: Value, company: Value, *, site: Value = _ANYWHERE) -> ColumnElement[bool]:
    """The person, of the company themselves, is the deputy of one who may approve there (R7.6)."""
    holder, head = aliased(Membership), aliased(Person)
    holds = [
        col(holder.deputy_id) == person,
        col(holder.company_id) == company,
        live(holder),
        col(holder.role).in_(SPEAK),
        col(head.id) == col(holder.person_id),
        live(head),
    ]
    if site is not _ANYWHERE:
        holds.append(or_(col(holder.site_id).is_(None), col(holder.site_id) == site))
    return and_(exists().where(*holds), acts_for(person, company))


def decides(person: Value, company: Value, site: Value) -> ColumnElement[bool]:
    """The person may say yes to paid work at that place (None: of the company as a whole), by a right of their own or
    in the stead of one who may; up to which sum is another question (R7.6)."""
    return or_(acts_for(person, company, SPEAK, site=site), stands_in(person, company, site=site))


def employed(person: Value, roles: Collection[StaffRole] | None = None) -> ColumnElement[bool]:
    """The person is our own, with one of the roles (any where none is named); an admin has all."""
    job, worker = aliased(Employment), aliased(Person)
    holds = [
        col(job.person_id) == person,
        live(job),
        col(worker.id) == col(job.person_id),
        live(worker),
    ]
    if roles is not None:
        holds.append(col(job.role).in_({*roles, StaffRole.ADMIN}))
    return exists().where(*holds)


def answers_for(person: Value, worker: Value) -> ColumnElement[bool]:
    """What is a worker's own word to give (a phone call): theirs while they work here, then a leader's (R4.7)."""
    works = employed(worker, WORKERS)
    return or_(and_(person == worker, works), and_(~works, employed(person, OFFICE)))


def sees_object(person: Value, company: Value, site: Value) -> ColumnElement[bool]:
    """An object of service: our staff, and the company's people whose role reaches its site."""
    return or_(employed(person), acts_for(person, company, site=site))


def sees_work(
    person: Value, *, company: Value, site: Value, requester: Value, joined: ColumnElement[bool]
) -> ColumnElement[bool]:
    """A ticket with all that hangs on it (R2.8).

    Our staff; who asked for it or joined it (`joined`), while of the company; approvers, finance, owners and their
    deputies in their scope; every one of the company's people in theirs, where the company shares its tickets. One
    whom nobody ever let into the company and whom our dispatcher linked to it sees what they asked for themselves.
    """
    sharing = aliased(Company)
    return or_(
        employed(person),
        and_(requester == person, joined, _guest(person, company)),
        and_(acts_for(person, company), or_(requester == person, joined)),
        acts_for(person, company, WIDE, site=site),
        stands_in(person, company, site=site),
        and_(
            exists().where(col(sharing.id) == company, col(sharing.requesters_see_all).is_(True)),
            acts_for(person, company, site=site),
        ),
    )


def asks_for(person: Value, company: Value) -> ColumnElement[bool]:
    """The person may hear about what they asked for in the company's name."""
    return or_(acts_for(person, company), _guest(person, company))


def sees_money(person: Value, company: Value) -> ColumnElement[bool]:
    """The company's own figures: its finance and owners, not those of one site (R2.3, R9.2)."""
    return acts_for(person, company, MONEY, site=None)


def lets_in(person: Value, company: Value) -> ColumnElement[bool]:
    """Who lets people into the company and out of it: its owners and our managers."""
    return or_(acts_for(person, company, {ClientRole.OWNER}, site=None), employed(person, {StaffRole.MANAGER}))


def open_company(company: Value) -> ColumnElement[bool]:
    """The company is not closed."""
    its = aliased(Company)
    return exists().where(col(its.id) == company, live(its))


def active_person(person: Value) -> ColumnElement[bool]:
    """The person is not deactivated (R2.7)."""
    who = aliased(Person)
    return exists().where(col(who.id) == person, live(who))


def _guest(person: Value, company: Value) -> ColumnElement[bool]:
    """Nobody of the company, nor ever was: a stranger whose words a dispatcher linked to it. Who left is no guest."""
    past = aliased(Membership)
    never = ~exists().where(col(past.person_id) == person, col(past.company_id) == company)
    return and_(never, active_person(person), open_company(company))


_ROLES = (
    select(Employment.role)
    .join(Person, col(Person.id) == col(Employment.person_id))
    .where(col(Employment.person_id) == bindparam("person"), live(Employment))
    .where(live(Person))
)
