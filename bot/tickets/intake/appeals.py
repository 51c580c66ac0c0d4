"""Appeals: reading one, and the ways it ends (R1.2). Nothing is dropped, nothing ends silently."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, func, select

from bot.clients.audiences import To
from bot.clients.models import Person
from bot.clients.policy import policy
from bot.db.errors import NotFound, Outdated
from bot.db.locks import lock
from bot.db.readable import readable
from bot.db.unit_of_work import UnitOfWork
from bot.kb.learning.feedback import answered_questions, forget_answers
from bot.kb.line.text import only_thanks, says_something
from bot.messaging.timers import drop_timer, set_timer
from bot.tickets.intake.said import at_work_on, carried, media_of
from bot.tickets.life.models import Appeal, AppealEnd, Message, Ticket, TicketEvent, by_an_article
from bot.tickets.life.parts import IN_PARTS, PART_OF, parts_of, problems_of, whole_of, words_left

DESCRIPTION = 8000
WORDLESS = "text"
ASKED = "asked"  # of a message's file: ids of the tickets that it was asked to be about (R1.8)
WHOSE_WORDS = "whose_words"  # the timer that places what nobody said more about


@dataclass(frozen=True, slots=True)
class AppealWords:
    """What was said in an appeal: the words in order, and how many files came with them. `earlier`: so many messages
    belong to questions that were answered before (R1.11)."""

    text: str
    files: int
    earlier: int = 0


@dataclass(frozen=True, slots=True)
class TranscriptLine:
    """A message of an appeal, by `staff` or by the client; one without text is of some `kind`."""

    staff: bool
    kind: str
    text: str
    edited: bool


@dataclass(frozen=True, slots=True)
class AppealJoined:
    """What was said in an appeal that now belongs to a ticket, for those who work on it."""

    ticket_id: int
    number: int
    who: str
    text: str
    files: int


@dataclass(frozen=True, slots=True)
class AppealOnTicket:
    """An appeal, by its first words, and the number of the ticket it was put to or taken from."""

    ticket_id: int
    number: int
    summary: str


@dataclass(frozen=True, slots=True)
class AppealSilent:
    """An appeal that ended in silence; `answered`: behind an article."""

    appeal_id: int
    summary: str
    answered: bool


@dataclass(frozen=True, slots=True)
class AppealClosed:
    """An appeal that staff ended, and why."""

    appeal_id: int
    summary: str
    reason: str


def locked(session: Session, appeal_id: int) -> Appeal:
    """The appeal, locked until the transaction ends. Raises NotFound."""
    appeal = lock(session, Appeal, appeal_id)
    if appeal is None:
        raise NotFound
    return appeal


def own(session: Session, appeal_id: int, person_id: int) -> Appeal:
    """The person's own appeal that is still going on, locked. Raises NotFound, Outdated."""
    appeal = locked(session, appeal_id)
    if appeal.person_id != person_id:
        raise NotFound
    if appeal.ended_at is not None:
        raise Outdated
    return appeal


def messages_of(session: Session, appeal_id: int) -> Sequence[Message]:
    """All messages of the appeal in the order they came."""
    return session.exec(select(Message).where(Message.appeal_id == appeal_id).order_by(col(Message.id))).all()


def said(session: Session, appeal_id: int) -> AppealWords:
    """The client's words since the last question that was answered, or that question where nothing was said since, as
    a description (R1.11): without what was typed into the search of objects or went to a ticket of its own, one of
    several problems as well as a message, and without thanks. What is too long loses what was said first."""
    own_words = _own_words(session, appeal_id)
    *_, before, last = 0, 0, *answered_questions(session, appeal_id)
    since = [m for m in own_words if m.id > last]
    present = since or [m for m in own_words if before < m.id <= last]
    lines = [words_left(session, m) if parts_of(m) else m.text for m in present]
    text = "\n".join(line.strip() for line in lines if line.strip() and not only_thanks(line))
    return AppealWords(text[-DESCRIPTION:], sum(m.kind != WORDLESS for m in present), len(own_words) - len(present))


