"""The client answers a quote, and the ticket goes on (R7.4): billing decides, the ticket follows."""

from dataclasses import replace

from sqlmodel import col, select

from bot.billing.hours.holds import drawn, held, hold_what_is_left, release
from bot.billing.quotes.approve import Decided, Press, approve_orally, approve_quote, decline_quote, dispute_approval
from bot.billing.quotes.approvers import belongs, locked_rights, rights_of, scope_of
from bot.billing.quotes.models import Quote, QuoteState
from bot.billing.quotes.send import (
    OPEN,
    QuoteOutdated,
    awaits_prepayment,
    locked_quote,
    offer_as_sent,
    quotes_of,
    revise_quote,
    version_of,
)
from bot.billing.scope.rule import Result
from bot.billing.work.models import WorkLine
from bot.clients.audiences import Approvers, Dispatchers, OurWorker, To
from bot.clients.models import Person
from bot.clients.objects import is_staff
from bot.db.errors import NotAllowed, NotFound
from bot.db.unit_of_work import UnitOfWork
from bot.tickets.bill.card import show
from bot.tickets.life.acts import Act
from bot.tickets.life.deadlines import follow, zone_of
from bot.tickets.life.leave import require_right, require_state
from bot.tickets.life.lifecycle import FINISHED, came_again, end_waiting, locked_ticket, note
from bot.tickets.life.models import Ticket, TicketState
from bot.tickets.life.rights import client_of, may_see
from bot.tickets.offers.late_yes import accepted_already, answered_late
from bot.tickets.offers.moving_on import close_paid_part, first_draws, move_on, nothing_to_do
from bot.tickets.offers.offering import offer_to_people, quote_card, stop_quote_timers
from bot.tickets.offers.prepaid_work import RUNNING, ask_prepayment
from bot.tickets.offers.told import QuoteAnswered, Reader, YesByWord

ASKED = "asked_about_quote"
BEFORE_WORK = (TicketState.AWAITING_PAYMENT, TicketState.NEW, TicketState.TAKEN, TicketState.ON_THE_WAY)
RESTS_ON_A_YES = (Result.PAID, Result.ESTIMATE_NEEDED, Result.ON_HOLD)  # nothing of it is covered


def approve_paid_work(uow: UnitOfWork, quote_id: int, version: int, by: int, press: Press) -> Decided:
    """Yes: approval, hold and the ticket's next state in one transaction. The same press again changes nothing.

    Raises NotAllowed, OverLimit, QuoteOutdated, NotFound.
    """
    ticket = offered_ticket(uow, quote_id, by, Act.YES)
    decided = approve_quote(uow, quote_id, version, by, press)
    if not decided.repeated:
        _go_on(uow, ticket, decided, by)
    return decided


def approve_by_word(uow: UnitOfWork, quote_id: int, person_id: int, reason: str, evidence: str, by: int) -> Decided:
    """Staff records what a client's person said: flagged, the client is told and may dispute it (R7.7).

    Raises NotAllowed, NotFound, NoEvidence, OverLimit, QuoteOutdated.
    """
    ticket = offered_ticket(uow, quote_id, person_id, Act.YES_BY_WORD)
    require_right(uow.session, ticket, Act.YES_BY_WORD, by)
    decided = approve_orally(uow, quote_id, person_id, reason, evidence, by)
    if decided.repeated:
        return decided
    note(uow, ticket, "approved_by_word", by, quote=decided.quote.number, reason=decided.approval.reason)
    _go_on(uow, ticket, decided, person_id)
    staff, yes = uow.session.get_one(Person, by), decided.approval
    assert yes.reason is not None and yes.disputable_until is not None  # noqa: S101, PT018 - an oral yes has both
    uow.tell(
        Approvers(ticket.company_id, site_id=decided.quote.site_id),
        "quote/by_word",
        YesByWord(
            ticket_id=ticket.id,
            quote_id=quote_id,
            number=ticket.number,
            gross=yes.gross,
            person=yes.person_name,
            staff=staff.name,
            reason=yes.reason,
            until=yes.disputable_until,
            zone=zone_of(uow.session, ticket),
        ),
    )
    return decided


