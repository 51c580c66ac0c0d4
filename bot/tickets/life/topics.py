"""How the topic of a ticket is called in a group of staff, whoever speaks in it first."""

from sqlmodel import Session, col, select

from bot.clients.models import Company
from bot.clients.objects import object_titles
from bot.messaging.notices.subjects import ABOUT_TICKET
from bot.messaging.notices.texts import label
from bot.messaging.outgoing.models import whole_of
from bot.tickets.life.models import Ticket


def ticket_of_key(key: str | None) -> int | None:
    """The ticket that a key of a card or topic names; None for a key of something else."""
    return int(whole_of(key).removeprefix(ABOUT_TICKET)) if key is not None and key.startswith(ABOUT_TICKET) else None


def topic_name(session: Session, key: str, lang: str) -> str | None:
    """«№ 123 · object · company» for the topic of a ticket; None for what is no ticket's."""
    ticket_id = ticket_of_key(key)
    if ticket_id is None:
        return None
    found = session.exec(
        select(Ticket.number, Ticket.object_id, Company.name)
        .join(Company, col(Company.id) == col(Ticket.company_id))
        .where(Ticket.id == ticket_id)
    ).one_or_none()
    if found is None:
        return None
    number, object_id, company = found
    return label(
        "topic.ticket", lang, number=number, thing=object_titles(session, [object_id])[object_id], company=company
    )
