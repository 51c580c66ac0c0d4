"""Which message shows a card is forgotten when what the card is of is long over; the message stays with its reader."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, String, delete
from sqlmodel import Session, cast, col, literal, select

from bot.billing.quotes.models import Quote
from bot.messaging.outgoing.cards import keys_of_parts
from bot.messaging.outgoing.models import Card
from bot.tickets.calls.models import PhoneCall
from bot.tickets.life.models import Appeal, Message, Ticket, TicketState

OVER = (TicketState.CLOSED, TicketState.CANCELLED)


def forget_cards(session: Session, before: datetime, most: int) -> bool:
    """Of tickets and their quotes closed, of appeals done in triage, of answers to what was written and of calls before
    a moment; at most so many of each. True if there may be more. What is opened or shown again has a new message then.
    """
    closed = (col(Ticket.state).in_(OVER), col(Ticket.closed_at) < before)
    of_closed = col(Quote.ticket_id).in_(select(Ticket.id).where(*closed))
    owners: tuple[tuple[str, Any, tuple[ColumnElement[bool], ...]], ...] = (
        ("quote", Quote, (of_closed,)),
        ("ticket", Ticket, closed),
        ("triage", Appeal, (col(Appeal.triage_done_at) < before,)),
        ("offer", Message, (col(Message.sent_at) < before,)),
        ("call", PhoneCall, (col(PhoneCall.recorded_at) < before,)),
    )
    return max(_forget(session, *owner, most) for owner in owners)


def _forget(session: Session, kind: str, owner: Any, where: tuple[ColumnElement[bool], ...], most: int) -> bool:
    key = literal(f"{kind}:").concat(cast(owner.id, String))
    shown = select(owner.id).join(Card, col(Card.card_key) == key).where(*where).distinct().limit(most)
    found = session.exec(shown).all()
    keys = [part for number in found for part in keys_of_parts(f"{kind}:{number}")]
    if keys:
        session.connection().execute(delete(Card).where(col(Card.card_key).in_(keys)))
    return len(found) == most
