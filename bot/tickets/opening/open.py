"""Open a ticket: number, deadlines, who pays, and whoever must know (R1.3, R3, R7, R8)."""

from dataclasses import dataclass, replace
from datetime import datetime

from bot.billing.hours.holds import held, hold
from bot.billing.quotes.approvers import may_approve, scope_of
from bot.billing.quotes.send import version_of
from bot.billing.scope.decide import decide_to_hold, keep_decision
from bot.billing.scope.rule import Decision, Result
from bot.billing.terms.shape import TicketPriority
from bot.billing.work.rounding import Way
from bot.clients.audiences import Finance
from bot.db.numbering import next_number
from bot.db.unit_of_work import UnitOfWork
from bot.tickets.bill.card import show
from bot.tickets.life.deadlines import set_deadlines
from bot.tickets.life.lifecycle import note
from bot.tickets.life.models import IntakeChannel, Ticket, TicketState
from bot.tickets.life.numbers import named
from bot.tickets.offers.offer import agreed_by_fact, asked_of, offer_of, send_offer
from bot.tickets.offers.offering import offer_to_people


@dataclass(frozen=True, slots=True)
class Draft:
    """All that `open_ticket` needs: contract and object are settled (R1.3); nothing is decided about its cover.

    `appeal_id` is the conversation it came from, whose messages become the ticket's thread.
    """

    company_id: int
    object_id: int
    contract_id: int
    requester_id: int
    description: str
    appeal_id: int | None = None
    work_type: str = "repair"
    way: Way = Way.VISIT
    emergency: bool = False
    priority: TicketPriority = TicketPriority.NORMAL
    channel: IntakeChannel = IntakeChannel.CHAT
    preferred_at: datetime | None = None
    preferred_words: str | None = None


def open_ticket(uow: UnitOfWork, draft: Draft, by: int) -> Ticket:
    """Open a complete draft; whether the work is covered is decided and told at once (R3.2).

    Covered work goes to the dispatch board with its hours held; paid work waits for an authorised yes; what can't be
    priced waits for an estimate; an emergency starts whatever it costs (R3.1). `by` is who sent it, the client or
    staff for them.
    """
    ticket = Ticket(
        number=next_number(uow.session, "ticket"),
        company_id=draft.company_id,
        contract_id=draft.contract_id,
        object_id=draft.object_id,
        requester_id=draft.requester_id,
        channel=draft.channel,
        work_type=draft.work_type,
        way=draft.way,
        description=draft.description,
        priority=draft.priority,
        emergency=draft.emergency,
        preferred_at=draft.preferred_at,
        preferred_words=draft.preferred_words,
        opened_at=uow.now,
    )
    uow.session.add(ticket)
    uow.session.flush()
    note(uow, ticket, "opened", by)
    decision = decide_to_hold(uow, asked_of(uow, ticket))
    keep_decision(uow, ticket.id, decision)
    if (decision.prepayment or decision.result is Result.ON_HOLD) and not ticket.emergency:
        ticket.priority = TicketPriority.LOW  # a debtor's new paid work (R9.1)
    apply_decision(uow, ticket, decision, by)
    set_deadlines(uow, ticket)
    show(uow, ticket)
    return ticket


def apply_decision(uow: UnitOfWork, ticket: Ticket, decision: Decision, by: int | None) -> None:
    """Put the ticket into the state that the decision asks for, with holds and a quote as needed."""
    ticket.coverage = decision.result.value
    if decision.free:
        ticket.held_amount = hold(uow, ticket.id, decision.draws, by)
        ticket.state = TicketState.NEW
    elif decision.result is Result.ON_HOLD:
        ticket.state = TicketState.AWAITING_PAYMENT
        uow.tell(Finance(ticket.company_id), "ticket/on_hold_finance", named(ticket))
    elif decision.lines:
        _offer(uow, ticket, decision, by)
    else:  # an estimate is needed: people price it, nothing is refused (R3.3)
        ticket.state = TicketState.AWAITING_APPROVAL
    if ticket.emergency:
        ticket.state = TicketState.NEW
        if decision.result in (Result.PARTLY, Result.PAID) and not held(uow.session, ticket.id):
            ticket.held_amount = hold(uow, ticket.id, decision.draws, by)
    uow.session.flush()


def _offer(uow: UnitOfWork, ticket: Ticket, decision: Decision, by: int | None) -> None:
    offer = replace(offer_of(uow, ticket, decision), up_to=agreed_by_fact(uow.session, ticket, decision))
    quote, agreed = send_offer(uow, ticket, offer, decision, by)
    ticket.state = TicketState.AWAITING_APPROVAL
    if agreed:
        ticket.held_amount = hold(uow, ticket.id, decision.draws, by, quote.id)
        ticket.state = TicketState.NEW
        return
    gross = version_of(uow.session, quote).gross
    own = may_approve(uow.session, ticket.requester_id, scope_of(quote), gross, uow.now)
    offer_to_people(uow, ticket, quote, only=ticket.requester_id if own else None)
