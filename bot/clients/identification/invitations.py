"""Invitation links: random, single-use, expiring, bound to one contact (R2.2)."""

import secrets
from datetime import timedelta

from sqlmodel import select

from bot.clients.identification.recognise import Recognised, move_account, recognised
from bot.clients.models import Invitation, Person
from bot.clients.policy import policy
from bot.db.errors import Refusal
from bot.db.live import is_live
from bot.db.locks import lock
from bot.db.unit_of_work import UnitOfWork
from bot.messaging.messengers import AccountId

PREFIX = "i_"


class InvitationSpent(Refusal):
    """Used, expired or unknown: the three look alike on purpose."""

    key = "refusal.invitation_spent"


def invite(uow: UnitOfWork, person_id: int, by: int | None) -> Invitation:
    """A fresh link for a person; earlier unused ones stop working."""
    for earlier in uow.session.exec(select(Invitation).where(Invitation.person_id == person_id)).all():
        if earlier.used_at is None:
            earlier.expires_at = uow.now
    invitation = Invitation(
        code=secrets.token_urlsafe(18),
        person_id=person_id,
        invited_by=by,
        created_at=uow.now,
        expires_at=uow.now + timedelta(hours=policy(uow.session, "invitation_hours")),
    )
    uow.session.add(invitation)
    uow.session.flush()
    return invitation


def invited(uow: UnitOfWork, code: str, account: AccountId) -> Recognised:
    """Whom a link that still works was made for. Raises InvitationSpent."""
    return recognised(uow, _usable(uow, code, account)[1])


def accept_invitation(uow: UnitOfWork, code: str, account: AccountId) -> Recognised:
    """Link the account that opened it; opened again by the same account it changes nothing. Raises InvitationSpent."""
    invitation, person = _usable(uow, code, account)
    if invitation.used_at is None:
        invitation.used_at = uow.now
        invitation.messenger, invitation.used_by = account
        move_account(uow, person, account)
    return recognised(uow, person)


def _usable(uow: UnitOfWork, code: str, account: AccountId) -> tuple[Invitation, Person]:
    invitation = lock(uow.session, Invitation, code)
    if invitation is None or (invitation.used_at is not None and (invitation.messenger, invitation.used_by) != account):
        raise InvitationSpent
    if invitation.used_at is None and invitation.expires_at <= uow.now:
        raise InvitationSpent
    person = uow.session.get(Person, invitation.person_id)
    if person is None or not is_live(person) or not recognised(uow, person).known:
        raise InvitationSpent
    return invitation, person
