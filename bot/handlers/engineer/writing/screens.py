"""What writing to a client asks and tells."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class WriteToClient:
    """The next line goes to the client of a ticket, `reachable` in a messenger or not."""

    ticket_id: int
    number: int
    reachable: bool


@dataclass(frozen=True, slots=True)
class StaysInside:
    """Words that the client does not see, on a ticket or on none; `message_id`: kept, they can go to the client as they
    are."""

    ticket_id: int | None
    number: int | None
    message_id: int | None
