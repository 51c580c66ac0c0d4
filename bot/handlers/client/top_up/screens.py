"""What the client is told of hours to buy."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class AskedTopUp:
    """A manager is asked for the price of so many minutes."""

    minutes: int
