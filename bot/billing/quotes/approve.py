"""The client's yes or no to one version of a quote (R7.4, R7.5)."""

from dataclasses import dataclass
from datetime import timedelta

from sqlmodel import Session, col, func, select

from bot.billing.quotes.approvers import limit_of, locked_rights, rights_of, scope_of, who_may_approve
from bot.billing.quotes.models import Approval, ApprovalDispute, Quote, QuoteState, QuoteVersion
from bot.billing.quotes.rule import ApprovalWay, Limit
from bot.billing.quotes.send import OPEN, QuoteOutdated, awaits_prepayment, locked_quote, text_hash, version_of
from bot.clients.models import Membership, Person
from bot.clients.policy import policy
from bot.db.errors import NotAllowed, NotFound, Refusal
from bot.db.unit_of_work import UnitOfWork
from bot.messaging.messengers import Messenger


class OverLimit(Refusal):
    """The sum is above the person's limit: it waits for somebody else (R7.6)."""

    key = "refusal.over_limit"


class NoEvidence(Refusal):
    """An oral approval needs a reason and evidence (R7.7)."""

    key = "refusal.no_evidence"


@dataclass(frozen=True, slots=True)
class Press:
    """Where a decision was made: messenger account, message, its language and button; empty for one without."""

    user_id: int | None = None
    message_id: int | None = None
    language: str = "ru"
    button: str = ""
    messenger: Messenger | None = None


@dataclass(frozen=True, slots=True)
class Decided:
    """A decision; `repeated`: it had been made before and nothing changed now."""

    approval: Approval
    quote: Quote
    repeated: bool = False


def approve_quote(uow: UnitOfWork, quote_id: int, version: int, by: int, press: Press) -> Decided:
    """Yes. Raises NotAllowed, OverLimit, QuoteOutdated. The same press again gets the same answer (R7.4)."""
    return _decide(uow, quote_id, version, by, press, approved=True)


def decline_quote(uow: UnitOfWork, quote_id: int, version: int, by: int, press: Press) -> Decided:
    """No; it closes the paid part, not the appeal (R7.9). Raises NotAllowed, QuoteOutdated."""
    return _decide(uow, quote_id, version, by, press, approved=False)


def approve_orally(uow: UnitOfWork, quote_id: int, person_id: int, reason: str, evidence: str, by: int) -> Decided:
    """Staff records the yes of a client's person who may give it; flagged, and disputable for some hours (R7.7).

    The right of `by` is the caller's to check. Raises NoEvidence, NotAllowed, OverLimit, QuoteOutdated.
    """
    if not reason.strip() or not evidence.strip():
        raise NoEvidence
    _rights(uow.session, quote_id, person_id)
    quote = locked_quote(uow.session, quote_id)
    decided = _decide(uow, quote_id, quote.version, person_id, Press(button="oral"), approved=True)
    if decided.repeated:
        return decided
    row = decided.approval
    row.way, row.recorded_by = ApprovalWay.ORAL, by
    row.reason, row.evidence = reason.strip()[:600], evidence.strip()[:600]
    row.disputable_until = uow.now + timedelta(hours=policy(uow.session, "oral_dispute_hours"))
    uow.session.flush()
    return decided


def dispute_approval(uow: UnitOfWork, quote_id: int, by: int, reason: str) -> tuple[Quote, bool]:
    """«Я этого не согласовывал»: the oral yes no longer stands and nothing of it is billed (R7.7, R7.9).

    Any person of the client with a right to approve may say it. Returns the quote and whether it is new. Raises
    NotAllowed, QuoteOutdated once the time for it is over.
    """
    quote = locked_quote(uow.session, quote_id)
    if not rights_of(uow.session, by, scope_of(quote)):
        raise NotAllowed
    approval = approval_of(uow.session, quote_id, quote.version)
    if approval is None or approval.way != ApprovalWay.ORAL:
        raise QuoteOutdated
    earlier = select(ApprovalDispute).where(ApprovalDispute.approval_id == approval.id)
    if uow.session.exec(earlier).first() is not None:
        return quote, False
    if approval.disputable_until is None or approval.disputable_until < uow.now:
        raise QuoteOutdated
    uow.session.add(ApprovalDispute(approval_id=approval.id, person_id=by, reason=reason[:600], disputed_at=uow.now))
    quote.state = QuoteState.WITHDRAWN
    uow.session.flush()
    return quote, True


