"""What writing to a client asks and tells."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.tickets.thread.listing import TicketTitled
from bot.tickets.thread.shots import Shot


@dataclass(frozen=True, slots=True)
class WriteToClient:
    """The next line goes to the client of a ticket, `reachable` in a messenger or not."""

    ticket_id: int
    number: int
    reachable: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class WhoseJob:
    """On which of these jobs was it said; after so many minutes it is kept on the job of the number `goes_to`."""

    message_id: int
    ticket_id: int | None
    tickets: Sequence[TicketTitled]
    goes_to: int | None
    minutes: int
    picture: bool


@dataclass(frozen=True, slots=True)
class ShotKept:
    """A picture of a job, `before` or `after` it."""

    ticket_id: int
    number: int
    shot: Shot
