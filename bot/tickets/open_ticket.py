"""Open a ticket: number, deadlines, who pays, and whoever must know (R1.3, R3, R7, R8)."""

from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import Session

from bot.billing.approve_quote import approve_by_ceiling, used_of_ceiling
from bot.billing.approvers import may_approve, scope_of
from bot.billing.ceilings import EVIDENCE, ceilings_of, live_ceiling
from bot.billing.contract_terms import terms_of
from bot.billing.decide_scope import Asked, clause_of, decide_to_hold, keep_decision
from bot.billing.hold_hours import held, hold
from bot.billing.models import Quote
from bot.billing.quoting import MINUTE, within_ceiling
from bot.billing.scope import Decision, Result
from bot.billing.send_quote import Offer, send_quote, version_of
from bot.clients.audiences import Approvers, Finance
from bot.clients.models import ServiceObject
from bot.clients.policy import policy
from bot.db.numbering import next_number
from bot.db.unit_of_work import UnitOfWork
from bot.tickets.cards import show
from bot.tickets.deadlines import set_deadlines, zone_of
from bot.tickets.draft import Draft
from bot.tickets.hearing import client_of
from bot.tickets.lifecycle import note
from bot.tickets.models import Ticket, TicketState
from bot.tickets.objects import object_lines
from bot.tickets.offering import offer_to_people
from bot.tickets.opening import opening


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
        work_channel=draft.work_channel,
        description=draft.description,
        priority=draft.priority,
        emergency=draft.emergency,
        preferred_at=draft.preferred_at,
        opened_at=uow.now,
    )
    uow.session.add(ticket)
    uow.session.flush()
    note(uow, ticket, "opened", by)
    decision = decide_to_hold(uow, asked_of(uow, ticket))
    keep_decision(uow, ticket.id or 0, decision)
    if (decision.prepayment or decision.result is Result.ON_HOLD) and not ticket.emergency:
        ticket.priority = "low"  # a debtor's new paid work (R9.1)
    apply_decision(uow, ticket, decision, by)
    set_deadlines(uow, ticket)
    show(uow, ticket)
    return ticket


def asked_of(uow: UnitOfWork, ticket: Ticket, *, debt_lifted: bool = False) -> Asked:
    """The work of a ticket as the decision wants to know it, in local time at the site.

    An emergency, work already begun and work whose wanted time is past are for now (R3.6), other work for when the
    client wants it, else for when people are at work (R8.1). `debt_lifted`: somebody has let it go on despite a debt.
    """
    at = uow.now
    if not ticket.emergency and ticket.started_at is None:
        wanted = ticket.preferred_at or opening(uow.session, uow.now).resumes or uow.now
        at = max(wanted, uow.now)
    starts = at.astimezone(ZoneInfo(zone_of(uow.session, ticket)))
    return Asked(
        company_id=ticket.company_id,
        object_id=ticket.object_id,
        person_id=ticket.requester_id,
        work_type=ticket.work_type,
        channel=ticket.work_channel,
        on=starts.date(),
        starts=starts,
        emergency=ticket.emergency,
        debt_lifted=debt_lifted,
    )


def apply_decision(uow: UnitOfWork, ticket: Ticket, decision: Decision, by: int | None) -> None:
    """Put the ticket into the state that the decision asks for, with holds and a quote as needed."""
    ticket.coverage = decision.result.value
    if decision.free:
        ticket.hold_minutes = hold(uow, ticket.id or 0, decision.draws, by)
        ticket.state = TicketState.NEW
    elif decision.result is Result.ON_HOLD:
        ticket.state = TicketState.ON_HOLD
        uow.tell(Finance(ticket.company_id), "ticket/on_hold_finance", number=ticket.number)
    elif decision.lines:
        _offer(uow, ticket, decision, by)
    else:  # an estimate is needed: people price it, nothing is refused (R3.3)
        ticket.state = TicketState.AWAITING_APPROVAL
    if ticket.emergency:
        ticket.state = TicketState.NEW
        if decision.result in (Result.PARTLY, Result.PAID) and not held(uow.session, ticket.id or 0):
            ticket.hold_minutes = hold(uow, ticket.id or 0, decision.draws, by)
    uow.session.flush()


