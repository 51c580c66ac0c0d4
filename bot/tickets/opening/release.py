"""A ticket that waited for payment goes on: by a leader's word, or by itself once no debt stands in its way (R3.6).

Both end the hold of a ticket «ожидает оплаты» and of no other; what was not decided yet is decided then.
"""

from dataclasses import dataclass
from typing import Any

from sqlmodel import col, select

from bot.billing.debts.owed import debt_state_of
from bot.billing.debts.rule import DebtLevel
from bot.billing.quotes.approve import withdraw_quote
from bot.billing.quotes.models import Quote
from bot.billing.quotes.send import AGREED_ON, OPEN, awaits_prepayment, lock_quotes, quotes_of
from bot.billing.scope.decide import decide_to_hold, keep_decision
from bot.billing.scope.rule import Decision, Result
from bot.billing.seller.particulars import seller_day
from bot.billing.terms.shape import TicketPriority
from bot.clients.audiences import Finance
from bot.db.unit_of_work import UnitOfWork
from bot.messaging.models import Timer
from bot.messaging.timers import want_timer
from bot.tickets.bill.card import show
from bot.tickets.life.acts import Act
from bot.tickets.life.deadlines import set_deadlines
from bot.tickets.life.leave import require_act
from bot.tickets.life.lifecycle import locked_ticket, move, note
from bot.tickets.life.models import Ticket, TicketState
from bot.tickets.life.rights import client_of
from bot.tickets.offers.offer import asked_of
from bot.tickets.offers.offering import stop_quote_timers
from bot.tickets.offers.prepaid_work import RUNNING, let_added_go_on, waiting_works
from bot.tickets.opening.open import apply_decision

RELEASE_ONE = "release_ticket"
PREPAY = (DebtLevel.D2, DebtLevel.D3)


@dataclass(frozen=True, slots=True)
class TicketReleased:
    """A ticket that no longer waits for payment: it `starts`, or its price comes first."""

    ticket_id: int
    number: int
    starts: bool


def release_hold(uow: UnitOfWork, ticket_id: int, by: int) -> Ticket:
    """«Предоплата получена», «Можно начинать»: a leader ends the hold of this ticket, whatever the debt (R3.6, R9.1).

    Raises NotFound, NotAllowed, and TicketMoved in every state but «ожидает оплаты».
    """
    ticket = locked_ticket(uow.session, ticket_id)
    require_act(uow.session, ticket, Act.RELEASE, by)
    lock_quotes(uow.session, ticket_id)
    _end_hold(uow, ticket, _decided(uow, ticket, lifted=True), by)
    return ticket


def release_held(uow: UnitOfWork, _payload: dict[str, Any]) -> None:
    """Timer: have each ticket «ожидает оплаты», and each with added work that waits for its prepayment, looked at
    again, each in a transaction of its own.

    One that can't be decided stops only itself, and no two are locked together. Each look is a new row: none of those
    under way is waited for, while somebody who holds what they wait for may wait for this one. What failed before
    waits for its own next try.
    """
    session = uow.session
    failing = session.exec(
        select(Timer.key).where(Timer.kind == RELEASE_ONE, col(Timer.done_at).is_(None), Timer.attempts > 0)
    ).all()
    put_off = {key.split(":")[1] for key in failing}
    waiting = select(Ticket.id).where(Ticket.state == TicketState.AWAITING_PAYMENT).order_by(col(Ticket.id))
    for ticket_id in [*session.exec(waiting).all(), *waiting_works(session)]:
        if str(ticket_id) not in put_off:
            key = f"{RELEASE_ONE}:{ticket_id}:{uow.now.isoformat()}"
            want_timer(session, key, RELEASE_ONE, uow.now, ticket_id=ticket_id)


def release_one(uow: UnitOfWork, payload: dict[str, Any]) -> None:
    """Timer: look at one ticket again; what the debt still holds stays as it is."""
    ticket = locked_ticket(uow.session, int(payload["ticket_id"]))
    lock_quotes(uow.session, ticket.id)
    if ticket.state in RUNNING and not _held_by_debt(uow, ticket, None):
        let_added_go_on(uow, ticket)
    if ticket.state is not TicketState.AWAITING_PAYMENT:
        return
    decision = _decided(uow, ticket, lifted=False)
    if not _held_by_debt(uow, ticket, decision):
        _end_hold(uow, ticket, decision, None)


def _decided(uow: UnitOfWork, ticket: Ticket, *, lifted: bool) -> Decision | None:
    """The scope that was not decided because of the debt, decided now; None where a decision or a yes stands."""
    if ticket.coverage != Result.ON_HOLD or _approved(quotes_of(uow.session, ticket.id)):
        return None
    return decide_to_hold(uow, asked_of(uow, ticket, debt_lifted=lifted))


def _held_by_debt(uow: UnitOfWork, ticket: Ticket, decision: Decision | None) -> bool:
    """Whether the debt still stands in the way: hours bought meanwhile are usable whatever is owed (R9.1)."""
    if decision is not None:
        return decision.result is Result.ON_HOLD
    return debt_state_of(uow.session, ticket.company_id, seller_day(uow.session, uow.now)).level in PREPAY


def _end_hold(uow: UnitOfWork, ticket: Ticket, decision: Decision | None, by: int | None) -> None:
    kind = "debt_released" if by is None else "released"
    quotes = quotes_of(uow.session, ticket.id)
    if by is None and (decision is None or not decision.prepayment):
        ticket.priority = TicketPriority.NORMAL  # it was low for the debt
    if decision is not None:
        note(uow, ticket, kind, by)
        _apply(uow, ticket, decision, [quote for quote in quotes if quote.state in OPEN], by)
    elif _approved(quotes):
        if ticket.coverage == Result.ON_HOLD:
            ticket.coverage = Result.PAID  # people priced it while it was held, and the client agreed
        for quote in quotes:
            if awaits_prepayment(quote):
                quote.prepaid_at = uow.now
        move(uow, ticket, TicketState.NEW, kind, by)
    else:  # the yes it rested on is gone: without one nobody is sent (R7.9)
        move(uow, ticket, TicketState.AWAITING_APPROVAL, kind, by)
    set_deadlines(uow, ticket)
    show(uow, ticket)
    for audience in (client_of(uow.session, ticket), Finance(ticket.company_id)):
        uow.tell(
            audience,
            "ticket/released",
            TicketReleased(ticket.id, ticket.number, starts=ticket.state is TicketState.NEW),
        )


def _apply(uow: UnitOfWork, ticket: Ticket, decision: Decision, offered: list[Quote], by: int | None) -> None:
    """What people offered while the ticket was held stays the offer, unless nothing is to be paid by now."""
    keep_decision(uow, ticket.id, decision)
    if offered and not decision.free:
        ticket.coverage = decision.result
        ticket.state = TicketState.AWAITING_APPROVAL
        uow.session.flush()
        return
    for quote in offered:
        withdraw_quote(uow, quote.id)
        stop_quote_timers(uow, quote)
    apply_decision(uow, ticket, decision, by)


def _approved(quotes: Any) -> bool:
    return any(quote.state in AGREED_ON for quote in quotes)
