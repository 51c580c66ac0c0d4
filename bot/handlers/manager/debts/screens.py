"""What a manager is asked and told when a debtor's limits are lifted."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class ExemptionAsked:
    """Limits to be lifted for so many days: the reason is missing."""

    company: str
    days: int


@dataclass(frozen=True, slots=True)
class ExemptionMade:
    """Limits are lifted until a day."""

    company: str
    until: date
