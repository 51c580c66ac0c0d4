"""Which lines of a quote the client may have less of before the yes: a setting of category and contract (R10.2)."""

from dataclasses import dataclass

from sqlmodel import Session

from bot.billing.quotes.models import Quote
from bot.billing.quotes.rule import MINUTE, QuoteLine
from bot.billing.quotes.send import OPEN, offer_as_sent, version_of
from bot.billing.terms.of_contract import terms_of
from bot.tickets.life.deadlines import terms_day
from bot.tickets.life.models import Ticket


@dataclass(frozen=True, slots=True)
class EditableLine:
    """A line that can be less, at its place in the offer."""

    place: int
    name: str
    quantity: int


def may_edit(session: Session, quote: Quote) -> bool:
    """Whether the terms of the day the ticket was opened let the client edit what was added on site."""
    ticket = session.get_one(Ticket, quote.ticket_id)
    return terms_of(session, quote.contract_id, terms_day(session, ticket)).edits_specification


def editable(session: Session, quote: Quote) -> list[EditableLine]:
    """Lines that can be less: place, name and quantity. Only of what the engineer added on site; time stays, and so
    does the last piece: no work at all is a no."""
    offer = offer_as_sent(version_of(session, quote))
    if quote.state not in OPEN or not offer.more or not may_edit(session, quote):
        return []
    return [
        EditableLine(place, line.name, line.quantity) for place, line in enumerate(offer.lines) if can_be_less(line)
    ]


def can_be_less(line: QuoteLine) -> bool:
    """Pieces of which more than one is offered; a price that diagnostics were taken off is one as it stands."""
    return line.unit != MINUTE and line.quantity > 1 and not line.credit
