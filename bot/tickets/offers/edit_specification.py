"""The client lessens what was added on site before the yes, where their terms let them (R10.2, R7.3)."""

from dataclasses import replace

from sqlmodel import col, select

from bot.billing.quotes.approvers import rights_of, scope_of
from bot.billing.quotes.models import Quote
from bot.billing.quotes.rule import QuoteLine
from bot.billing.quotes.send import (
    OPEN,
    QuoteOutdated,
    locked_quote,
    offer_as_sent,
    revise_quote,
    version_of,
)
from bot.billing.work.models import WorkLine
from bot.db.errors import NotAllowed, NotFound
from bot.db.unit_of_work import UnitOfWork
from bot.tickets.bill.card import show
from bot.tickets.life.acts import Act
from bot.tickets.life.lifecycle import note
from bot.tickets.offers.answer import offered_ticket
from bot.tickets.offers.editable_lines import can_be_less, may_edit
from bot.tickets.offers.offering import offer_to_people


def take_one_off(uow: UnitOfWork, quote_id: int, version: int, place: int, by: int) -> Quote:
    """One piece less of a line: a new version, and the ticket's specification with it.

    Raises NotAllowed, NotFound, QuoteOutdated, TicketMoved.
    """
    ticket = offered_ticket(uow, quote_id, by, Act.CHANGE_QUOTE)
    quote = locked_quote(uow.session, quote_id)
    if not rights_of(uow.session, by, scope_of(quote)) or not may_edit(uow.session, quote):
        raise NotAllowed
    if quote.version != version or quote.state not in OPEN:
        raise QuoteOutdated
    offer = offer_as_sent(version_of(uow.session, quote))
    if not offer.more or not 0 <= place < len(offer.lines) or not can_be_less(offer.lines[place]):
        raise NotFound
    was = offer.lines[place]
    less = replace(was, quantity=was.quantity - 1, kopecks=was.price * (was.quantity - 1))
    quote = revise_quote(uow, quote_id, replace(offer, lines=(*offer.lines[:place], less, *offer.lines[place + 1 :])))
    _follow(uow, quote, less)
    note(uow, ticket, "specification_edited", by, quote=quote.number, item=was.name)
    offer_to_people(uow, ticket, quote)
    show(uow, ticket)
    return quote


def _follow(uow: UnitOfWork, quote: Quote, line: QuoteLine) -> None:
    """The specification of the ticket says what the quote says now."""
    rows = uow.session.exec(
        select(WorkLine).where(
            WorkLine.quote_id == quote.id, WorkLine.item_code == line.item, col(WorkLine.removed_at).is_(None)
        )
    ).all()
    for row in rows:
        row.quantity = line.quantity
    uow.session.flush()