def offer_of(uow: UnitOfWork, ticket: Ticket, decision: Decision) -> Offer:
    """The paid part of a decision as an offer in words."""
    thing = uow.session.get_one(ServiceObject, ticket.object_id)
    return Offer(
        ticket_id=ticket.id or 0,
        ticket_number=ticket.number,
        company_id=ticket.company_id,
        contract_id=int(decision.contract or ticket.contract_id),
        lines=decision.lines,
        why=f"why.{decision.reason}",
        clause=clause_of(decision),
        thing=object_lines(uow.session, [thing])[0].title,
        work=ticket.description,
        prepayment=decision.prepayment or decision.on_hold,  # the paid rest of PARTLY waits for payment too (R3.1)
        site_id=thing.site_id,
        emergency=ticket.emergency,
        alternatives=_free_ways(ticket),
        visit_free=decision.result is Result.PAID and bool(decision.draws),
        least=_least(uow.session, ticket, decision),
        draws=decision.draws,
    )


def _least(session: Session, ticket: Ticket, decision: Decision) -> int:
    """The billable minimum on site where it makes the price: it raised the expected time, or time is billed by fact."""
    hourly = any(line.unit == MINUTE for line in decision.lines)
    if ticket.work_channel != "visit" or not hourly:
        return 0
    terms = terms_of(session, int(decision.contract or ticket.contract_id), ticket.opened_at.date())
    raised = policy(session, "expected_visit_minutes") < terms.minimum_visit
    return terms.minimum_visit if raised or terms.hourly_by_fact else 0


def agreed_by_fact(session: Session, ticket: Ticket, decision: Decision) -> bool:
    """Whether time is agreed as «до N» and billed as it was spent (R7.8); added parts and fees keep a fixed price."""
    contract = int(decision.contract or ticket.contract_id)
    hourly = bool(decision.lines) and all(line.unit == MINUTE for line in decision.lines)
    return hourly and terms_of(session, contract, ticket.opened_at.date()).hourly_by_fact


def _free_ways(ticket: Ticket) -> tuple[str, ...]:
    """What costs the client nothing instead (R7.2): words by phone, their own hands by our articles."""
    return ("advice", "articles") if ticket.work_channel == "visit" else ("articles",)


def _offer(uow: UnitOfWork, ticket: Ticket, decision: Decision, by: int | None) -> None:
    offer = replace(offer_of(uow, ticket, decision), up_to=agreed_by_fact(uow.session, ticket, decision))
    quote = send_quote(uow, offer, by)
    ticket.state = TicketState.AWAITING_APPROVAL
    if self_approved(uow, ticket, quote, decision):
        ticket.hold_minutes = hold(uow, ticket.id or 0, decision.draws, by, quote.id)
        ticket.state = TicketState.NEW
        return
    gross = version_of(uow.session, quote).gross
    own = may_approve(uow.session, ticket.requester_id, scope_of(quote), gross, uow.now)
    offer_to_people(uow, ticket, quote, only=ticket.requester_id if own else None)


def self_approved(uow: UnitOfWork, ticket: Ticket, quote: Quote, decision: Decision) -> bool:
    """A ceiling agreed beforehand says yes by itself and tells so (R7.6); an emergency has one of its own (R3.1).

    All that a ceiling lets through on one ticket counts together.
    """
    gross = version_of(uow.session, quote).gross
    own = live_ceiling(uow.session, ticket.company_id, ticket.object_id)
    day = ticket.opened_at.date()
    ceiling = own.kopecks if own is not None else terms_of(uow.session, ticket.contract_id, day).ceiling
    whole = used_of_ceiling(uow.session, ticket.id or 0) + gross
    emergency = decision.pre_authorised and within_ceiling(
        whole, terms_of(uow.session, int(decision.contract or ticket.contract_id), day).emergency_ceiling
    )
    if quote.prepayment or not (emergency or within_ceiling(whole, ceiling)):
        return False
    by_object = own is not None and not emergency
    evidence = f"{EVIDENCE}{own.id}" if own is not None and by_object else None
    approve_by_ceiling(uow, quote, "emergency" if emergency else "ceiling", evidence)
    given = ceilings_of(uow.session, [ticket.object_id]).get(ticket.object_id) if by_object else None
    note(uow, ticket, "approved_by_ceiling", None, quote=quote.number, gross=gross)
    told: dict[str, Any] = {"number": ticket.number, "ticket_id": ticket.id, "quote_id": quote.id, "gross": gross}
    for audience in (client_of(uow.session, ticket), Approvers(ticket.company_id, site_id=quote.site_id)):
        uow.tell(audience, "quote/by_ceiling", ceiling=None if emergency else ceiling, given=given, **told)
    return True
