"""Send a quote: freeze its version with lines, totals, text and hash in each language (R7.1–R7.5)."""

import hashlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime, time, timedelta

from sqlalchemy import bindparam
from sqlmodel import Session, col, select

from bot.billing.hours.draw import Draw
from bot.billing.prices.models import WorkItem
from bot.billing.prices.rule import HOUR
from bot.billing.quotes.models import Quote, QuoteState, QuoteVersion
from bot.billing.quotes.rule import (
    QuoteLine,
    QuoteTotals,
    last_day_of_job_quote,
    last_day_of_project_quote,
    lines_hash,
    quote_totals,
)
from bot.billing.seller.particulars import seller_day, seller_rate
from bot.calendar.workdays import NoCalendarError, production_calendar
from bot.clients.models import Company
from bot.clients.policy import policy
from bot.db.clock import at
from bot.db.errors import NotFound, Outdated
from bot.db.locks import lock, lock_where
from bot.db.numbering import next_number
from bot.db.unit_of_work import UnitOfWork
from bot.messaging.notices.texts import LANGUAGES, label, render
from bot.sums.vat import Regime

OPEN = (QuoteState.SENT, QuoteState.VIEWED)
AGREED_ON = (QuoteState.APPROVED, QuoteState.IN_WORK)


class QuoteOutdated(Outdated):
    """The button is of another version, or the quote was decided or has expired (R7.3)."""

    key = "refusal.quote_outdated"


@dataclass(frozen=True, slots=True)
class Offer:
    """What is offered on a ticket. `why` is a label key of why it isn't covered, `clause` the contract's words.

    `thing` and `term` go into the text as they are.
    """

    ticket_id: int
    ticket_number: int
    company_id: int
    contract_id: int
    lines: tuple[QuoteLine, ...]
    why: str
    clause: str = ""
    thing: str = ""
    work: str = ""
    prepayment: bool = False
    up_to: bool = False
    more: bool = False  # «+ ещё работа»
    chosen: tuple[int, ...] = ()  # places of optional lines that the client wants
    site_id: int | None = None
    emergency: bool = False  # the work starts before the yes
    project: bool = False  # valid longer than a job (R7.8)
    alternatives: tuple[str, ...] = ("advice",)  # free ways out, label keys `way.…` (R7.2)
    visit_free: bool = False  # an included visit pays the call-out and the road (R5.6)
    least: int = 0  # billable minutes on site at least, where the client should know (R5.6)
    draws: tuple[Draw, ...] = ()  # what pools give besides: held with the yes (R7.4)
    beforehand: str = ""  # who said yes before: `emergency`, the contract; `ceiling`, whoever set it (R7.10)
    agreed_by: str = ""  # the clause for it, or the name of who gave the limit
    starts: str = ""  # the moment that the price list and the bands were asked for, ISO; empty: priced by people (R3.5)
    place: str = ""  # the zone of the work, whose clocks `starts` is told by


@dataclass(frozen=True, slots=True, kw_only=True)
class QuoteText:
    """What a version says, in one language; its lines are called what people call them.

    `ticket` is the ticket's number. `options` are lines not chosen, `alternatives` free ways out, `vat` and `gross`
    kopecks, `vat_percent` None for «без НДС»; `until` is read in `zone`, `starts`, which the price is for, in `place`.
    """

    number: int
    version: int
    ticket: int
    thing: str
    work: str
    why: str
    clause: str
    lines: Sequence[QuoteLine]
    options: Sequence[QuoteLine]
    alternatives: Sequence[str]
    vat: int
    vat_percent: int | None
    gross: int
    until: datetime
    zone: str
    starts: datetime | None
    place: str
    prepayment: bool
    emergency: bool
    up_to: bool
    more: bool
    visit_free: bool
    least: int
    beforehand: str
    agreed_by: str


def send_quote(uow: UnitOfWork, offer: Offer, by: int | None) -> Quote:
    """Make a quote and send its first version: from now on its text doesn't change (R7.5)."""
    quote = Quote(
        ticket_id=offer.ticket_id,
        company_id=offer.company_id,
        contract_id=offer.contract_id,
        site_id=offer.site_id,
        number=next_number(uow.session, "quote"),
        state=QuoteState.SENT,
        requested_by=by,
        prepayment=offer.prepayment,
        created_at=uow.now,
    )
    uow.session.add(quote)
    uow.session.flush()
    _freeze(uow, quote, offer)
    return quote


def revise_quote(uow: UnitOfWork, quote_id: int, offer: Offer) -> Quote:
    """Any change makes a new version; buttons of the old one answer «устарело» (R7.3).

    Raises QuoteOutdated once it is decided: its price is fixed (R7.8).
    """
    quote = locked_quote(uow.session, quote_id)
    if quote.state not in (*OPEN, QuoteState.EXPIRED):
        raise QuoteOutdated
    quote.version += 1
    quote.state = QuoteState.SENT
    quote.prepayment = offer.prepayment
    _freeze(uow, quote, offer)
    return quote


def ticket_of_quote(session: Session, quote_id: int) -> int:
    """The quote's ticket, by its id: it is locked before the quote. Raises NotFound."""
    found = session.exec(select(Quote.ticket_id).where(Quote.id == quote_id)).one_or_none()
    if found is None:
        raise NotFound
    return found


def locked_quote(session: Session, quote_id: int) -> Quote:
    """The quote, locked until the transaction ends, as it is now. Raises NotFound."""
    quote = lock(session, Quote, quote_id)
    if quote is None:
        raise NotFound
    return quote


