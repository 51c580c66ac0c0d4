"""Several problems of one message are each answered, or become a ticket of their own (R1.1, R1.4)."""

from collections.abc import Sequence
from dataclasses import replace

from sqlmodel import Session

from bot.db.errors import NotFound, Outdated
from bot.db.unit_of_work import UnitOfWork
from bot.kb.learning.feedback import answered_questions
from bot.tickets.intake.appeals import WORDLESS, locked, messages_of
from bot.tickets.intake.record import SUMMARY, open_appeal
from bot.tickets.life.models import Appeal, AppealEnd, Message, Ticket
from bot.tickets.life.parts import (
    IN_PARTS,
    PART_OF,
    KeptProblem,
    Problem,
    change_part,
    keep_parts,
    part_shown,
    parts_of,
    problems_of,
    solved,
)


class PartInTicket(Outdated):
    """It became a ticket already, by itself or with the whole message."""

    key = "refusal.part_in_ticket"


class PartWithPeople(Outdated):
    """People have it."""

    key = "refusal.part_with_people"


def tell_apart(uow: UnitOfWork, message: Message, found: Sequence[tuple[str, str | None]]) -> None:
    """The message tells of several problems: the words of each, and the code of its likely article."""
    parts = [KeptProblem(number, words, article) for number, (words, article) in enumerate(found, 1)]
    keep_parts(uow.session, message, parts)


def part_of_own(session: Session, message_id: int, number: int, by: int) -> tuple[Message, KeptProblem, Appeal]:
    """A problem of the speaker's message, with the message and its appeal, which is locked. Raises NotFound."""
    message = session.get(Message, message_id)
    if message is None or message.appeal_id is None:
        raise NotFound
    appeal = locked(session, message.appeal_id)
    session.refresh(message)
    part = next((each for each in parts_of(message) if each.number == number), None)
    if part is None or appeal.person_id != by:
        raise NotFound
    return message, part, appeal


def shown_for(uow: UnitOfWork, message: Message, part: KeptProblem, showing: int) -> None:
    """An article is shown for this problem."""
    change_part(uow.session, message, replace(part, showing=showing))


def take_part(uow: UnitOfWork, message_id: int, number: int, by: int) -> Appeal:
    """The appeal of this problem alone, from which a draft goes on; pressed again it is the same one. What is written
    next belongs to it, not to a draft of another problem. Files that came beside go with the first that is taken.

    Raises NotFound, PartInTicket, PartWithPeople.
    """
    session = uow.session
    message, part, whole = part_of_own(session, message_id, number, by)
    present = session.get(Appeal, part.appeal_id) if part.appeal_id is not None else None
    if present is None or present.ended_at is not None:
        _require_here(session, message, whole, present)
        present = open_appeal(uow, by, whole.channel, message.sent_at)
        present.last_at, present.summary = uow.now, " ".join(part.words.split())[:SUMMARY]
        _bring_files(uow, message, present)
        alone = Message(
            appeal_id=present.id, person_id=by, text=part.words, file={PART_OF: message.id}, sent_at=message.sent_at
        )
        session.add(alone)
        change_part(session, message, replace(part, appeal_id=present.id))
    for other in _drafts_of(session, message):
        other.joined_until = None if other.id == present.id else uow.now
    session.flush()
    return present


def _require_here(session: Session, message: Message, whole: Appeal, own: Appeal | None) -> None:
    """Raises PartInTicket, PartWithPeople for what went there by itself or with the whole message."""
    with_whole = whole.end_reason != IN_PARTS  # else that ended where another of its problems went
    held = [appeal for appeal in (own, whole if with_whole else None) if appeal is not None]
    if any(appeal.end is AppealEnd.TRIAGE and appeal.triage_done_at is None for appeal in held):
        raise PartWithPeople
    tickets = [appeal.ticket_id for appeal in held] + ([message.ticket_id] if with_whole else [])
    if (ticket_id := next(filter(None, tickets), None)) is not None:
        raise PartInTicket(number=session.get_one(Ticket, ticket_id).number)


def _drafts_of(session: Session, message: Message) -> list[Appeal]:
    ids = [part.appeal_id for part in parts_of(message) if part.appeal_id is not None]
    found = [session.get_one(Appeal, each) for each in ids]
    return [appeal for appeal in found if appeal.ended_at is None]


def _bring_files(uow: UnitOfWork, message: Message, to: Appeal) -> None:
    """Files since the last question that was answered, and those of a draft that was dropped."""
    session, whole = uow.session, message.appeal_id or 0
    dropped = [each.part.appeal_id for each in problems_of(session, message) if not each.away and each.part.appeal_id]
    last = max(answered_questions(session, whole), default=0)
    said = [each for each in messages_of(session, whole) if each.id > last]
    said += [each for appeal in dropped for each in messages_of(session, appeal)]
    for each in said:
        if each.kind != WORDLESS and not each.from_staff and each.ticket_id is None:
            each.appeal_id = to.id
    session.flush()


def helped_with(uow: UnitOfWork, appeal_id: int, showing: int) -> bool:
    """An article helped: whether none of several problems that the appeal's messages tell of waits any more."""
    locked(uow.session, appeal_id)
    found = part_shown(uow.session, appeal_id, showing)
    if found is not None:
        solved(uow.session, *found)
    told = _of_several(uow.session, appeal_id)
    return all(each.done for message in told for each in problems_of(uow.session, message))


def rest_of(session: Session, appeal_id: int) -> tuple[Message, list[Problem]] | None:
    """The newest message of an appeal that has problems of which nothing became yet, and these."""
    for message in reversed(_of_several(session, appeal_id)):
        rest = [each for each in problems_of(session, message) if each.rests]
        if rest:
            return message, rest
    return None


def _of_several(session: Session, appeal_id: int) -> list[Message]:
    return [message for message in messages_of(session, appeal_id) if parts_of(message)]
