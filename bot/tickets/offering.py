"""A quote on its way to whoever may say yes, with reminders and its end (R7.6)."""

from datetime import timedelta
from typing import Any

from bot.billing.approve_quote import expire_quote, who_may_approve
from bot.billing.models import Quote
from bot.billing.send_quote import OPEN, locked_quote, version_of
from bot.clients.audiences import Approvers, Dispatchers, Managers, To
from bot.clients.policy import policy
from bot.db.unit_of_work import UnitOfWork
from bot.messaging.timers import drop_timer, set_timer
from bot.tickets.lifecycle import locked_ticket, note
from bot.tickets.models import Ticket


def offer_to_people(uow: UnitOfWork, ticket: Ticket, quote: Quote, *, only: int | None = None) -> None:
    """Show the quote to those who may approve it: to one who asked for it themselves, else to all whose right and
    limits reach; where there are none, to every approver and our managers (R7.6)."""
    version = version_of(uow.session, quote)
    names = who_may_approve(uow.session, quote.company_id, version.gross, uow.now)
    urgent = ticket.emergency or ticket.engineer_id is not None
    key = f"quote:{quote.id}"
    ids = [only] if only is not None else [person.id or 0 for person in names]
    for person_id in ids:
        uow.tell(To(person_id, card_key=key), "quote/card", urgent=urgent, **quote_values(uow, quote))
    if not ids:
        uow.tell(Approvers(quote.company_id, card_key=key), "quote/card", urgent=urgent, **quote_values(uow, quote))
        uow.tell(Managers(), "quote/nobody", number=ticket.number, gross=version.gross, ticket_id=ticket.id)
    first = timedelta(minutes=policy(uow.session, "approval_first_reminder_minutes"))
    set_timer(uow.session, f"quote:{quote.id}:remind", "quote_remind", uow.now + first, quote_id=quote.id, step=1)
    set_timer(uow.session, f"quote:{quote.id}:expire", "quote_expire", version.valid_until, quote_id=quote.id)


def quote_values(uow: UnitOfWork, quote: Quote) -> dict[str, Any]:
    """What the quote's card shows: the frozen texts and its state; buttons only while it is open."""
    version = version_of(uow.session, quote)
    return {
        "quote_id": quote.id,
        "version": quote.version,
        "ticket_id": quote.ticket_id,
        "texts": version.texts,
        "state": "sent" if quote.state in OPEN else quote.state.value,
        "gross": version.gross,
    }


def stop_quote_timers(uow: UnitOfWork, quote: Quote) -> None:
    """The quote is decided."""
    for step in ("remind", "expire"):
        drop_timer(uow.session, f"quote:{quote.id}:{step}", uow.now)


def quote_remind(uow: UnitOfWork, payload: dict[str, Any]) -> None:
    """Timer: the quote still waits; those who may approve are reminded, then their deputies too (R7.6)."""
    quote = locked_quote(uow.session, int(payload["quote_id"]))
    if quote.state not in OPEN:
        return
    ticket = locked_ticket(uow.session, quote.ticket_id)
    version = version_of(uow.session, quote)
    step = int(payload["step"])
    people = who_may_approve(uow.session, quote.company_id, version.gross, uow.now)
    for person in people:
        uow.tell(
            To(person.id or 0),
            "quote/reminder",
            urgent=ticket.emergency,
            number=ticket.number,
            quote_id=quote.id,
            version=quote.version,
            ticket_id=ticket.id,
            gross=version.gross,
            on_site=ticket.engineer_id is not None,
        )
    if step == 1:
        minutes = policy(uow.session, "approval_second_reminder_minutes")
        first = policy(uow.session, "approval_first_reminder_minutes")
        again = uow.now + timedelta(minutes=minutes - first)
        set_timer(uow.session, f"quote:{quote.id}:remind", "quote_remind", again, quote_id=quote.id, step=2)
    else:
        uow.tell(
            Dispatchers(topic_key=f"ticket:{ticket.id}"),
            "dispatch/still_waits",
            number=ticket.number,
            ticket_id=ticket.id,
            names=[person.name for person in people],
        )


def quote_expire(uow: UnitOfWork, payload: dict[str, Any]) -> None:
    """Timer: the quote's time is over; its buttons go, the people are told."""
    quote = expire_quote(uow, int(payload["quote_id"]))
    if quote is None:
        return
    ticket = locked_ticket(uow.session, quote.ticket_id)
    note(uow, ticket, "quote_expired", None, quote=quote.number)
    for audience in (To(ticket.requester_id), Dispatchers(topic_key=f"ticket:{ticket.id}")):
        uow.tell(audience, "quote/expired", number=ticket.number, quote=quote.number, ticket_id=ticket.id)