def dispute_word(uow: UnitOfWork, quote_id: int, by: int) -> Ticket:
    """«Я этого не согласовывал»: the paid part is closed and staff is told (R7.7). Raises NotAllowed, QuoteOutdated."""
    ticket = offered_ticket(uow, quote_id, by)
    quote, new = dispute_approval(uow, quote_id, by, "")
    if not new:
        return ticket
    note(uow, ticket, "word_disputed", by, quote=quote.number)
    close_paid_part(uow, ticket, quote)
    engineer = ticket.engineer_id
    rested = ticket.coverage in RESTS_ON_A_YES or ticket.state is TicketState.AWAITING_PAYMENT
    if ticket.state in BEFORE_WORK and rested and not _another_stands(uow, ticket):
        if ticket.waits_for is not None:
            end_waiting(uow, ticket, by)
        release(uow, ticket.id, by)  # what the yes held goes back; a new one holds anew
        ticket.state, ticket.engineer_id, ticket.held_amount = TicketState.AWAITING_APPROVAL, None, 0
    move_on(uow, ticket)
    _answered(uow, ticket, quote, by, "quote/word_disputed", engineer)
    return ticket


def choose_option(uow: UnitOfWork, quote_id: int, version: int, place: int, by: int) -> Quote:
    """Whoever may say the yes takes an optional line or leaves it out before it: a new version (R7.3). Others would
    only make the buttons of those who decide outdated.

    Raises NotAllowed, NotFound, QuoteOutdated.
    """
    ticket = offered_ticket(uow, quote_id, by, Act.CHANGE_QUOTE)
    quote = locked_quote(uow.session, quote_id)
    if not rights_of(uow.session, by, scope_of(quote)):
        raise NotAllowed
    if quote.version != version or quote.state not in OPEN:
        raise QuoteOutdated
    offer = offer_as_sent(version_of(uow.session, quote))
    if not 0 <= place < len(offer.lines) or not offer.lines[place].optional:
        raise NotFound
    chosen = tuple(sorted(set(offer.chosen) ^ {place}))
    quote = revise_quote(uow, quote_id, replace(offer, chosen=chosen))
    note(uow, ticket, "option_chosen" if place in chosen else "option_left", by, quote=quote.number)
    offer_to_people(uow, ticket, quote)
    show(uow, ticket)
    return quote


def _go_on(uow: UnitOfWork, ticket: Ticket, decided: Decided, by: int) -> None:
    """Hold what is left, and let the ticket go where the yes leads."""
    quote, gross = decided.quote, decided.approval.gross
    stop_quote_timers(uow, quote)
    note(uow, ticket, "approved", by, quote=quote.number, gross=gross)
    if not (ticket.state in FINISHED and accepted_already(uow.session, ticket)):  # its hours are drawn by then
        _hold(uow, ticket, quote, by)
    if ticket.state in FINISHED:
        answered_late(uow, ticket, quote)
    elif ticket.state is TicketState.AWAITING_APPROVAL:
        move_on(uow, ticket)
    else:
        move_on(uow, ticket)  # the rest of the job goes on, whatever this work waits for
        if quote.prepayment and ticket.state in RUNNING:
            note(uow, ticket, "waits_for_payment", None, quote=quote.number)
            ask_prepayment(uow, ticket, quote)
    _answered(uow, ticket, quote, by, "quote/approved_told")


def decline_paid_work(uow: UnitOfWork, quote_id: int, version: int, by: int, press: Press) -> Decided:
    """No: the paid part is closed; the ticket stays for people to find another way (R7.9).

    Raises NotAllowed, QuoteOutdated, NotFound.
    """
    ticket = offered_ticket(uow, quote_id, by, Act.NO)
    decided = decline_quote(uow, quote_id, version, by, press)
    if decided.repeated:
        return decided
    quote = decided.quote
    stop_quote_timers(uow, quote)
    note(uow, ticket, "declined_quote", by, quote=quote.number)
    close_paid_part(uow, ticket, quote)
    if ticket.state in FINISHED:
        answered_late(uow, ticket, quote)
    else:
        move_on(uow, ticket)
    _answered(uow, ticket, quote, by, "quote/declined_told")
    return decided