def version_of(session: Session, quote: Quote) -> QuoteVersion:
    """The present version of a quote."""
    query = select(QuoteVersion).where(QuoteVersion.quote_id == quote.id, QuoteVersion.version == quote.version)
    return session.exec(query).one()


def lock_quotes(session: Session, ticket_id: int) -> Sequence[Quote]:
    """A ticket's quotes in order, locked: before its pools, where an act needs both."""
    return lock_where(session, Quote, Quote.ticket_id == ticket_id)


_QUOTES = select(Quote).where(col(Quote.ticket_id) == bindparam("ticket")).order_by(col(Quote.id))


def quotes_of(session: Session, ticket_id: int) -> Sequence[Quote]:
    """Quotes of a ticket in order."""
    return session.exec(_QUOTES, params={"ticket": ticket_id}).all()


def open_quote_of(session: Session, ticket_id: int) -> Quote | None:
    """The newest quote of a ticket that still waits for an answer."""
    return next((quote for quote in reversed(quotes_of(session, ticket_id)) if quote.state in OPEN), None)


def awaits_prepayment(quote: Quote) -> bool:
    """Whether a debtor has said yes and the work waits for the money: until then it is not agreed work (R3.6, R9.1)."""
    return quote.prepayment and quote.prepaid_at is None and quote.state in AGREED_ON


def text_hash(text: str) -> str:
    """SHA-256 of a frozen text."""
    return hashlib.sha256(text.encode()).hexdigest()


def gross_of(uow: UnitOfWork, offer: Offer) -> int:
    """What an offer comes to with VAT, in kopecks, if it is sent now."""
    return totals_of(offer, seller_rate(uow.session, seller_day(uow.session, uow.now))).gross


def totals_of(offer: Offer, rate: int | None) -> QuoteTotals:
    """Lines and sums of an offer at a rate of VAT in basis points."""
    return quote_totals(offer.lines, Regime(date.min, rate), frozenset(offer.chosen))


def _freeze(uow: UnitOfWork, quote: Quote, offer: Offer) -> None:
    session = uow.session
    company = session.get_one(Company, offer.company_id)
    rate = seller_rate(session, seller_day(session, uow.now))
    totals = totals_of(offer, rate)
    until = _valid_until(uow, company.timezone, project=offer.project)
    texts = {}
    for lang in LANGUAGES:
        texts[lang] = render(
            "quote/text",
            lang,
            QuoteText(
                number=quote.number,
                version=quote.version,
                ticket=offer.ticket_number,
                thing=offer.thing,
                work=offer.work,
                why=label(offer.why, lang),
                clause=offer.clause,
                lines=[_named(session, line, lang) for line in totals.lines],
                options=[
                    _named(session, line, lang)
                    for place, line in enumerate(offer.lines)
                    if line.optional and place not in offer.chosen
                ],
                alternatives=[label(f"way.{each}", lang) for each in offer.alternatives],
                vat=totals.vat.total_vat,
                vat_percent=rate // 100 if rate is not None else None,
                gross=totals.gross,
                until=until,
                zone=company.timezone,
                starts=datetime.fromisoformat(offer.starts) if offer.starts else None,
                place=offer.place,
                prepayment=offer.prepayment,
                emergency=offer.emergency,
                up_to=offer.up_to,
                more=offer.more,
                visit_free=offer.visit_free,
                least=offer.least,
                beforehand=offer.beforehand,
                agreed_by=offer.agreed_by,
            ),
            reader=lambda: company.timezone,
        )
    session.add(
        QuoteVersion(
            quote_id=quote.id,
            version=quote.version,
            lines=[{**asdict(line), "vat": vat} for line, vat in zip(totals.lines, totals.vat.vat, strict=True)],
            net=totals.vat.net,
            vat=totals.vat.total_vat,
            gross=totals.gross,
            vat_bp=rate,
            up_to=offer.up_to,
            texts=texts,
            lines_hash=lines_hash(totals, up_to=offer.up_to),
            why=offer.why,
            offer=asdict(offer) | {"draws": [draw.as_stored() for draw in offer.draws]},
            valid_until=until,
            sent_at=uow.now,
        )
    )
    session.flush()


def line_name(session: Session, line: QuoteLine, lang: str) -> str:
    """What a line is called by people: the item's name, or the words for its work type."""
    item = session.exec(select(WorkItem).where(WorkItem.code == line.work)).first()
    if item is None and line.item.startswith(HOUR):
        return label(f"work_hour.{line.item.removeprefix(HOUR)}", lang)
    return item.name if item is not None else line.name


def offer_as_sent(version: QuoteVersion) -> Offer:
    """The offer that a version was made of."""
    kept = dict(version.offer)
    lines = tuple(QuoteLine(**line) for line in kept.pop("lines"))
    chosen, ways = tuple(kept.pop("chosen")), tuple(kept.pop("alternatives"))
    draws = tuple(Draw.from_stored(each) for each in kept.pop("draws", ()))
    return Offer(lines=lines, chosen=chosen, alternatives=ways, draws=draws, **kept)


def _named(session: Session, line: QuoteLine, lang: str) -> QuoteLine:
    return replace(line, name=line_name(session, line, lang))


def _valid_until(uow: UnitOfWork, zone: str, *, project: bool) -> datetime:
    today = uow.day(zone)
    if project:
        last = last_day_of_project_quote(today, policy(uow.session, "quote_valid_project_days"))
        return at(last, time(23, 59), zone)
    days = policy(uow.session, "quote_valid_workdays")
    try:
        last = last_day_of_job_quote(today, days, production_calendar())
    except NoCalendarError:
        last = today + timedelta(days=policy(uow.session, "no_calendar_days"))
    return at(last, time(23, 59), zone)
