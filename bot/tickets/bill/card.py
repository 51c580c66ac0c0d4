"""A ticket as it is shown: what the client's card and the dispatch card say, and showing both anew."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import BindParameter, bindparam
from sqlmodel import Session, col, func, select

from bot.billing.hours.balances import balances_of
from bot.billing.hours.draw import PoolKind
from bot.billing.hours.models import Pool
from bot.billing.quotes.approvers import scope_of, who_may_approve
from bot.billing.quotes.diagnostics import AGREED
from bot.billing.quotes.models import Quote, QuoteState
from bot.billing.quotes.send import OPEN, awaits_prepayment, quotes_of, version_of
from bot.billing.quotes.stands import quoted_lines
from bot.billing.scope.kept import first_decision_told
from bot.billing.scope.rule import Result
from bot.billing.terms.of_contract import terms_of
from bot.billing.work.models import LineCoverage, TimeEntry, WorkLine
from bot.clients.audiences import Dispatchers, These
from bot.clients.identification.phones import Reached
from bot.clients.models import Account, Company, Contract, Person, ServiceObject, Site
from bot.clients.objects import ObjectLine, object_lines
from bot.clients.phone_lines import numbers_of, reached_at
from bot.clients.rights import staff_roles_now
from bot.db.live import live
from bot.db.plain import ask
from bot.db.unit_of_work import UnitOfWork
from bot.messaging.messengers import ChatId, Messenger
from bot.messaging.notices.telling import Address
from bot.messaging.outgoing.outbox import out_of_reach
from bot.tickets.bill.of_ticket import TicketBill, bill_of
from bot.tickets.life.acts import SPEAKERS, STAFF, Given, Who
from bot.tickets.life.deadlines import terms_day, zone_of
from bot.tickets.life.leave import staff_as
from bot.tickets.life.lifecycle import FINISHED, stage_of
from bot.tickets.life.models import Message, Ticket, TicketState, WaitsFor
from bot.tickets.life.open_price import PriceWaits, price_waits
from bot.tickets.life.pre_authorised import PreAuthorised, pre_authorised
from bot.tickets.life.rights import client_of

DONE = (TicketState.DONE, TicketState.DISPUTED, TicketState.CLOSED)
WITHOUT_FILE = ("text", "contact", "poll", "other")

# Put together once, not for every card: that takes about as long as asking.
_THIS: BindParameter[int] = bindparam("ticket")
_FILES = select(func.count()).where(col(Message.ticket_id) == _THIS, col(Message.kind).not_in(WITHOUT_FILE))
_ACCOUNTS = select(Account.messenger, Account.user_id).where(
    col(Account.person_id) == bindparam("person"), live(Account)
)
_WORKS = (
    select(WorkLine)
    .where(col(WorkLine.ticket_id) == _THIS, col(WorkLine.removed_at).is_(None))
    .order_by(col(WorkLine.id))
)
_POOLS = select(Pool).where(col(Pool.id).in_(bindparam("pools", expanding=True)))
_TIMES = select(TimeEntry).where(col(TimeEntry.ticket_id) == _THIS).order_by(col(TimeEntry.id))


@dataclass(frozen=True, slots=True, kw_only=True)
class SpecLine:
    """A line of the specification, a work or part: `gross` is the whole line's kopecks with VAT, None without a price;
    `pending` waits for its yes, `unpaid` for its prepayment."""

    id: int
    name: str
    unit: str
    quantity: int
    gross: int | None
    coverage: LineCoverage
    pending: bool
    unpaid: bool
    disputed: bool


@dataclass(frozen=True, slots=True)
class TimeLine:
    """A time entry that stands: raw and billed minutes (R5.5)."""

    id: int
    minutes: int
    billed: int | None
    disputed: bool
    struck: bool


@dataclass(frozen=True, slots=True)
class PoolShare:
    """What the decision draws from a pool and what is left there, in the pool's unit."""

    kind: PoolKind
    unit: str
    amount: int
    left: int


@dataclass(frozen=True, slots=True)
class CardScope:
    """The first decision in plain words: what pays the job, its reason (a label key) and the contract's clause."""

    result: Result
    pools: Sequence[PoolShare] = ()
    clause: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CardQuote:
    """A quote on the card: kopecks, and the names of those whose yes it waits for."""

    id: int
    gross: int
    vat: int
    state: QuoteState
    waits_for: Sequence[str]
    unpaid: bool

    @property
    def agreed(self) -> bool:
        """Whether its work is in the bill, and its sum said there."""
        return self.state in AGREED and not self.unpaid


@dataclass(frozen=True, slots=True)
class ToCall:
    """Whom to call when the requester has no access any more."""

    name: str
    phones: Sequence[Reached]


