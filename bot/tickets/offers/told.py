"""What people are told of a quote besides its card; `quote` is its number, `gross` its kopecks with VAT."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.billing.quotes.ceilings import GivenCeiling


class Reader(StrEnum):
    """Who reads it: each has another way on."""

    ENGINEER = "engineer"
    REQUESTER = "requester"
    DISPATCHERS = "dispatchers"


@dataclass(frozen=True, slots=True)
class OfferedSum:
    """What a ticket is offered for."""

    ticket_id: int
    number: int
    gross: int


@dataclass(frozen=True, slots=True)
class QuoteAnswered:
    """A yes or a no; `done`: to work that is done, `unpaid`: to work that now waits for its prepayment, `nothing_left`:
    no work of the ticket is agreed or covered any more (R7.11)."""

    ticket_id: int
    number: int
    quote: int
    gross: int
    done: bool
    unpaid: bool
    nothing_left: bool
    reader: Reader = Reader.DISPATCHERS


@dataclass(frozen=True, slots=True)
class PrepaymentAwaited:
    """A yes whose work waits for the money; `more`: work added to a job whose rest goes on."""

    ticket_id: int
    number: int
    quote_id: int
    quote: int
    company: str
    gross: int
    more: bool


@dataclass(frozen=True, slots=True)
class QuotePrepaid:
    """The work may begin: it is `paid`, or the debt has gone."""

    ticket_id: int
    number: int
    quote: int
    paid: bool
    reader: Reader = Reader.DISPATCHERS


@dataclass(frozen=True, slots=True)
class QuoteLeftUndone:
    """The job was handed over before the prepayment came."""

    ticket_id: int
    number: int
    quote: int
    gross: int
    reader: Reader = Reader.DISPATCHERS


@dataclass(frozen=True, slots=True)
class QuoteExpired:
    """Nobody answered in time; `done`: the work, urgent as it was, is done all the same. `staff` reads it.
    `nothing_left` as of an answer."""

    ticket_id: int
    number: int
    quote: int
    done: bool
    nothing_left: bool
    staff: bool


@dataclass(frozen=True, slots=True)
class QuoteReminder:
    """It still waits for whoever reads this; a `deputy` is asked after the others."""

    quote_id: int
    ticket_id: int
    number: int
    gross: int
    on_site: bool
    done: bool
    deputy: bool


@dataclass(frozen=True, slots=True)
class ClientSilent:
    """A quote has waited long: for whom."""

    ticket_id: int
    number: int
    names: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class YesByWord:
    """An oral yes as staff has written it down; disputable `until`, at `zone`."""

    ticket_id: int
    quote_id: int
    number: int
    gross: int
    person: str
    staff: str
    reason: str
    until: datetime
    zone: str


@dataclass(frozen=True, slots=True)
class YesByCeiling:
    """A yes by a ceiling in kopecks, as it was given for the object; None: by what is agreed for emergencies."""

    quote_id: int
    ticket_id: int
    number: int
    gross: int
    ceiling: int | None
    given: GivenCeiling | None