def last_said(session: Session, appeal_id: int) -> int | None:
    """The newest message of the appeal."""
    return session.exec(select(func.max(Message.id)).where(Message.appeal_id == appeal_id)).one()


def _own_words(session: Session, appeal_id: int) -> list[Message]:
    return [
        m
        for m in messages_of(session, appeal_id)
        if not m.from_staff and not m.file.get("search") and m.ticket_id is None
    ]


def take_earlier(uow: UnitOfWork, appeal_id: int, by: int) -> Appeal:
    """The draft takes all that was said in the appeal, answered or not (R1.11). Raises NotFound, Outdated."""
    appeal = own(uow.session, appeal_id, by)
    forget_answers(uow, appeal_id)
    return appeal


def transcript(session: Session, appeal_id: int, last: int = 12) -> list[TranscriptLine]:
    """The newest messages, oldest first; before what is one problem of a message the whole of it."""
    newest = session.exec(
        select(Message).where(Message.appeal_id == appeal_id).order_by(col(Message.id).desc()).limit(last)
    ).all()
    wholes = {m.id: session.get(Message, m.file[PART_OF]) for m in newest if PART_OF in m.file}
    shown = [each for m in reversed(newest) for each in (wholes.get(m.id), m) if each is not None]
    return [TranscriptLine(m.from_staff, m.kind, m.text, m.edited_at is not None) for m in shown]


def end(uow: UnitOfWork, appeal: Appeal, how: AppealEnd, reason: str | None = None) -> None:
    """Write the end down; the caller tells whom it concerns."""
    appeal.end = how
    appeal.end_reason = reason[:300] if reason else None
    appeal.ended_at = uow.now
    drop_timer(uow.session, f"appeal:{appeal.id}", uow.now)
    uow.session.flush()


def answered(uow: UnitOfWork, appeal_id: int, by: int) -> Appeal:
    """The client says that the article helped (R1.2). Raises NotFound, Outdated."""
    appeal = locked(uow.session, appeal_id)
    if appeal.person_id != by:
        raise NotFound
    if appeal.end is None:
        end(uow, appeal, AppealEnd.ANSWERED)
    return appeal


def attach_appeal(uow: UnitOfWork, appeal_id: int, ticket_id: int, how: AppealEnd = AppealEnd.ATTACHED) -> Appeal:
    """Make the appeal's messages part of a ticket's thread and end it as attached, or as turned into that ticket."""
    appeal = locked(uow.session, appeal_id)
    uow.session.connection().execute(
        update(Message)
        .where(col(Message.appeal_id) == appeal_id, col(Message.ticket_id).is_(None))
        .values(ticket_id=ticket_id)
    )
    if appeal.triaged_at is not None and appeal.triage_done_at is None:
        appeal.triage_done_at = uow.now
    appeal.ticket_id = ticket_id
    end(uow, appeal, how, appeal.end_reason)
    _look_at_whole(uow, appeal_id)
    return appeal


def _look_at_whole(uow: UnitOfWork, appeal_id: int) -> None:
    """Whether the appeal that this one is a problem of has others left is looked at at once, in a transaction of its
    own: locked after a ticket, it would be against the order."""
    message = whole_of(uow.session, appeal_id)
    whole = uow.session.get(Appeal, message.appeal_id) if message is not None else None
    if whole is not None and whole.ended_at is None:
        set_timer(uow.session, f"appeal:{whole.id}", "appeal_silence", uow.now, appeal_id=whole.id)


