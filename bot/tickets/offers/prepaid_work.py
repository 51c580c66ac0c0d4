"""Work added to a debtor's running job waits for its prepayment, the rest of the job goes on (R3.4, R3.6, R9.1)."""

from collections.abc import Sequence
from dataclasses import replace

from sqlmodel import Session, col, select

from bot.billing.hours.holds import release_work
from bot.billing.quotes.approve import withdraw_quote
from bot.billing.quotes.models import Quote, QuoteState
from bot.billing.quotes.send import AGREED_ON, awaits_prepayment, locked_quote, quotes_of, version_of
from bot.billing.work.models import WorkLine
from bot.clients.audiences import Dispatchers, Finance, Managers, OurWorker
from bot.clients.models import Company
from bot.db.errors import NotFound
from bot.db.unit_of_work import UnitOfWork
from bot.tickets.bill.card import show
from bot.tickets.life.acts import Act
from bot.tickets.life.leave import require_right, require_state
from bot.tickets.life.lifecycle import FINISHED, WITH_ENGINEER, TicketMoved, locked_ticket, note
from bot.tickets.life.models import Ticket, TicketState
from bot.tickets.life.rights import client_of
from bot.tickets.offers.told import PrepaymentAwaited, QuoteLeftUndone, QuotePrepaid, Reader

RUNNING = (TicketState.NEW, *WITH_ENGINEER)


class PrepaidAlready(TicketMoved):
    """Somebody has recorded it before, or the debt went and the work was let go on."""

    key = "refusal.prepaid_already"


class NothingToPrepay(TicketMoved):
    """The offer waits for no prepayment: it was withdrawn, declined, or not answered yet."""

    key = "refusal.nothing_to_prepay"


class DoneWithoutIt(TicketMoved):
    """The job was handed over without this work."""

    key = "refusal.done_without_it"


def ask_prepayment(uow: UnitOfWork, ticket: Ticket, quote: Quote) -> None:
    """The yes is there and the money isn't: those who pay read how, managers what to press. `ticket` that has nothing
    agreed besides waits itself; of a running one only this work does."""
    company, gross = uow.session.get_one(Company, ticket.company_id).name, version_of(uow.session, quote).gross
    more = ticket.state in RUNNING
    told = PrepaymentAwaited(ticket.id, ticket.number, quote.id, quote.number, company, gross, more)
    uow.tell(Finance(ticket.company_id), "ticket/prepayment", told)
    uow.tell(Managers(), "ticket/prepayment_due", told)


def record_prepayment(uow: UnitOfWork, quote_id: int, by: int) -> Ticket:
    """«Предоплата получена» for work added to a running job: from now on it is agreed work (R3.6).

    Raises NotAllowed, NotFound, PrepaidAlready, DoneWithoutIt, NothingToPrepay, and TicketMoved for a ticket that does
    not run.
    """
    found = uow.session.get(Quote, quote_id)
    if found is None:
        raise NotFound
    ticket = locked_ticket(uow.session, found.ticket_id)
    require_right(uow.session, ticket, Act.PREPAID, by)
    quote = locked_quote(uow.session, quote_id)
    if quote.prepaid_at is not None:
        raise PrepaidAlready(quote=quote.number)
    if not awaits_prepayment(quote):
        undone = quote.state is QuoteState.WITHDRAWN and ticket.state in FINISHED
        raise (DoneWithoutIt if undone else NothingToPrepay)(quote=quote.number, state=quote.state.value)
    require_state(uow.session, ticket, Act.PREPAID)
    _let_go_on(uow, ticket, quote, by)
    return ticket


def waiting_works(session: Session) -> Sequence[int]:
    """Running tickets with added work that waits for its prepayment."""
    query = (
        select(Ticket.id)
        .join(Quote, col(Quote.ticket_id) == col(Ticket.id))
        .where(col(Ticket.state).in_(RUNNING), col(Quote.state).in_(AGREED_ON))
        .where(col(Quote.prepayment).is_(True), col(Quote.prepaid_at).is_(None))
    )
    return session.exec(query.distinct().order_by(col(Ticket.id))).all()


def let_added_go_on(uow: UnitOfWork, ticket: Ticket) -> None:
    """No debt stands in the way any more: what was added and agreed needs no prepayment (R3.6)."""
    for quote in unpaid_quotes(uow.session, ticket.id):
        _let_go_on(uow, ticket, locked_quote(uow.session, quote.id), None)


def leave_undone(uow: UnitOfWork, ticket: Ticket, by: int) -> None:
    """The job is finished while added work waits for its prepayment: it wasn't done and isn't billed, and all who
    waited for it are told (R3.6, R7.9)."""
    for quote in unpaid_quotes(uow.session, ticket.id):
        for line in uow.session.exec(select(WorkLine).where(WorkLine.quote_id == quote.id)).all():
            line.removed_at = line.removed_at or uow.now
            ticket.held_amount -= release_work(uow, ticket.id, line.id, by)
        withdraw_quote(uow, quote.id)
        note(uow, ticket, "left_undone", None, quote=quote.number)
        told = QuoteLeftUndone(ticket.id, ticket.number, quote.number, version_of(uow.session, quote).gross)
        worker = OurWorker(by, about=f"ticket:{ticket.id}")
        uow.tell(worker, "quote/left_undone", replace(told, reader=Reader.ENGINEER), urgent=True)
        for audience in (client_of(uow.session, ticket), Finance(ticket.company_id)):
            uow.tell(audience, "quote/left_undone", replace(told, reader=Reader.REQUESTER))
        uow.tell(Managers(), "quote/left_undone", told)


def unpaid_quotes(session: Session, ticket_id: int) -> list[Quote]:
    """Quotes of a ticket that wait for their prepayment."""
    return [quote for quote in quotes_of(session, ticket_id) if awaits_prepayment(quote)]


def _let_go_on(uow: UnitOfWork, ticket: Ticket, quote: Quote, by: int | None) -> None:
    quote.prepaid_at = uow.now
    note(uow, ticket, "prepaid" if by is not None else "debt_released", by, quote=quote.number)
    show(uow, ticket)
    told = QuotePrepaid(ticket.id, ticket.number, quote.number, paid=by is not None)
    uow.tell(Dispatchers(topic_key=f"ticket:{ticket.id}"), "quote/prepaid", told)
    uow.tell(client_of(uow.session, ticket), "quote/prepaid", replace(told, reader=Reader.REQUESTER))
    if ticket.engineer_id is not None:
        worker = OurWorker(ticket.engineer_id, about=f"ticket:{ticket.id}")
        uow.tell(worker, "quote/prepaid", replace(told, reader=Reader.ENGINEER), urgent=True)
