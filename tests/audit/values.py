"""What the auditor writes down: pools, entries, offers, jobs and months of one contract."""

from dataclasses import dataclass, field
from datetime import date, timedelta


def month_end(day: date) -> date:
    """The last day of its month."""
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)


@dataclass
class Pool:
    """What was put in, and what is gone."""

    kind: str
    unit: str
    amount: int
    starts: date
    ends: date | None
    used: int = 0
    expired: bool = False
    holds: dict[int, int] = field(default_factory=dict)  # by ticket

    @property
    def held(self) -> int:
        return sum(self.holds.values())

    @property
    def left(self) -> int:
        return self.amount - self.used - self.held

    def open_on(self, day: date) -> bool:
        return self.starts <= day and (self.ends is None or day <= self.ends)


@dataclass
class Entry:
    """Minutes of a visit or a call."""

    day: date
    channel: str
    raw: int
    share: int = 0
    accepted: bool = False
    disputed: bool = False
    struck: bool = False
    billed: bool = False  # stands in a statement


@dataclass
class Line:
    """A line of an offer: kopecks as agreed, and what became of it."""

    name: str
    gross: int
    minutes: int = 0  # of the job's own time
    rate: int = 0
    disputed: bool = False
    struck: bool = False
    paid: int = 0  # kopecks in statements so far
    stated: bool = False


@dataclass
class Offer:
    """A quote: what was agreed and when it may be billed."""

    lines: list[Line]
    up_to: bool = False
    approved: bool = False
    open: bool = True
    accepted: bool = False
    beforehand: bool = False
    hold: dict[int, int] = field(default_factory=dict)

    @property
    def gross(self) -> int:
        return sum(line.gross for line in self.lines)


@dataclass
class Job:
    """A ticket as the auditor saw it."""

    number: int
    day: date
    cover: str = ""
    limit: int | None = None  # minutes from hours where they cover a part (R4.10)
    drawn: int = 0
    unit: str = ""
    offers: list[Offer] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    own_works: list[tuple[str, int]] = field(default_factory=list)  # within the ticket's own cover or hours
    finished: date | None = None
    took_ticket: bool = False
    urgent: bool = False


@dataclass(frozen=True)
class Due:
    """A line of an invoice as the auditor would write it."""

    ticket: int | None
    gross: int
    vat: int


@dataclass
class Month:
    """What a statement must have."""

    dues: list[Due]
    times: dict[int, tuple[int, int]]  # raw and billed minutes by ticket

    @property
    def gross(self) -> int:
        return sum(due.gross for due in self.dues)
