"""Open tickets that a client may see, as a skill tells them (R2.8)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_
from sqlmodel import Session, col, select

from bot.clients.models import Person
from bot.clients.objects import object_titles
from bot.clients.rights import acts_for
from bot.tickets.life.acts import OVER, Act, may
from bot.tickets.life.deadlines import zone_of
from bot.tickets.life.leave import who_is
from bot.tickets.life.lifecycle import stages
from bot.tickets.life.models import Ticket, WaitsFor
from bot.tickets.life.rights import sees_ticket

TOLD = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketNews:
    """How a ticket stands: `stage` by its label, moments in `zone`; `engineer` once somebody has it;
    `waits_for`: for what no clock of ours runs."""

    id: int
    number: int
    stage: str
    title: str
    engineer: str | None
    waits_for: WaitsFor | None
    preferred_at: datetime | None
    preferred_words: str | None
    reaction_due: datetime | None
    resolution_due: datetime | None
    zone: str


def own_tickets(session: Session, person_id: int, number: int | None = None) -> Sequence[Ticket]:
    """Tickets of a client's that are not over, the newest first; or the one of a number, over or not, if they may see
    it as a client. Nobody else's."""
    query = (
        select(Ticket)
        .where(or_(acts_for(person_id, col(Ticket.company_id)), col(Ticket.requester_id) == person_id))
        .where(sees_ticket(person_id))
        .order_by(col(Ticket.opened_at).desc(), col(Ticket.id).desc())
    )
    if number is None:
        return session.exec(query.where(col(Ticket.state).not_in(OVER))).all()
    return session.exec(query.where(Ticket.number == number)).all()


def where_may(session: Session, tickets: Sequence[Ticket], act: Act, by: int) -> list[Ticket]:
    """Those of them with which the person may do something now (R2.4)."""
    return [ticket for ticket in tickets if may(act, ticket.state, who_is(session, ticket, by))]


def news_of(session: Session, tickets: Sequence[Ticket]) -> list[TicketNews]:
    """How the tickets stand, at most TOLD of them."""
    shown = tickets[:TOLD]
    titles = object_titles(session, {ticket.object_id for ticket in shown})
    stage = stages(session, shown)
    holders = {ticket.engineer_id for ticket in shown if ticket.engineer_id is not None}
    rows = session.exec(select(Person).where(col(Person.id).in_(holders))).all() if holders else ()
    names: dict[int | None, str] = {row.id: row.name for row in rows}
    return [
        TicketNews(
            id=ticket.id,
            number=ticket.number,
            stage=stage[ticket.id],
            title=titles.get(ticket.object_id, ""),
            engineer=names.get(ticket.engineer_id),
            waits_for=ticket.waits_for,
            preferred_at=ticket.preferred_at,
            preferred_words=ticket.preferred_words,
            reaction_due=ticket.reaction_due,
            resolution_due=ticket.resolution_due,
            zone=zone_of(session, ticket),
        )
        for ticket in shown
    ]
