"""Who is speaking: the person behind a messenger account, with roles as they are at this moment (R2.4)."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import ColumnElement, bindparam
from sqlmodel import Session, and_, col, select

from bot.clients.models import Account, ClientRole, Employment, Membership, Person, StaffRole
from bot.clients.rights import MONEY, SPEAK, open_company
from bot.clients.zones import company_zone
from bot.db.live import is_live, live
from bot.messaging.messengers import AccountId


@dataclass(frozen=True, slots=True)
class Visitor:
    """The speaker of a turn; `person` is None for an account never seen before."""

    account: AccountId
    person: Person | None = None
    memberships: Sequence[Membership] = field(default_factory=tuple)
    staff_roles: frozenset[StaffRole] = frozenset()
    hint: str | None = None  # the messenger's language code

    @property
    def language(self) -> str:
        if self.person is not None:
            return self.person.language
        return "ru" if (self.hint or "ru").startswith(("ru", "be", "uk", "kk")) else "en"

    @property
    def companies(self) -> list[int]:
        """Ids of the companies they act for, without repeats."""
        return list(dict.fromkeys(m.company_id for m in self.memberships))

    def zone(self, session: Session) -> str:
        """The zone of the company that they came to last; ours for our own people and strangers."""
        return company_zone(session, self.companies[-1] if self.memberships else None)

    def roles_in(self, company_id: int) -> frozenset[ClientRole]:
        return frozenset(m.role for m in self.memberships if m.company_id == company_id)

    @property
    def is_client(self) -> bool:
        return bool(self.memberships)

    @property
    def sees_money(self) -> bool:
        """Whether they see the figures of any company, as `rights.sees_money` has it."""
        return any(m.role in MONEY and m.site_id is None for m in self.memberships)

    @property
    def approves(self) -> bool:
        """Whether they approve work for any company or place, by a right of their own."""
        return any(m.role in SPEAK for m in self.memberships)

    @property
    def is_staff(self) -> bool:
        return bool(self.staff_roles)


_SPEAKER = (
    select(Person, Membership, Employment.role)
    .join(Account, col(Account.person_id) == col(Person.id))
    .outerjoin(
        Membership,
        and_(
            col(Membership.person_id) == col(Person.id),
            live(Membership),
            open_company(col(Membership.company_id)),
        ),
    )
    .outerjoin(Employment, and_(col(Employment.person_id) == col(Person.id), live(Employment)))
    .where(col(Account.messenger) == bindparam("messenger"), col(Account.user_id) == bindparam("user"))
    .where(live(Account))
    .order_by(col(Membership.id))
)


def _live(account: AccountId) -> tuple[ColumnElement[bool], ...]:
    key = (col(Account.messenger) == account.messenger, col(Account.user_id) == account.number)
    return (*key, live(Account))


def person_behind(session: Session, account: AccountId) -> int | None:
    """The person whose messenger account this is, if it is linked to anyone."""
    query = select(Account.person_id).where(*_live(account))
    return session.exec(query).one_or_none()


def visitor_of(session: Session, account: AccountId, hint: str | None = None) -> Visitor:
    """Read the speaker afresh: person, live memberships, live staff roles. A deactivated person has none (R2.7),
    a closed company gives none (R2.8).

    One query, put together once, because every turn asks it; a row for each pair of a membership and a staff role.
    """
    rows = session.exec(_SPEAKER, params={"messenger": account.messenger, "user": account.number}).all()
    if not rows:
        return Visitor(account, hint=hint)
    person: Person = rows[0][0]
    if not is_live(person):
        return Visitor(account, person, hint=hint)
    memberships = {membership.id: membership for _, membership, _ in rows if membership is not None}
    roles = frozenset(StaffRole(role) for _, _, role in rows if role is not None)
    return Visitor(account, person, tuple(memberships.values()), roles, hint)