def approve_by_ceiling(uow: UnitOfWork, quote: Quote, reason: str, evidence: str | None = None) -> Approval:
    """The pre-authorised ceiling approves by itself, and says so (R7.6); `evidence` names the one of the object."""
    version = version_of(uow.session, quote)
    quote.state = QuoteState.APPROVED
    text = version.texts["ru"]
    row = Approval(
        quote_id=quote.id,
        version=quote.version,
        approved=True,
        way=ApprovalWay.CEILING,
        text=text,
        text_hash=text_hash(text),
        gross=version.gross,
        reason=reason,
        evidence=evidence,
        decided_at=uow.now,
    )
    uow.session.add(row)
    uow.session.flush()
    return row


def used_of_ceiling(session: Session, ticket_id: int) -> int:
    """Kopecks that ceilings have approved on a ticket: many small quotes don't pass one by one (R7.6, R7.10)."""
    said = session.exec(
        select(func.coalesce(func.sum(Approval.gross), 0))
        .join(Quote, col(Quote.id) == col(Approval.quote_id))
        .where(Quote.ticket_id == ticket_id, Approval.way == ApprovalWay.CEILING)
    ).one()
    return int(said)


def expire_quote(uow: UnitOfWork, quote_id: int) -> Quote | None:
    """The quote's time has run out; None when it was decided already or is still valid."""
    quote = locked_quote(uow.session, quote_id)
    if quote.state not in OPEN or version_of(uow.session, quote).valid_until > uow.now:
        return None
    quote.state = QuoteState.EXPIRED
    uow.session.flush()
    return quote


def withdraw_quote(uow: UnitOfWork, quote_id: int) -> Quote:
    """The offer no longer stands; a decided one stays as it is, unless it waits for its prepayment still."""
    quote = locked_quote(uow.session, quote_id)
    if quote.state in OPEN or awaits_prepayment(quote):
        quote.state = QuoteState.WITHDRAWN
        uow.session.flush()
    return quote


def approval_of(session: Session, quote_id: int, version: int) -> Approval | None:
    """The one decision on a version, if it was made."""
    query = select(Approval).where(Approval.quote_id == quote_id, Approval.version == version)
    return session.exec(query).one_or_none()


def _decide(uow: UnitOfWork, quote_id: int, version: int, by: int, press: Press, *, approved: bool) -> Decided:
    session = uow.session
    rights = _rights(session, quote_id, by)
    quote = locked_quote(session, quote_id)
    if not rights:
        raise NotAllowed
    earlier = approval_of(session, quote_id, version)
    if earlier is not None:
        if earlier.person_id == by and earlier.approved == approved:
            return Decided(earlier, quote, repeated=True)
        raise QuoteOutdated
    shown = version_of(session, quote)
    if version != quote.version or quote.state not in OPEN or shown.valid_until < uow.now:
        raise QuoteOutdated
    within = [each for each in rights if limit_of(session, each, shown.gross, uow.now) is Limit.WITHIN]
    if approved and not within:
        names = [person.name for person in who_may_approve(session, scope_of(quote), shown.gross, uow.now)]
        raise OverLimit(names=", ".join(names))
    used = (within or rights)[0]
    return Decided(_record(uow, quote, shown, by, press, used, approved=approved), quote)


def _rights(session: Session, quote_id: int, by: int) -> list[Membership]:
    """A person's rights over a quote, locked, as they are before it."""
    quote = session.get(Quote, quote_id)
    if quote is None:
        raise NotFound
    return locked_rights(session, by, scope_of(quote))


def _record(
    uow: UnitOfWork, quote: Quote, shown: QuoteVersion, by: int, press: Press, used: Membership, *, approved: bool
) -> Approval:
    person = uow.session.get_one(Person, by)
    text = shown.texts.get(press.language, shown.texts["ru"])
    row = Approval(
        quote_id=quote.id,
        version=shown.version,
        approved=approved,
        person_id=by,
        person_name=person.name,
        phone=person.phone,
        messenger=press.messenger,
        user_id=press.user_id,
        way=ApprovalWay.BUTTON if used.person_id == by else ApprovalWay.DEPUTY,
        text=text,
        text_hash=text_hash(text),
        gross=shown.gross,
        message_id=press.message_id,
        button=press.button,
        decided_at=uow.now,
    )
    uow.session.add(row)
    quote.state = QuoteState.APPROVED if approved else QuoteState.DECLINED
    uow.session.flush()
    return row
