"""Consent to a text: given by a press, kept with the text's version and hash, withdrawn at any time (R2.5)."""

from dataclasses import dataclass
from hashlib import sha256

from sqlmodel import Session, col, select

from bot.clients.models import Consent, Seller
from bot.db.live import live
from bot.db.unit_of_work import UnitOfWork
from bot.messaging.messengers import AccountId
from bot.messaging.notices.texts import render

PERSONAL_DATA = "personal_data"
TEXT_VERSION = "2026-12"


@dataclass(frozen=True, slots=True)
class ConsentText:
    """What is agreed to; `seller` is the operator, None before its requisites are there."""

    seller: Seller | None


def text_hash(session: Session, lang: str) -> str:
    """SHA-256 of the text as it is shown."""
    text = ConsentText(session.exec(select(Seller)).first())
    return sha256(render("onboarding/consent_text", lang, text).encode()).hexdigest()


def live_consent(session: Session, person_id: int, kind: str = PERSONAL_DATA) -> Consent | None:
    """The consent in force, or None."""
    return session.exec(
        select(Consent)
        .where(Consent.person_id == person_id, Consent.kind == kind, live(Consent))
        .order_by(col(Consent.id).desc())
        .limit(1)
    ).first()


def give_consent(uow: UnitOfWork, person_id: int, account: AccountId, lang: str, message_id: int | None) -> Consent:
    """Keep the yes; a second press changes nothing."""
    if earlier := live_consent(uow.session, person_id):
        return earlier
    consent = Consent(
        person_id=person_id,
        messenger=account.messenger,
        user_id=account.number,
        text_version=TEXT_VERSION,
        text_hash=text_hash(uow.session, lang),
        message_id=message_id,
        given_at=uow.now,
    )
    uow.session.add(consent)
    uow.session.flush()
    return consent


def withdraw_consent(uow: UnitOfWork, person_id: int) -> bool:
    """Take it back; False when there was none."""
    consent = live_consent(uow.session, person_id)
    if consent is None:
        return False
    consent.withdrawn_at = uow.now
    uow.session.flush()
    return True


def carry_consent(uow: UnitOfWork, stranger_id: int, person_id: int) -> None:
    """The yes given before we knew who it was counts for the person it turned out to be; its record stays."""
    given = live_consent(uow.session, stranger_id)
    if given is None or live_consent(uow.session, person_id) is not None:
        return
    uow.session.add(
        Consent(
            person_id=person_id,
            messenger=given.messenger,
            user_id=given.user_id,
            kind=given.kind,
            text_version=given.text_version,
            text_hash=given.text_hash,
            message_id=given.message_id,
            given_at=given.given_at,
        )
    )
    uow.session.flush()
