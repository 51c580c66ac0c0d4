"""What a ticket's work is asked as, and its paid part as an offer; a ceiling may say yes by itself (R7.6)."""

from dataclasses import dataclass, replace

from sqlmodel import Session

from bot.billing.quotes.approve import approve_by_ceiling, used_of_ceiling
from bot.billing.quotes.ceilings import EVIDENCE, GivenCeiling, ceilings_of, live_ceiling
from bot.billing.quotes.models import Quote
from bot.billing.quotes.rule import MINUTE, within_ceiling
from bot.billing.quotes.send import Offer, gross_of, send_quote, version_of
from bot.billing.scope.decide import Asked, clause_of
from bot.billing.scope.rule import Decision, Result
from bot.billing.terms.of_contract import terms_of
from bot.billing.work.rounding import Way
from bot.clients.audiences import Approvers, To
from bot.clients.models import ServiceObject
from bot.clients.objects import object_lines
from bot.clients.policy import policy
from bot.db.clock import day_of, local
from bot.db.unit_of_work import UnitOfWork
from bot.tickets.life.at_work import work_begins
from bot.tickets.life.deadlines import terms_day, zone_of
from bot.tickets.life.lifecycle import note
from bot.tickets.life.models import Ticket
from bot.tickets.life.pre_authorised import pre_authorised
from bot.tickets.life.rights import client_of
from bot.tickets.offers.told import YesByCeiling


def asked_of(uow: UnitOfWork, ticket: Ticket, *, debt_lifted: bool = False) -> Asked:
    """The work of a ticket as the decision wants to know it, in local time at the site (`work_begins`).

    `debt_lifted`: somebody has let it go on despite a debt.
    """
    zone = zone_of(uow.session, ticket)
    at_once = ticket.emergency or ticket.started_at is not None
    starts = local(work_begins(uow, zone, ticket.preferred_at, at_once=at_once), zone)
    return Asked(
        company_id=ticket.company_id,
        object_id=ticket.object_id,
        person_id=ticket.requester_id,
        work_type=ticket.work_type,
        way=ticket.way,
        on=day_of(starts, zone),
        starts=starts,
        emergency=ticket.emergency,
        debt_lifted=debt_lifted,
    )


def offer_of(uow: UnitOfWork, ticket: Ticket, decision: Decision) -> Offer:
    """The paid part of a decision as an offer in words."""
    thing = uow.session.get_one(ServiceObject, ticket.object_id)
    asked = asked_of(uow, ticket)
    return Offer(
        ticket_id=ticket.id,
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
        starts=asked.starts.isoformat() if asked.starts is not None else "",
        place=zone_of(uow.session, ticket),
    )


def _least(session: Session, ticket: Ticket, decision: Decision) -> int:
    """The billable minimum on site where it makes the price: it raised the expected time, or time is billed by fact."""
    hourly = any(line.unit == MINUTE for line in decision.lines)
    if ticket.way != Way.VISIT or not hourly:
        return 0
    terms = terms_of(session, int(decision.contract or ticket.contract_id), terms_day(session, ticket))
    raised = policy(session, "expected_visit_minutes") < terms.minimum_visit
    return terms.minimum_visit if raised or terms.hourly_by_fact else 0


def agreed_by_fact(session: Session, ticket: Ticket, decision: Decision) -> bool:
    """Whether time is agreed as «до N» and billed as it was spent (R7.8); added parts and fees keep a fixed price."""
    contract = int(decision.contract or ticket.contract_id)
    hourly = bool(decision.lines) and all(line.unit == MINUTE for line in decision.lines)
    return hourly and terms_of(session, contract, terms_day(session, ticket)).hourly_by_fact


def _free_ways(ticket: Ticket) -> tuple[str, ...]:
    """What costs the client nothing instead (R7.2): words by phone, their own hands by our articles."""
    return ("advice", "articles") if ticket.way == Way.VISIT else ("articles",)


@dataclass(frozen=True, slots=True)
class SaidBefore:
    """A yes that was given before anything was asked: by the contract, for emergencies, or by a ceiling in kopecks, of
    the object where it is `given`."""

    emergency: bool
    ceiling: int
    given: GivenCeiling | None
    own: int | None

    @property
    def word(self) -> str:
        """How the offer calls it."""
        return "emergency" if self.emergency else "ceiling"


def said_before(uow: UnitOfWork, ticket: Ticket, offer: Offer, decision: Decision) -> SaidBefore | None:
    """Whether a ceiling agreed beforehand lets the offer through (R7.6); an emergency has one of its own (R3.1).

    All that a ceiling lets through on one ticket counts together.
    """
    session, day = uow.session, terms_day(uow.session, ticket)
    whole = used_of_ceiling(session, ticket.id) + gross_of(uow, offer)
    if offer.prepayment:
        return None
    agreed = pre_authorised(session, int(decision.contract or ticket.contract_id), day)
    if decision.pre_authorised and agreed is not None and within_ceiling(whole, agreed.kopecks):
        return SaidBefore(True, agreed.kopecks, None, None)
    own = live_ceiling(session, ticket.company_id, ticket.object_id)
    ceiling = own.kopecks if own is not None else terms_of(session, ticket.contract_id, day).ceiling
    if ceiling is None or not within_ceiling(whole, ceiling):
        return None
    given = ceilings_of(session, [ticket.object_id]).get(ticket.object_id) if own is not None else None
    return SaidBefore(False, ceiling, given, own.id if own is not None else None)


def send_offer(uow: UnitOfWork, ticket: Ticket, offer: Offer, decision: Decision, by: int | None) -> tuple[Quote, bool]:
    """Send it, in words that offer a refusal only where one can be given; True: it was agreed beforehand, which is told
    in a text of its own, once to each (R7.10)."""
    said = said_before(uow, ticket, offer, decision)
    if said is None:
        return send_quote(uow, offer, by), False
    terms = terms_of(uow.session, int(decision.contract or ticket.contract_id), terms_day(uow.session, ticket))
    agreed_by = said.given.person if said.given else terms.clause  # its evidence says by whom, or by what (R7.5)
    quote = send_quote(uow, replace(offer, beforehand=said.word, agreed_by=agreed_by), by)
    approve_by_ceiling(uow, quote, said.word, f"{EVIDENCE}{said.own}" if said.own is not None else None)
    gross = version_of(uow.session, quote).gross
    note(uow, ticket, "approved_by_ceiling", None, quote=quote.number, gross=gross)
    told = YesByCeiling(quote.id, ticket.id, ticket.number, gross, None if said.emergency else said.ceiling, said.given)
    client = client_of(uow.session, ticket)
    uow.tell(client, "quote/by_ceiling", told)
    heard = set(client.people(uow.session))
    for person in Approvers(ticket.company_id, site_id=quote.site_id).people(uow.session):
        if person not in heard:
            uow.tell(To(person), "quote/by_ceiling", told)
    return quote, True
