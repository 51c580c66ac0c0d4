"""Recognising a person by the phone they share (R2.1), and moving an account that changed hands."""

from dataclasses import dataclass

from sqlalchemy import or_, update
from sqlmodel import col, select

from bot.clients.audiences import Owners
from bot.clients.identification.phones import shared_number
from bot.clients.identification.strangers import link
from bot.clients.models import Account, Company, Membership, Person
from bot.clients.phone_lines import told_by_number
from bot.clients.rights import allowed, employed, role_held
from bot.db.errors import Refusal
from bot.db.live import is_live, live
from bot.db.locks import lock_where
from bot.db.unit_of_work import UnitOfWork
from bot.messaging.messengers import AccountId


class NotYourContact(Refusal):
    """A contact of somebody else, or a forwarded one: no proof of anything."""

    key = "refusal.not_your_contact"


@dataclass(frozen=True, slots=True)
class AccountChanged:
    """Who writes from another account of the messenger now."""

    name: str


@dataclass(frozen=True, slots=True)
class Recognised:
    """Who it is now, and for whom they act; `known` is False for a number nobody has told us."""

    person: Person
    known: bool
    companies: tuple[str, ...]
    staff: bool


def share_phone(
    uow: UnitOfWork, by: Person, account: AccountId, phone: str, contact_user_id: int | None, forwarded: bool
) -> Recognised:
    """Take a shared contact (R2.1). Raises NotYourContact.

    A known number makes this account speak for the person we know; their earlier account is unlinked and the
    owners of their companies are told. An unknown number is kept with the stranger.
    """
    if contact_user_id != account.number or forwarded:
        raise NotYourContact
    number = shared_number(phone)
    known = _by_phone(uow, number) if number else None
    if known is None:
        by.phone = number or by.phone
        uow.session.add(by)
        uow.session.flush()
        return recognised(uow, by)
    if known.id != by.id:
        move_account(uow, known, account)
    return recognised(uow, known)


def recognised(uow: UnitOfWork, person: Person) -> Recognised:
    """What a person is to us at this moment; a deactivated one is nobody (R2.7)."""
    if not is_live(person):
        return Recognised(person, False, (), False)
    companies = uow.session.exec(
        select(Company.name)
        .join(Membership, col(Membership.company_id) == col(Company.id))
        .where(Membership.person_id == person.id, role_held(Membership))
        .distinct()
    ).all()
    staff = allowed(uow.session, employed, person=person.id)
    return Recognised(person, bool(companies) or staff, tuple(companies), staff)


def _by_phone(uow: UnitOfWork, number: str) -> Person | None:
    """The person with this number whom a company or we ourselves named; strangers don't count."""
    found = lock_where(uow.session, Person, told_by_number(number), live(Person))
    named = [person for person in found if recognised(uow, person).known]
    return named[0] if len(named) == 1 else None


def move_account(uow: UnitOfWork, person: Person, account: AccountId) -> None:
    """The newest account speaks; the others are silent from now on."""
    others = (
        col(Account.person_id) == person.id,
        live(Account),
        or_(col(Account.messenger) != account.messenger, col(Account.user_id) != account.number),
    )
    earlier = uow.session.exec(select(Account).where(*others)).all()
    uow.session.connection().execute(update(Account).where(*others).values(unlinked_at=uow.now))
    link(uow, account, person.id)
    if earlier:
        companies = uow.session.exec(
            select(Membership.company_id).where(Membership.person_id == person.id, role_held(Membership))
        ).all()
        for company_id in dict.fromkeys(companies):
            uow.tell(Owners(company_id), "people/account_changed", AccountChanged(person.name))
