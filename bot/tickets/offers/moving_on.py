"""A ticket that waits for answers moves on once no offer waits any more (R7.11)."""

from collections.abc import Sequence

from sqlmodel import Session, select

from bot.billing.hours.draw import Draw
from bot.billing.hours.holds import drawn, held, hold_what_is_left, release_work
from bot.billing.quotes.models import Quote
from bot.billing.quotes.send import AGREED_ON, OPEN, awaits_prepayment, quotes_of
from bot.billing.scope.kept import first_decision_told
from bot.billing.scope.rule import Result
from bot.billing.work.models import WorkLine
from bot.db.unit_of_work import UnitOfWork
from bot.tickets.life.deadlines import may_be_taken
from bot.tickets.life.lifecycle import move
from bot.tickets.life.models import Ticket, TicketState
from bot.tickets.offers.prepaid_work import ask_prepayment

COVERED = (Result.COVERED, Result.COVERED_BY_HOURS, Result.WARRANTY)


def move_on(uow: UnitOfWork, ticket: Ticket) -> None:
    """To be called after any answer, and whenever an offer is gone without one. One that waits keeps the ticket where
    it is; agreed work, or covered work that remains, takes it on. Without either it stays for another price."""
    quotes = quotes_of(uow.session, ticket.id)
    if any(quote.state in OPEN for quote in quotes):
        return
    if ticket.state is TicketState.WAITING:
        move(uow, ticket, TicketState.IN_WORK, "goes_on", None)
    elif ticket.state is TicketState.AWAITING_APPROVAL:
        _let_begin(uow, ticket, [quote for quote in quotes if quote.state in AGREED_ON])


def nothing_to_do(session: Session, ticket: Ticket) -> bool:
    """Whether every offer is answered and none of it, nor anything covered, can be done: what comes next is asked."""
    return ticket.state is TicketState.AWAITING_APPROVAL and not any(
        quote.state in (*OPEN, *AGREED_ON) for quote in quotes_of(session, ticket.id)
    )


def close_paid_part(uow: UnitOfWork, ticket: Ticket, quote: Quote) -> None:
    """What an offer that nobody agreed to was for leaves the specification, and its hours go back (R7.9)."""
    for line in uow.session.exec(select(WorkLine).where(WorkLine.quote_id == quote.id)).all():
        line.removed_at = line.removed_at or uow.now
        ticket.held_amount -= release_work(uow, ticket.id, line.id, None)


def first_draws(session: Session, ticket: Ticket) -> list[Draw]:
    """What the ticket's first decision draws besides what is paid."""
    row = first_decision_told(session, ticket.id)
    if row is None or row.result not in (Result.PARTLY, Result.PAID):
        return []
    return [Draw.from_stored(each) for each in row.explanation.get("draws", [])]


def _let_begin(uow: UnitOfWork, ticket: Ticket, agreed: Sequence[Quote]) -> None:
    unpaid = [quote for quote in agreed if awaits_prepayment(quote)]
    if agreed and len(unpaid) == len(agreed):
        move(uow, ticket, TicketState.AWAITING_PAYMENT, "waits_for_payment", None)
    elif agreed or _covered_work_remains(uow, ticket):
        move(uow, ticket, TicketState.NEW, "to_dispatch", None)
        may_be_taken(uow, ticket)
    for quote in unpaid:
        ask_prepayment(uow, ticket, quote)


def _covered_work_remains(uow: UnitOfWork, ticket: Ticket) -> bool:
    """Hours that cover a part of the work are held now: until here nothing was, since the paid part might have come."""
    if ticket.coverage == Result.PARTLY and not (held(uow.session, ticket.id) or drawn(uow.session, ticket.id)):
        ticket.held_amount += hold_what_is_left(uow, ticket.id, first_draws(uow.session, ticket), None)
        return ticket.held_amount > 0
    return ticket.coverage in COVERED
