"""Lists of tickets: a client's own, an engineer's jobs, and a ticket's history in words."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Integer, bindparam
from sqlmodel import Session, col, func, or_, select

from bot.clients.models import Company, Membership, Person
from bot.clients.objects import object_titles
from bot.clients.rights import OFFICE, employed, require
from bot.db.errors import NotAllowed, NotFound
from bot.db.keeping import rows_of
from bot.db.plain import ask
from bot.tickets.life.acts import OVER
from bot.tickets.life.deadlines import zone_of
from bot.tickets.life.lifecycle import WITH_ENGINEER, history, stages
from bot.tickets.life.models import SHOT, Ticket, TicketState
from bot.tickets.life.open_price import tickets_with_open_price
from bot.tickets.life.rights import may_see, sees_ticket, staff_roles_of
from bot.tickets.thread.writing import thread_of

# Staff sees every ticket when it opens one; this list is the client's own, so theirs only as a client.
_OWN = select(Membership.company_id).where(col(Membership.person_id) == bindparam("person"))
_OF_A_LINE: tuple[Any, ...] = (Ticket.id, Ticket.number, Ticket.state, Ticket.object_id)
_SEEN = (
    select(*_OF_A_LINE)
    .where(or_(col(Ticket.company_id).in_(_OWN), col(Ticket.requester_id) == bindparam("person")))
    .where(sees_ticket(bindparam("person")))
    .order_by(col(Ticket.opened_at).desc(), col(Ticket.id).desc())
    .offset(bindparam("skip", type_=Integer))
    .limit(bindparam("take", type_=Integer))
)

MINE = 40  # jobs of one engineer: more buttons than a hundred Telegram refuses
SHOWN_OPEN = 20
_FARTHEST = 2**31 - 1  # an offset that both databases take; a forged page lies anywhere

# Who of our own did these is no business of the client.
OF_THE_HOUSE = frozenset(
    {"engineer_left", "taken_away", "unlinked", "escalated", "passed_over", "prepaid", "written_off"}
)


@dataclass(frozen=True, slots=True)
class TicketLine:
    """A ticket in a list; `stage` is its state in words, by a label, `title` its object's."""

    id: int
    number: int
    stage: str
    title: str


@dataclass(frozen=True, slots=True)
class TicketOfOffice:
    """An open ticket for the office: whose it is and who has it, if anybody."""

    id: int
    number: int
    stage: str
    title: str
    company: str
    engineer: str | None
    emergency: bool


@dataclass(frozen=True, slots=True)
class TicketTitled:
    """A ticket that words may be about; `title` is its object's."""

    id: int
    number: int
    title: str


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """An event of a ticket's history; `who` is empty where it is no business of the reader."""

    kind: str
    at: datetime
    who: str


@dataclass(frozen=True, slots=True)
class ThreadLine:
    """A message of a thread; one without text is of some `kind`. `shot`: a picture before or after the job."""

    who: str
    text: str
    kind: str
    shot: str | None


@dataclass(frozen=True, slots=True)
class HistoryTold:
    """Who did what and when, moments in `zone`, and the newest messages; `provable`: the reader may have it as PDF."""

    ticket_id: int
    number: int
    zone: str
    events: Sequence[HistoryLine]
    messages: Sequence[ThreadLine]
    provable: bool


def my_tickets(session: Session, person_id: int, page: int, size: int) -> tuple[list[TicketLine], bool]:
    """A page of the tickets of their companies that the person may see, newest first, and whether there are more."""
    skip = min(page * size, _FARTHEST)
    found = ask(session, _SEEN, person=person_id, skip=skip, take=size + 1).all()
    return _lines(session, found[:size]), len(found) > size