def join_appeal(uow: UnitOfWork, appeal: Appeal, ticket: Ticket, by: int) -> None:
    """Attach the appeal to a ticket that is there already (R1.4); those who work on it read what was said."""
    words = said(uow.session, appeal.id)
    attach_appeal(uow, appeal.id, ticket.id)
    details = {"appeal": appeal.id}
    event = TicketEvent(ticket_id=ticket.id, kind="joined", person_id=by, details=details, happened_at=uow.now)
    uow.session.add(event)
    uow.session.flush()
    person = uow.session.get(Person, appeal.person_id) if appeal.person_id else None
    came = [each for each in messages_of(uow.session, appeal.id) if not each.from_staff]
    uow.tell(
        at_work_on(ticket),
        "appeal/joined",
        AppealJoined(ticket.id, ticket.number, person.name if person else "", words.text, words.files),
        media=media_of(came),
        carries=carried(came[-1]) if came else None,
    )


def attach_message(uow: UnitOfWork, message: Message, ticket_id: int) -> None:
    """One message belongs to a ticket's thread: what the client writes into the ticket itself.

    An appeal that this message began ends as attached; one that was going on goes on without it.
    """
    message.ticket_id = ticket_id
    uow.session.flush()
    appeal = uow.session.get(Appeal, message.appeal_id) if message.appeal_id else None
    if appeal is None or appeal.ended_at is not None:
        return
    if all(other.ticket_id == ticket_id for other in messages_of(uow.session, appeal.id)):
        appeal.ticket_id = ticket_id
        end(uow, appeal, AppealEnd.ATTACHED)


def leave_appeal(uow: UnitOfWork, message: Message) -> None:
    """The message is no part of the appeal that it was put to: its draft goes on as if it had not been said."""
    appeal = uow.session.get(Appeal, message.appeal_id) if message.appeal_id else None
    message.appeal_id = None
    uow.session.flush()
    if appeal is not None and not messages_of(uow.session, appeal.id):
        appeal.summary = ""


def asked_in(session: Session, appeal_id: int) -> list[Message]:
    """What was asked to be about a ticket and went nowhere yet (R1.8)."""
    waits = [each for each in messages_of(session, appeal_id) if each.ticket_id is None]
    albums = {each.album for each in waits if ASKED in each.file and each.album is not None}
    return [each for each in waits if ASKED in each.file or each.album in albums]


def settle_asked(uow: UnitOfWork, appeal_id: int) -> list[Message]:
    """It is known where it goes, or that it is about no ticket: nothing places it by itself any more."""
    waits = asked_in(uow.session, appeal_id)
    for message in waits:
        message.file = {name: value for name, value in message.file.items() if name != ASKED}
    if waits:
        drop_timer(uow.session, asked_key(appeal_id), uow.now)
        uow.session.flush()
    return waits


def asked_key(appeal_id: int) -> str:
    """The timer of what is asked about in an appeal."""
    return f"{WHOSE_WORDS}:{appeal_id}"


def drop_appeal(uow: UnitOfWork, appeal_id: int, by: int) -> Appeal:
    """The client says it's not needed any more. Raises NotFound, Outdated."""
    appeal = own(uow.session, appeal_id, by)
    end(uow, appeal, AppealEnd.CLOSED, "by_client")
    _look_at_whole(uow, appeal_id)
    return appeal


def say_aside(uow: UnitOfWork, message: Message) -> None:
    """The message looks for something or says when it suits: recorded, but no part of the description."""
    message.file = {**message.file, "search": True}
    uow.session.flush()


def say_anew(uow: UnitOfWork, appeal_id: int, by: int) -> Appeal:
    """The client describes it again: what was said so far stays recorded, but leaves the description."""
    appeal = own(uow.session, appeal_id, by)
    for message in messages_of(uow.session, appeal_id):
        if message.kind == WORDLESS and not message.from_staff:
            say_aside(uow, message)
    return appeal


def split_off(uow: UnitOfWork, appeal_id: int, by: int) -> Appeal:
    """The client's next words are about something else: they begin a new appeal beside the one in triage."""
    appeal = locked(uow.session, appeal_id)
    if appeal.person_id != by:
        raise NotFound
    appeal.joined_until = uow.now
    uow.session.flush()
    return appeal


