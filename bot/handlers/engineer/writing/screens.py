"""What writing to a client asks and tells."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class WriteToClient:
    """The next line goes to the client of a ticket, `reachable` in a messenger or not."""

    ticket_id: int
    number: int
    reachable: bool
