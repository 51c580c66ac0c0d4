"""A ticket as it is shown: plain values for the client's card and the dispatch card, and showing both anew."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlmodel import Session, col, func, select

from bot.billing.hours.balances import balances_of
from bot.billing.hours.models import Pool
from bot.billing.quotes.approvers import scope_of, who_may_approve
from bot.billing.quotes.models import Quote, QuoteState
from bot.billing.quotes.send import OPEN, awaits_prepayment, quotes_of, version_of
from bot.billing.scope.kept import first_decision_told
from bot.billing.terms.of_contract import terms_of
from bot.billing.work.models import TimeEntry, WorkLine
from bot.clients.audiences import Dispatchers
from bot.clients.models import Account, Company, Contract, Person, ServiceObject, Site
from bot.clients.objects import object_lines
from bot.db.unit_of_work import UnitOfWork
from bot.messaging.messengers import ChatId, Messenger
from bot.messaging.outgoing.outbox import out_of_reach
from bot.tickets.life.deadlines import zone_of
from bot.tickets.life.lifecycle import FINISHED
from bot.tickets.life.models import Message, Ticket, TicketState
from bot.tickets.life.open_price import price_waits
from bot.tickets.life.rights import client_of

WITHOUT_FILE = ("text", "contact", "poll", "other")


def show(uow: UnitOfWork, ticket: Ticket) -> None:
    """Bring the client's card and the dispatch card up to date, wherever they are."""
    values = card_values(uow.session, ticket, uow.now)
    uow.tell(
        client_of(uow.session, ticket, card_key(ticket)),
        "ticket/card",
        urgent=ticket.emergency,
        **for_client(uow.session, ticket, values),
    )
    _show_dispatch(uow, ticket, values)


def show_dispatch_again(uow: UnitOfWork, ticket: Ticket) -> None:
    """Bring the dispatch card alone up to date; many at once let a new ticket's card go first."""
    _show_dispatch(uow, ticket, card_values(uow.session, ticket, uow.now), again=True)


def _show_dispatch(uow: UnitOfWork, ticket: Ticket, values: dict[str, Any], *, again: bool = False) -> None:
    key = card_key(ticket)
    uow.tell(Dispatchers(key, key, talk=again), "dispatch/card", **values)


def for_client(session: Session, ticket: Ticket, values: dict[str, Any]) -> dict[str, Any]:
    """The card's values as the client sees them: works and times only once they are done, where the contract keeps the
    specification to itself until then (R10.2)."""
    values = {**values, "files": _files(session, ticket.id, internal=False)}
    if not (values["works"] or values["times"]):
        return values
    if ticket.state in FINISHED or terms_of(session, ticket.contract_id, ticket.opened_at.date()).shows_specification:
        return values
    return {**values, "works": [], "times": []}


def card_key(ticket: Ticket) -> str:
    """The key of the ticket's cards and of its topic."""
    return card_key_of(ticket.id)


def card_key_of(ticket_id: int) -> str:
    """The same by the ticket's id."""
    return f"ticket:{ticket_id}"


def card_values(session: Session, ticket: Ticket, now: Any) -> dict[str, Any]:
    """Everything both cards show; one shape, so that a template never lacks a value."""
    ticket_id = ticket.id
    thing = session.get_one(ServiceObject, ticket.object_id)
    site = session.get(Site, thing.site_id) if thing.site_id else None
    requester = session.get_one(Person, ticket.requester_id)
    engineer = session.get(Person, ticket.engineer_id) if ticket.engineer_id else None
    hears = client_of(session, ticket).people(session)
    return {
        "ticket_id": ticket_id,
        "number": ticket.number,
        "state": ticket.state.value,
        "emergency": ticket.emergency,
        "preferred_at": ticket.preferred_at,
        "company": session.get_one(Company, ticket.company_id).name,
        "contract": session.get_one(Contract, ticket.contract_id).number,
        "thing": object_lines(session, [thing])[0],
        "address": site.address if site else "",
        "description": ticket.description,
        "files": _files(session, ticket_id),
        "requester": requester.name,
        "phone": requester.phone,
        "instead": None if ticket.requester_id in hears else _contacts(session, hears),
        "engineer": engineer.name if engineer else None,
        "reachable": any(reachable(session, who) for who in hears),
        "reaction_due": ticket.reaction_due,
        "resolution_due": ticket.resolution_due,
        "zone": zone_of(session, ticket),
        "rating": ticket.rating,
        "scope": _scope(session, ticket),
        "quotes": _quotes(session, ticket, now),
        "price_waits": price_waits(session, ticket),
        "works": works(session, ticket_id),
        "times": times(session, ticket_id),
    }


def _contacts(session: Session, people: Sequence[int]) -> list[dict[str, Any]]:
    """Whom to call when the requester has no access any more."""
    rows = session.exec(select(Person).where(col(Person.id).in_(people)).order_by(col(Person.name))).all()
    return [{"name": row.name, "phone": row.phone} for row in rows]


