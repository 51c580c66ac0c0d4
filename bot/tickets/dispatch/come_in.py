"""A stranger turns out to be someone we know: what they wrote and agreed to goes with them."""

from sqlalchemy import update
from sqlmodel import col, select

from bot.clients.consent import carry_consent, give_consent, withdraw_consent
from bot.clients.identification.invitations import accept_invitation
from bot.clients.identification.recognise import Recognised, share_phone
from bot.clients.models import Account, Employment, Membership, Person
from bot.clients.objects import companies_of
from bot.db.unit_of_work import UnitOfWork
from bot.messaging.messengers import AccountId, ChatId
from bot.messaging.outgoing.outbox import drop_unsent
from bot.tickets.dispatch.leaving import consent_withdrawn
from bot.tickets.life.models import Appeal, Message


def come_in_by_phone(
    uow: UnitOfWork, by: Person, account: AccountId, phone: str, contact_user_id: int | None, *, forwarded: bool
) -> Recognised:
    """Take the shared contact (R2.1). Raises NotYourContact."""
    found = share_phone(uow, by, account, phone, contact_user_id, forwarded)
    _carry_over(uow, by, found.person)
    return found


def come_in_by_invitation(uow: UnitOfWork, by: Person | None, account: AccountId, code: str) -> Recognised:
    """Open a link (R2.2). Raises InvitationSpent."""
    found = accept_invitation(uow, code, account)
    if by is not None:
        _carry_over(uow, by, found.person)
    return found


def agree(uow: UnitOfWork, person: Person, account: AccountId, message_id: int | None) -> None:
    """The yes to the text as this person was shown it (R2.5)."""
    give_consent(uow, person.id, account, person.language, message_id)


def step_back(uow: UnitOfWork, person: Person, account: AccountId) -> bool:
    """Consent is withdrawn (R2.5): this account speaks for nobody until it agrees and shows its number again.
    Dispatchers hear which open tickets that leaves behind.

    False when there was no consent to withdraw.
    """
    if not withdraw_consent(uow, person.id):
        return False
    row = uow.session.get(Account, account)
    if row is not None:
        row.unlinked_at = uow.now
    uow.session.flush()
    consent_withdrawn(uow, person)
    drop_unsent(uow.session, [ChatId(*account)], uow.now)
    return True


def _carry_over(uow: UnitOfWork, stranger: Person, person: Person) -> None:
    """Only from one who had no name of ours: two known people never mix."""
    if stranger.id == person.id or stranger.code is not None:
        return
    for table in (Membership, Employment):
        if uow.session.exec(select(table.id).where(table.person_id == stranger.id).limit(1)).first() is not None:
            return
    carry_consent(uow, stranger.id, person.id)
    companies = companies_of(uow.session, person.id)
    one = companies[0].id if len(companies) == 1 else None
    uow.session.flush()
    connection = uow.session.connection()
    connection.execute(update(Message).where(col(Message.person_id) == stranger.id).values(person_id=person.id))
    connection.execute(
        update(Appeal)
        .where(col(Appeal.person_id) == stranger.id, col(Appeal.company_id).is_(None))
        .values(company_id=one)
    )
    connection.execute(update(Appeal).where(col(Appeal.person_id) == stranger.id).values(person_id=person.id))
    uow.session.expire_all()