@dataclass(frozen=True, slots=True, kw_only=True)
class JobCard:
    """The job as the client's card and the dispatch card show it; moments are read in `zone`.

    `stage` is its state in words, by a label.
    `bill`: what is billed, once the work is done (R10.5). `instead`: None while the requester follows the ticket.
    `whos`: what its readers are to the ticket, whose buttons it has.
    """

    ticket_id: int
    number: int
    state: TicketState
    stage: str
    emergency: bool
    preferred_at: datetime | None
    preferred_words: str | None
    company: str
    contract: str
    thing: ObjectLine
    address: str
    description: str
    files: int
    requester: str
    phones: Sequence[Reached]
    instead: Sequence[ToCall] | None
    engineer: str | None
    waits_for: WaitsFor | None
    reachable: bool
    reaction_due: datetime | None
    resolution_due: datetime | None
    zone: str
    rating: int | None
    scope: CardScope
    quotes: Sequence[CardQuote]
    price_waits: PriceWaits | None
    works: Sequence[SpecLine]
    times: Sequence[TimeLine]
    bill: TicketBill | None
    pre_authorised: PreAuthorised | None
    whos: frozenset[Who] = STAFF


def show(uow: UnitOfWork, ticket: Ticket) -> None:
    """Bring the client's card and the dispatch card up to date, wherever they are."""
    card = card_of(uow.session, ticket, uow.now)
    reader = client_of(uow.session, ticket, card_key(ticket))
    seen = replace(for_client(uow.session, ticket, card), whos=SPEAKERS)
    uow.tell(reader, "ticket/card", seen, urgent=ticket.emergency)
    _show_dispatch(uow, ticket, card)


def show_dispatch_again(uow: UnitOfWork, ticket: Ticket) -> None:
    """Bring the dispatch card alone up to date; many at once let a new ticket's card go first."""
    _show_dispatch(uow, ticket, card_of(uow.session, ticket, uow.now), again=True)


def _show_dispatch(uow: UnitOfWork, ticket: Ticket, card: JobCard, *, again: bool = False) -> None:
    """The group's card has everybody's buttons, a private one those of its reader."""
    key = card_key(ticket)
    group, readers = Dispatchers(key, key, talk=again).apart(uow.session)
    uow.tell(group, "dispatch/card", card)
    alike: dict[frozenset[Who], list[Address]] = {}
    for each in readers:
        roles = staff_roles_now(uow.session, each.person_id) if each.person_id is not None else ()
        alike.setdefault(staff_as(ticket, each.person_id or 0, roles), []).append(each)
    for whos, some in alike.items():
        uow.tell(These(some), "dispatch/card", replace(card, whos=whos))


def given_on(card: JobCard) -> frozenset[Given]:
    """What the card shows to be there besides the state."""
    there = {
        Given.QUOTE_WAITS: any(quote.state is QuoteState.SENT for quote in card.quotes),
        Given.UNPAID: any(quote.unpaid for quote in card.quotes),
        Given.PRICE_WAITS: card.price_waits is not None,
        Given.PRICEABLE: card.price_waits is not None,
        Given.WAITS: card.waits_for is not None,
        Given.WAITS_NOT: card.waits_for is None,
        Given.NOTHING_WAITS: card.stage == "awaiting_choice",
    }
    return frozenset(given for given, holds in there.items() if holds)


def for_client(session: Session, ticket: Ticket, card: JobCard) -> JobCard:
    """The card as the client sees it: works and times only once they are done, where the contract keeps the
    specification to itself until then (R10.2)."""
    if not (card.works or card.times):
        return card
    terms = terms_of(session, ticket.contract_id, terms_day(session, ticket))
    if ticket.state in FINISHED or terms.shows_specification:
        return card
    return replace(card, works=(), times=())


def card_key(ticket: Ticket) -> str:
    """The key of the ticket's cards and of its topic."""
    return card_key_of(ticket.id)


def card_key_of(ticket_id: int) -> str:
    """The same by the ticket's id."""
    return f"ticket:{ticket_id}"


def card_of(session: Session, ticket: Ticket, now: datetime) -> JobCard:
    """Everything both cards show."""
    thing = session.get_one(ServiceObject, ticket.object_id)
    site = session.get(Site, thing.site_id) if thing.site_id else None
    requester = session.get_one(Person, ticket.requester_id)
    engineer = session.get(Person, ticket.engineer_id) if ticket.engineer_id else None
    hears = client_of(session, ticket).people(session)
    return JobCard(
        ticket_id=ticket.id,
        number=ticket.number,
        state=ticket.state,
        stage=stage_of(session, ticket),
        emergency=ticket.emergency,
        preferred_at=ticket.preferred_at,
        preferred_words=ticket.preferred_words,
        company=session.get_one(Company, ticket.company_id).name,
        contract=session.get_one(Contract, ticket.contract_id).number,
        thing=object_lines(session, [thing])[0],
        address=site.address if site else "",
        description=ticket.description,
        files=_files(session, ticket.id),
        requester=requester.name,
        phones=numbers_of(session, requester.id),
        instead=None if ticket.requester_id in hears else _contacts(session, hears),
        engineer=engineer.name if engineer else None,
        waits_for=ticket.waits_for,
        reachable=any(reachable(session, who) for who in hears),
        reaction_due=ticket.reaction_due,
        resolution_due=ticket.resolution_due,
        zone=zone_of(session, ticket),
        rating=ticket.rating,
        scope=_scope(session, ticket),
        quotes=_quotes(session, ticket, now),
        price_waits=price_waits(session, ticket),
        works=works(session, ticket.id),
        times=times(session, ticket.id),
        bill=bill_of(session, ticket, now) if ticket.state in DONE else None,
        pre_authorised=_pre_authorised(session, ticket),
    )


