"""What the screens of triage tell."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.clients.identification.phones import Reached
from bot.clients.objects import ObjectLine
from bot.tickets.intake.appeals import TranscriptLine
from bot.tickets.life.numbers import TicketToChoose


@dataclass(frozen=True, slots=True)
class WaitingLine:
    """An appeal in the list; `age` in minutes."""

    appeal_id: int
    who: str
    company: str | None
    wants_human: bool
    age: int
    summary: str


@dataclass(frozen=True, slots=True)
class WaitingPage:
    """A page of the appeals that wait, and how many there are."""

    rows: Sequence[WaitingLine]
    page: int
    pages: int
    count: int


@dataclass(frozen=True, slots=True)
class WhoseAppeal:
    """Ids and names of companies that an appeal may be of."""

    appeal_id: int
    found: Sequence[tuple[int, str]]


@dataclass(frozen=True, slots=True)
class Linking:
    """A stranger's appeal that is about to be a company's, to be confirmed by names."""

    appeal_id: int
    company_id: int
    company: str
    who: str
    phones: Sequence[Reached]
    talk: Sequence[TranscriptLine]


@dataclass(frozen=True, slots=True)
class WhichObject:
    """A page of the company's objects, of which the appeal may be about one."""

    appeal_id: int
    company: str
    things: Sequence[ObjectLine]
    page: int
    pages: int


@dataclass(frozen=True, slots=True)
class WhichTicket:
    """Tickets that an appeal may be added to."""

    appeal_id: int
    tickets: Sequence[TicketToChoose]


@dataclass(frozen=True, slots=True)
class TicketOfAppeal:
    """The ticket that was made of an appeal, or that it was added to; `linked`: whose it is was said by staff."""

    appeal_id: int
    ticket_id: int
    number: int
    linked: bool


@dataclass(frozen=True, slots=True)
class ClientNamed:
    """Who the client is."""

    who: str


@dataclass(frozen=True, slots=True)
class Unowned:
    """Forwarded words whose author nobody knows: as Telegram calls them, or nothing."""

    name: str
    words: Sequence[str]


@dataclass(frozen=True, slots=True)
class WhoOfThem:
    """Ids and titles of people who may have written a forwarded message."""

    message_id: int
    found: Sequence[tuple[int, str]]
