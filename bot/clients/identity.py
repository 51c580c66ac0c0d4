"""Who is speaking: the person behind a messenger account, with roles as they are at this moment (R2.4)."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlmodel import Session, col, select

from bot.clients.models import Account, ClientRole, Employment, Membership, Person, StaffRole


@dataclass(frozen=True, slots=True)
class Visitor:
    """The speaker of a turn; `person` is None for an account never seen before."""

    user_id: int
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

    def roles_in(self, company_id: int) -> frozenset[ClientRole]:
        return frozenset(m.role for m in self.memberships if m.company_id == company_id)

    @property
    def is_client(self) -> bool:
        return bool(self.memberships)

    @property
    def is_staff(self) -> bool:
        return bool(self.staff_roles)


def visitor_of(session: Session, user_id: int, hint: str | None = None) -> Visitor:
    """Read the speaker afresh: person, live memberships, live staff roles. A deactivated person has none (R2.7)."""
    person = session.exec(
        select(Person)
        .join(Account, col(Account.person_id) == col(Person.id))
        .where(Account.user_id == user_id, col(Account.unlinked_at).is_(None))
    ).one_or_none()
    if person is None or person.id is None:
        return Visitor(user_id, hint=hint)
    if not person.active:
        return Visitor(user_id, person, hint=hint)
    memberships = session.exec(
        select(Membership)
        .where(Membership.person_id == person.id, col(Membership.ended_at).is_(None))
        .order_by(col(Membership.id))
    ).all()
    roles = session.exec(
        select(Employment.role).where(Employment.person_id == person.id, col(Employment.ended_at).is_(None))
    ).all()
    return Visitor(user_id, person, tuple(memberships), frozenset(StaffRole(role) for role in roles), hint)