def my_jobs(session: Session, person_id: int) -> list[TicketLine]:
    """Jobs of an engineer, then the board that anyone may take from; oldest first. Leaders see what waits for them too,
    urgent work that is done while its price isn't answered among it (R3.1). Raises NotAllowed for who isn't ours."""
    roles = staff_roles_of(session, person_id)
    if not roles:
        raise NotAllowed
    mine = select(Ticket).where(Ticket.engineer_id == person_id, col(Ticket.state).in_(WITH_ENGINEER))
    board = select(Ticket).where(Ticket.state == TicketState.NEW)
    done: list[Ticket] = []
    if roles & OFFICE:
        done = tickets_with_open_price(session)
        waiting = (TicketState.NEW, TicketState.AWAITING_APPROVAL, TicketState.AWAITING_PAYMENT, TicketState.DISPUTED)
        board = select(Ticket).where(col(Ticket.state).in_(waiting))
    rows = [
        *session.exec(mine.order_by(col(Ticket.id)).limit(MINE)).all(),
        *session.exec(board.order_by(col(Ticket.emergency).desc(), col(Ticket.id)).limit(12)).all(),
        *done,
    ]
    return _lines(session, _unique(rows))


def open_tickets(session: Session, by: int) -> tuple[list[TicketOfOffice], int]:
    """What is open now, urgent ones first, then the oldest, at most SHOWN_OPEN, and how many there are. Raises
    NotAllowed for anyone but the office."""
    require(session, employed, OFFICE, person=by)
    is_open = col(Ticket.state).not_in(OVER)
    found = session.exec(
        select(Ticket).where(is_open).order_by(col(Ticket.emergency).desc(), col(Ticket.id)).limit(SHOWN_OPEN)
    ).all()
    companies = rows_of(session, Company, {each.company_id for each in found})
    engineers = rows_of(session, Person, {each.engineer_id for each in found if each.engineer_id is not None})
    titles, stage = object_titles(session, {each.object_id for each in found}), stages(session, found)
    lines = [
        TicketOfOffice(
            each.id,
            each.number,
            stage[each.id],
            titles.get(each.object_id, ""),
            companies[each.company_id].name,
            engineers[each.engineer_id].name if each.engineer_id is not None else None,
            each.emergency,
        )
        for each in found
    ]
    return lines, session.exec(select(func.count()).select_from(Ticket).where(is_open)).one()


def history_of(session: Session, ticket_id: int, by: int, *, provable: bool = False) -> HistoryTold:
    """History and newest messages for the screen. Raises NotFound for those who may not see the ticket."""
    ticket = session.get(Ticket, ticket_id)
    if ticket is None or not may_see(session, ticket, by):
        raise NotFound
    events = history(session, ticket_id)[-25:]
    messages = thread_of(session, ticket_id, by)
    ids = {each.person_id for each in events} | {each.person_id for each in messages}
    people = session.exec(select(Person).where(col(Person.id).in_(ids))).all()
    names: dict[int | None, str] = {person.id: person.name for person in people}
    ours = bool(staff_roles_of(session, by))
    told = [
        HistoryLine(
            each.kind, each.happened_at, names.get(each.person_id, "") if ours or each.kind not in OF_THE_HOUSE else ""
        )
        for each in events
    ]
    said = [ThreadLine(names.get(each.person_id, ""), each.text, each.kind, each.file.get(SHOT)) for each in messages]
    return HistoryTold(ticket_id, ticket.number, zone_of(session, ticket), told, said, provable)


def titled(session: Session, tickets: Sequence[Ticket]) -> list[TicketTitled]:
    """Tickets to be told apart by their objects."""
    titles = object_titles(session, {ticket.object_id for ticket in tickets})
    return [TicketTitled(ticket.id, ticket.number, titles.get(ticket.object_id, "")) for ticket in tickets]


def _unique(rows: list[Ticket]) -> list[Ticket]:
    return list({row.id: row for row in rows}.values())


def _lines(session: Session, tickets: Sequence[Any]) -> list[TicketLine]:
    """Of tickets, or of rows with the columns of a line."""
    titles = object_titles(session, {ticket.object_id for ticket in tickets})
    stage = stages(session, tickets)
    return [
        TicketLine(ticket.id, ticket.number, stage[ticket.id], titles.get(ticket.object_id, "")) for ticket in tickets
    ]