def _pre_authorised(session: Session, ticket: Ticket) -> PreAuthorised | None:
    if not ticket.emergency or ticket.state in DONE:
        return None
    return pre_authorised(session, ticket.contract_id, terms_day(session, ticket))


def _contacts(session: Session, people: Sequence[int]) -> list[ToCall]:
    rows = session.exec(select(Person).where(col(Person.id).in_(people)).order_by(col(Person.name))).all()
    phones = reached_at(session, people)
    return [ToCall(row.name, phones.get(row.id, ())) for row in rows]


def reachable(session: Session, person_id: int) -> bool:
    """Whether the person has a messenger account that we can write to, as delivery last knew."""
    rows: Sequence[Any] = ask(session, _ACCOUNTS, person=person_id).all()
    chats = {ChatId(Messenger(messenger), chat) for messenger, chat in rows}
    return bool(chats - out_of_reach(session, chats))


def works(session: Session, ticket_id: int) -> list[SpecLine]:
    """Works and parts of the specification (R10.1)."""
    rows = session.exec(_WORKS, params={"ticket": ticket_id}).all()
    quotes = {quote.id: quote for quote in quotes_of(session, ticket_id)} if rows else {}
    return [
        SpecLine(
            id=row.id,
            name=row.name,
            unit=row.unit,
            quantity=row.quantity,
            gross=_gross_of(session, row, quotes),
            coverage=LineCoverage(row.coverage),
            pending=row.quote_id is not None and quotes[row.quote_id].state in OPEN,
            unpaid=row.quote_id is not None and awaits_prepayment(quotes[row.quote_id]),
            disputed=row.disputed_at is not None,
        )
        for row in rows
    ]


def _gross_of(session: Session, row: WorkLine, quotes: Mapping[int, Quote]) -> int | None:
    """What a line costs: as agreed where it has a quote of its own, since a paid rest may not divide by its pieces."""
    if row.price is None:
        return None
    if row.quote_id is not None:
        agreed = [
            line for line in quoted_lines(version_of(session, quotes[row.quote_id])) if line.work == row.item_code
        ]
        if agreed:
            return sum(line.kopecks for line in agreed)
    return row.price * row.quantity


def times(session: Session, ticket_id: int) -> list[TimeLine]:
    """Time entries that stand: raw and billed minutes, both shown (R5.5)."""
    rows = session.exec(_TIMES, params={"ticket": ticket_id}).all()
    replaced = {row.replaces_id for row in rows}
    return [
        TimeLine(row.id, row.minutes, row.billed_minutes, row.disputed_at is not None, row.struck_at is not None)
        for row in rows
        if row.id not in replaced
    ]


def _scope(session: Session, ticket: Ticket) -> CardScope:
    """The first decision in plain words: result, minutes by pool and what is left there, clause (R3.2)."""
    row = first_decision_told(session, ticket.id)
    if row is None:
        return CardScope(Result(ticket.coverage or Result.COVERED))
    draws = {int(each["pool"]): int(each["minutes"]) for each in row.explanation.get("draws", [])}
    pools = session.exec(_POOLS, params={"pools": list(draws)}).all()
    left = {each.id: each.left for each in balances_of(session, pools)}  # on any day: one may begin later (R4.9)
    # Until the paid part is approved nothing is held: what will be left is told all the same (R3.2).
    waits = ticket.state is TicketState.AWAITING_APPROVAL and not ticket.held_amount
    clauses = [
        check["clause"]
        for check in row.explanation.get("checks", [])
        if check["name"] == row.explanation.get("reason") and check["clause"]
    ]
    shares = [
        PoolShare(PoolKind(pool.kind), pool.unit, drawn, left.get(pool.id, 0) - (drawn if waits else 0))
        for pool in sorted(pools, key=lambda pool: list(draws).index(pool.id))
        for drawn in (draws[pool.id],)
    ]
    return CardScope(Result(row.result), shares, clauses[-1] if clauses else "", row.explanation.get("reason", ""))


def _quotes(session: Session, ticket: Ticket, now: datetime) -> list[CardQuote]:
    found = []
    for quote in quotes_of(session, ticket.id):
        if quote.state in (QuoteState.SUPERSEDED, QuoteState.WITHDRAWN):
            continue
        version = version_of(session, quote)
        waits = quote.state in OPEN
        names = [p.name for p in who_may_approve(session, scope_of(quote), version.gross, now)] if waits else []
        found.append(
            CardQuote(
                id=quote.id,
                gross=version.gross,
                vat=version.vat,
                state=QuoteState.SENT if waits else quote.state,
                waits_for=names,
                unpaid=awaits_prepayment(quote),
            )
        )
    return found


def _files(session: Session, ticket_id: int) -> int:
    """How many files and places the ticket has, those among staff too."""
    return int(ask(session, _FILES, ticket=ticket_id).scalar_one())