def reachable(session: Session, person_id: int) -> bool:
    """Whether the person has a messenger account that we can write to, as delivery last knew."""
    accounts = select(Account.messenger, Account.user_id)
    live = (Account.person_id == person_id, col(Account.unlinked_at).is_(None))
    chats = {ChatId(Messenger(row[0]), row[1]) for row in session.exec(accounts.where(*live)).all()}
    return bool(chats - out_of_reach(session, chats))


def works(session: Session, ticket_id: int) -> list[dict[str, Any]]:
    """Works and parts of the specification (R10.1)."""
    rows = session.exec(
        select(WorkLine)
        .where(WorkLine.ticket_id == ticket_id, col(WorkLine.removed_at).is_(None))
        .order_by(col(WorkLine.id))
    ).all()
    quotes = {quote.id: quote for quote in quotes_of(session, ticket_id)} if rows else {}
    return [
        {
            "id": row.id,
            "name": row.name,
            "unit": row.unit,
            "quantity": row.quantity,
            "kopecks": _price_of(session, row, quotes),
            "coverage": row.coverage,
            "pending": row.quote_id is not None and quotes[row.quote_id].state in OPEN,
            "unpaid": row.quote_id is not None and awaits_prepayment(quotes[row.quote_id]),
            "disputed": row.disputed_at is not None,
        }
        for row in rows
    ]


def _price_of(session: Session, row: WorkLine, quotes: Mapping[int, Quote]) -> int | None:
    """What a line costs: as agreed where it has a quote of its own, since a paid rest may not divide by its pieces."""
    if row.unit_price is None:
        return None
    if row.quantity > 1 and row.quote_id is not None:
        version = version_of(session, quotes[row.quote_id])
        if version.offer.get("more"):
            return version.gross
    return row.unit_price * row.quantity


def times(session: Session, ticket_id: int) -> list[dict[str, Any]]:
    """Time entries that stand: raw and billed minutes, both shown (R5.5)."""
    rows = session.exec(select(TimeEntry).where(TimeEntry.ticket_id == ticket_id).order_by(col(TimeEntry.id))).all()
    replaced = {row.replaces_id for row in rows}
    return [
        {
            "id": row.id,
            "minutes": row.minutes,
            "billed": row.billed_minutes,
            "reason": row.reason,
            "disputed": row.disputed_at is not None,
            "struck": row.struck_at is not None,
        }
        for row in rows
        if row.id not in replaced
    ]


def _scope(session: Session, ticket: Ticket) -> dict[str, Any]:
    """The first decision in plain words: result, minutes by pool and what is left there, clause (R3.2)."""
    row = first_decision_told(session, ticket.id)
    if row is None:
        return {"result": ticket.coverage or "COVERED", "pools": [], "clause": "", "reason": ""}
    draws = {int(each["pool"]): int(each["minutes"]) for each in row.explanation.get("draws", [])}
    pools = session.exec(select(Pool).where(col(Pool.id).in_(draws))).all()
    left = {each.id: each.left for each in balances_of(session, pools)}  # on any day: one may begin later (R4.9)
    # Until the paid part is approved nothing is held: what will be left is told all the same (R3.2).
    waits = ticket.state is TicketState.AWAITING_APPROVAL and not ticket.held_amount
    clauses = [
        check["clause"]
        for check in row.explanation.get("checks", [])
        if check["name"] == row.explanation.get("reason") and check["clause"]
    ]
    return {
        "result": row.result,
        "pools": [
            {
                "kind": pool.kind,
                "unit": pool.unit,
                "amount": draws[pool.id],
                "left": left.get(pool.id, 0) - (draws[pool.id] if waits else 0),
            }
            for pool in sorted(pools, key=lambda pool: list(draws).index(pool.id))
        ],
        "clause": clauses[-1] if clauses else "",
        "reason": row.explanation.get("reason", ""),
    }


def _quotes(session: Session, ticket: Ticket, now: Any) -> list[dict[str, Any]]:
    found = []
    for quote in quotes_of(session, ticket.id):
        if quote.state in (QuoteState.SUPERSEDED, QuoteState.WITHDRAWN):
            continue
        version = version_of(session, quote)
        waits = quote.state in OPEN
        names = [p.name for p in who_may_approve(session, scope_of(quote), version.gross, now)] if waits else []
        found.append(
            {
                "id": quote.id,
                "number": quote.number,
                "gross": version.gross,
                "vat": version.vat,
                "state": "sent" if waits else quote.state.value,
                "waits_for": names,
                "unpaid": awaits_prepayment(quote),
            }
        )
    return found


def _files(session: Session, ticket_id: int, *, internal: bool = True) -> int:
    """How many files and places the ticket has; those among staff too, or not."""
    query = select(func.count()).where(Message.ticket_id == ticket_id, col(Message.kind).not_in(WITHOUT_FILE))
    if not internal:
        query = query.where(col(Message.internal).is_(False))
    return session.exec(query).one()