def ask_about_quote(uow: UnitOfWork, quote_id: int, by: int) -> Ticket:
    """«Задать вопрос»: staff is told that the client has one, once; the quote goes on waiting. Raises NotFound,
    NotAllowed, TicketMoved once the ticket is cancelled."""
    ticket = offered_ticket(uow, quote_id, by)
    require_state(uow.session, ticket, Act.ASK_ABOUT_QUOTE)
    if not came_again(uow.session, ticket, by, ASKED):
        note(uow, ticket, ASKED, by)
    return ticket


def view_quote(uow: UnitOfWork, quote_id: int, by: int) -> tuple[Quote, Ticket]:
    """The quote for one of the client's people; the first look is kept (R7.1). Raises NotFound."""
    ticket = offered_ticket(uow, quote_id, by)
    quote = locked_quote(uow.session, quote_id)
    if quote.state is QuoteState.SENT:
        quote.state = QuoteState.VIEWED
        uow.session.flush()
    return quote, ticket


def _another_stands(uow: UnitOfWork, ticket: Ticket) -> bool:
    return any(quote.state is QuoteState.APPROVED for quote in quotes_of(uow.session, ticket.id))


def offered_ticket(uow: UnitOfWork, quote_id: int, by: int, act: Act | None = None) -> Ticket:
    """The quote's ticket, locked: after the rights that decide it, before the quote. With `act`: of an offer that
    waits, if its ticket may still be answered so."""
    quote = uow.session.get(Quote, quote_id)
    if quote is None:
        raise NotFound
    if act is not None:
        locked_rights(uow.session, by, scope_of(quote))
    ticket = locked_ticket(uow.session, quote.ticket_id)
    quote = locked_quote(uow.session, quote_id)  # as it is now: it was read before anybody was waited for
    # Staff reads a quote on its own screens; its buttons are the client's.
    if is_staff(uow.session, by) and not belongs(uow.session, by, ticket.company_id):
        raise NotAllowed
    if not may_see(uow.session, ticket, by):
        raise NotAllowed
    if act is not None and quote.state in OPEN:
        require_state(uow.session, ticket, act)
    return ticket


def _hold(uow: UnitOfWork, ticket: Ticket, quote: Quote, by: int) -> None:
    """Hold what pools give besides what was agreed, as far as they still have it: the covered part of PARTLY, the
    included visit of paid work (R5.6). A work added on site holds its own (R4.10), the ticket's is held once."""
    ticket_id, version = ticket.id, version_of(uow.session, quote)
    added = uow.session.exec(
        select(WorkLine.id).where(WorkLine.quote_id == quote.id).order_by(col(WorkLine.id))
    ).first()
    more = bool(version.offer.get("more")) and added is not None
    if not more and (held(uow.session, ticket_id) or drawn(uow.session, ticket_id)):
        return
    # An offer sent before it kept that itself draws what was decided first.
    draws = offer_as_sent(version).draws if "draws" in version.offer else first_draws(uow.session, ticket)
    work_line = added if more else None
    ticket.held_amount += hold_what_is_left(uow, ticket_id, draws, by, quote.id, work_line)


def _answered(
    uow: UnitOfWork, ticket: Ticket, quote: Quote, by: int, template: str, engineer: int | None = None
) -> None:
    """`engineer`: who had the ticket until now, where it is not who has it."""
    follow(uow, ticket)
    show(uow, ticket)
    version = version_of(uow.session, quote)
    told = QuoteAnswered(
        ticket.id,
        ticket.number,
        quote.number,
        version.gross,
        done=ticket.state in FINISHED,
        unpaid=awaits_prepayment(quote) and ticket.state in RUNNING,
        nothing_left=nothing_to_do(uow.session, ticket),
    )
    uow.tell(Dispatchers(topic_key=f"ticket:{ticket.id}"), template, told)
    if ticket.requester_id != by or told.nothing_left:
        uow.tell(
            client_of(uow.session, ticket), template, replace(told, reader=Reader.REQUESTER), urgent=ticket.emergency
        )
    engineer = ticket.engineer_id or engineer
    if engineer is not None:
        worker = OurWorker(engineer, about=f"ticket:{ticket.id}")
        uow.tell(worker, template, replace(told, reader=Reader.ENGINEER), urgent=True)
    uow.tell(To(by, card_key=f"quote:{quote.id}"), "quote/card", quote_card(uow, quote))