def end_by_silence(uow: UnitOfWork, payload: dict[str, Any]) -> None:
    """Timer `appeal_silence`: an appeal that nobody went on with ends, and its person is told how (R1.2).

    After an article it counts as answered; otherwise as closed, with a button that brings it back to a person. One
    whose problems all went their own ways ends with the last of them, and nobody needs to be told.
    """
    appeal = locked(uow.session, int(payload["appeal_id"]))
    if appeal.ended_at is not None or _ends_in_parts(uow, appeal):
        return
    due = appeal.last_at + timedelta(minutes=policy(uow.session, "appeal_silence_minutes"))
    if due > uow.now:
        set_timer(uow.session, f"appeal:{appeal.id}", "appeal_silence", due, appeal_id=appeal.id)
        return
    if not appeal.summary:
        end(uow, appeal, AppealEnd.CLOSED, "nothing_said")  # only a menu was pressed: there is nothing to tell
        return
    helped = bool(appeal.articles) and appeal.misses == 0
    end(uow, appeal, AppealEnd.ANSWERED if helped else AppealEnd.CLOSED, "silence")
    person = uow.session.get(Person, appeal.person_id)
    if person is not None and person.muted_at is not None:
        return  # recorded, not answered
    uow.tell(To(appeal.person_id), "appeal/silence", AppealSilent(appeal.id, appeal.summary, helped))


def _ends_in_parts(uow: UnitOfWork, appeal: Appeal) -> bool:
    told = [message for message in messages_of(uow.session, appeal.id) if parts_of(message)]
    problems = [each for message in told for each in problems_of(uow.session, message)]
    words = said(uow.session, appeal.id) if problems and all(each.done for each in problems) else None
    if words is None or words.files or says_something(words.text):
        return False
    own = [uow.session.get_one(Appeal, each.part.appeal_id) for each in problems if each.part.appeal_id is not None]
    tickets = [each.ticket_id for each in own if each.ticket_id is not None]
    appeal.end_reason = IN_PARTS
    if any(each.part.helped for each in problems):
        end(uow, appeal, AppealEnd.ANSWERED, IN_PARTS)
    elif tickets:
        attach_appeal(uow, appeal.id, tickets[-1])
    else:
        end(uow, appeal, AppealEnd.CLOSED, IN_PARTS)
    return True


def came_back(session: Session, since: datetime, until: datetime) -> dict[str, int]:
    """How often a person whose appeal an article had answered wrote again soon, by article code (R13)."""
    return Counter(code for articles, again in _answered(session, since, until) if again for code in articles)


def answers_kept(session: Session, since: datetime, until: datetime) -> tuple[int, int]:
    """(appeals answered from the knowledge base, of these without a new contact soon) (R13)."""
    found = _answered(session, since, until)
    return len(found), sum(not again for _, again in found)


def _answered(session: Session, since: datetime, until: datetime) -> list[tuple[list[str], bool]]:
    """Articles of appeals that they answered, and whether the person wrote again soon (`asked_again_days`)."""
    soon = timedelta(days=policy(session, "asked_again_days"))
    later = aliased(Appeal)
    again = (
        select(func.min(later.started_at))
        .where(later.person_id == Appeal.person_id, col(later.started_at) > col(Appeal.ended_at))
        .correlate(Appeal)
        .scalar_subquery()
    )
    ended = (
        select(Appeal.articles, Appeal.ended_at, again)
        .where(by_an_article(), col(Appeal.ended_at) >= since, col(Appeal.ended_at) < until)
        .order_by(col(Appeal.id))
    )
    return [
        (list(articles), begun is not None and bool(begun <= at + soon))
        for articles, at, begun in readable(session, ended, col(Appeal.id))[0]
        if at is not None
    ]
