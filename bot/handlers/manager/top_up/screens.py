"""What a manager is shown of a price named for hours; kopecks with VAT inside."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PriceRead:
    """What a price was read as; `said` is the message that named it."""

    top_up_id: int
    said: int
    kopecks: int


@dataclass(frozen=True, slots=True)
class PriceSent:
    """The client has the offer."""

    kopecks: int
