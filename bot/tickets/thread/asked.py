"""Words of a client while a job is under way, or after it ended: whose they are is asked, and they are never left
lying (R1.8).

What is asked about waits in its appeal, marked; a press or a word says where it goes, else a timer does.
"""

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

from sqlmodel import Session, col, exists, or_, select

from bot.clients.audiences import To
from bot.clients.policy import policy
from bot.db.errors import NotFound, Outdated
from bot.db.unit_of_work import UnitOfWork
from bot.messaging.timers import waiting, want_timer
from bot.tickets.intake.appeals import ASKED, WHOSE_WORDS, asked_in, asked_key, attach_message, locked, settle_asked
from bot.tickets.intake.passing import pass_on
from bot.tickets.intake.triage import pass_to_triage
from bot.tickets.life.acts import UNDER_WAY, Act, possible_in
from bot.tickets.life.leave import require_act
from bot.tickets.life.lifecycle import locked_ticket
from bot.tickets.life.models import Appeal, Message, Ticket, TicketState
from bot.tickets.life.rights import may_see

RUNNING = frozenset({TicketState.ON_THE_WAY, TicketState.IN_WORK})
MOST = 6  # tickets to choose from
_WORDS = Path(__file__).resolve().parent / "answer_words.toml"
_NUMBER = re.compile(r"\d+")
_FEW = 4  # words that only name a number: «к заявке № 49»


class PlacedAlready(Outdated):
    """What was asked about went somewhere meanwhile."""

    key = "refusal.placed_already"


@dataclass(frozen=True, slots=True)
class Said:
    """An answer in words to whose they are: a ticket, or `none` of them."""

    ticket_id: int | None


def open_of(session: Session, person_id: int) -> list[Ticket]:
    """Tickets that the person asked for or joined and that are not finished, those at work first, then the newest."""
    joined = exists().where(col(Appeal.ticket_id) == col(Ticket.id), col(Appeal.person_id) == person_id)
    rows = session.exec(
        select(Ticket)
        .where(or_(col(Ticket.requester_id) == person_id, joined))
        .where(col(Ticket.state).in_(UNDER_WAY))
        .order_by(col(Ticket.state).in_(RUNNING).desc(), col(Ticket.id).desc())
        .limit(MOST)
    ).all()
    return [ticket for ticket in rows if may_see(session, ticket, person_id)]


def whose_may_it_be(session: Session, person_id: int) -> list[Ticket]:
    """The tickets that a line may be about: none while nobody is on the way to the person's jobs or at work there."""
    found = open_of(session, person_id)
    return found if any(ticket.state in RUNNING for ticket in found) else []


def wait_for_answer(uow: UnitOfWork, appeal: Appeal, messages: Sequence[Message], tickets: Sequence[Ticket]) -> int:
    """Mark the words that it is asked of, and set when they go by themselves: into the ticket at work, or the one that
    was replied to; to people where that is not one. Returns the minutes until then."""
    for message in messages:
        message.file = {**message.file, ASKED: [ticket.id for ticket in tickets]}
    uow.session.flush()
    minutes = policy(uow.session, "say_into_minutes")
    due = uow.now + timedelta(minutes=minutes)
    want_timer(uow.session, asked_key(appeal.id), WHOSE_WORDS, due, appeal=appeal.id)
    return minutes


def goes_to(tickets: Sequence[Ticket]) -> Ticket | None:
    """Where words go that nobody says more about: the one ticket at work, or the only one there is."""
    running = [ticket for ticket in tickets if ticket.state in RUNNING]
    found = running or list(tickets)
    return found[0] if len(found) == 1 and possible_in(Act.WRITE, found[0].state) else None


def say_into(uow: UnitOfWork, appeal_id: int, ticket_id: int, by: int) -> Ticket:
    """The client says that it is about this ticket: all that was asked about goes there, files as what they are.

    Raises NotFound, TicketMoved, PlacedAlready.
    """
    appeal = _own(uow, appeal_id, by)
    if not asked_in(uow.session, appeal_id):
        raise PlacedAlready
    ticket = locked_ticket(uow.session, ticket_id)
    require_act(uow.session, ticket, Act.WRITE, by)
    _place(uow, appeal, ticket)
    return ticket


def about_none(uow: UnitOfWork, appeal_id: int, by: int) -> Message:
    """The client says that it is about none of the tickets: it is a question like any other. Returns the newest of
    what was asked about. Raises NotFound, PlacedAlready."""
    _own(uow, appeal_id, by)
    if not (waits := settle_asked(uow, appeal_id)):
        raise PlacedAlready
    return waits[-1]


def answer_in(uow: UnitOfWork, message: Message) -> Said | None:
    """What a line says to the question that waits in its appeal: yes, no, a ticket's number; None for any other line,
    and where nothing waits."""
    line = _folded(message.text)
    yes, no, named = line in _words("yes"), line in _words("no"), _NUMBER.findall(line)
    if message.appeal_id is None or not (yes or no or (len(named) == 1 and len(line.split()) <= _FEW)):
        return None
    if waiting(uow.session, asked_key(message.appeal_id)) is None:
        return None
    ids = {number for each in asked_in(uow.session, message.appeal_id) for number in each.file.get(ASKED, ())}
    if no or not ids:
        return Said(None) if ids else None
    tickets = uow.session.exec(select(Ticket).where(col(Ticket.id).in_(ids))).all()
    if yes:
        return Said(tickets[0].id) if len(tickets) == 1 else None
    return next((Said(ticket.id) for ticket in tickets if str(ticket.number) == named[0]), None)


def place_by_itself(uow: UnitOfWork, payload: dict[str, Any]) -> None:
    """Timer: nobody said whose it is. It goes into the ticket at work, else to people; its client is told."""
    appeal = locked(uow.session, int(payload["appeal"]))
    waits = asked_in(uow.session, appeal.id)
    if not waits or appeal.ended_at is not None:
        return
    ids = {number for each in waits for number in each.file.get(ASKED, ())}
    tickets = [locked_ticket(uow.session, ticket_id) for ticket_id in sorted(ids)]
    ticket = goes_to(tickets)
    if ticket is not None and may_see(uow.session, ticket, appeal.person_id):
        _place(uow, appeal, ticket)
        return
    settle_asked(uow, appeal.id)
    pass_to_triage(uow, appeal.id, "which_ticket")
    uow.tell(To(appeal.person_id), "appeal/to_people", urgent=True)


def _place(uow: UnitOfWork, appeal: Appeal, ticket: Ticket) -> None:
    waits = settle_asked(uow, appeal.id)
    for message in waits:
        attach_message(uow, message, ticket.id)
    for message in waits:
        pass_on(uow, message)


def _own(uow: UnitOfWork, appeal_id: int, by: int) -> Appeal:
    appeal = locked(uow.session, appeal_id)
    if appeal.person_id != by:
        raise NotFound
    return appeal


def is_courtesy(line: str) -> bool:
    """Whether a line only says that it was heard: «хорошо», «жду»."""
    return _folded(line) in _words("courtesy")


def _folded(line: str) -> str:
    return " ".join(line.casefold().replace("ё", "е").replace("№", " ").replace(",", " ").strip(" .!)(#").split())


@lru_cache
def _words(kind: str) -> frozenset[str]:
    return frozenset(tomllib.loads(_WORDS.read_text("utf-8"))[kind])
