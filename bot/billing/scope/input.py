"""What the scope decision looks at (R3): everything in one value, so that its snapshot is the whole story."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from bot.billing.debts.rule import DebtState
from bot.billing.hours.draw import DRAW_ORDER, PoolKind, PoolToDraw
from bot.billing.prices.rule import Combining, PriceListVersion, PriceMode
from bot.billing.work.rounding import Way
from bot.calendar.bands import Band, Part, split
from bot.sums.vat import WHOLE


@dataclass(frozen=True, slots=True)
class Warranty:
    """Warranty of an object up to a day (inclusive); empty `work_types` mean every defect."""

    until: date
    work_types: frozenset[str] = frozenset()
    clause: str = ""


@dataclass(frozen=True, slots=True)
class Road:
    """The item of the price list that the road to a site is charged by: a zone once, a kilometre `km` times (R5.6)."""

    item: str
    km: int | None = None


@dataclass(frozen=True, slots=True)
class AskedObject:
    """The object of service the work is asked on.

    `way` is how the road to its site is charged, by zone or by kilometres; None: nobody has said (R5.6).
    """

    id: str
    company: str
    site: str | None = None
    model: str | None = None
    warranty: Warranty | None = None
    way: Road | None = None


@dataclass(frozen=True, slots=True)
class Exclusion:
    """Work a contract leaves out. All that is named must match; what is empty matches anything.

    `bands` are multipliers of the time bands left out («ночные работы»).
    """

    clause: str
    work_types: frozenset[str] = frozenset()
    channels: frozenset[Way] = frozenset()
    objects: frozenset[str] = frozenset()
    bands: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Agreed:
    """What was agreed within a contract for a time; the terms have it in them, this names it for the explanation."""

    id: str
    clause: str
    since: date
    until: date | None = None


@dataclass(frozen=True, slots=True)
class PoolTerms:
    """A pool with what may be overrun on it, in the pool's unit (R4.7)."""

    pool: PoolToDraw
    overrun: int = 0


@dataclass(frozen=True, slots=True)
class ContractTerms:
    """A contract as the decision sees it: days, what it lists, what it covers, and its clauses.

    `unlimited` covers without hours. `emergency_ceiling` is the pre-authorisation of emergencies in kopecks, None for
    none. `sla` is the tier's multiplier in basis points, `qualifications` those of work types that need a higher one;
    `bands` are the parts of the week with multipliers of their own (R5.3). `fees` are items billed beside work that is
    paid whole. A visit that is paid whole costs the item `callout`, and the road when `travel` is charged; both are
    free while a pool of visits has one left (R5.6). `point` is what a point of a pool of points is worth, in kopecks.
    """

    id: str
    plan: str
    start: date
    end: date | None = None
    active: bool = True
    covers_all: bool = False
    objects: frozenset[str] = frozenset()
    sites: frozenset[str] = frozenset()
    unlimited: bool = False
    exclusions: tuple[Exclusion, ...] = ()
    pools: tuple[PoolTerms, ...] = ()
    draw_order: tuple[PoolKind, ...] = DRAW_ORDER
    prices: tuple[PriceListVersion, ...] = ()
    fees: tuple[str, ...] = ()
    callout: str | None = None
    travel: bool = False
    point: int | None = None
    sla: int = 10_000
    combining: Combining = Combining.MAX
    bands: tuple[Band, ...] = ()
    qualifications: tuple[tuple[str, int], ...] = ()
    fallback: str | None = None
    emergency_ceiling: int | None = None
    clause: str = ""
    agreed: tuple[Agreed, ...] = ()

    def active_on(self, day: date) -> bool:
        """Tell whether the contract is in force on a day."""
        return self.active and self.start <= day and (self.end is None or day <= self.end)

    def qualification(self, work_type: str | None) -> int:
        """The multiplier of the qualification that a work type needs, in basis points."""
        return dict(self.qualifications).get(work_type or "", WHOLE)

    def lists(self, service_object: AskedObject) -> int:
        """Return how exactly the contract lists the object: 3 itself, 2 its site, 1 the whole company, 0 not."""
        if service_object.id in self.objects:
            return 3
        if service_object.site is not None and service_object.site in self.sites:
            return 2
        return 1 if self.covers_all else 0


@dataclass(frozen=True, slots=True)
class ScopeRequest:
    """One piece of work to decide on.

    `company` is the known person's company, None for a person we don't know. `contracts` are those of the company, with
    all their fallbacks. `item` and `mode` name the work in the price list; without an item, time is priced as
    `hour:<work type>`. `quantity` is how many pieces of the item are asked for; `parts` are the expected minutes of
    all of them by time band (raw, in order of time); empty means that nobody knows them. With `starts`, local time at
    the site to the minute, a contract that has time bands splits the expected
    minutes by its own. `urgency` is a multiplier in basis points. `part`: the item is a part, not a work.
    """

    person: str | None
    company: str | None
    service_object: AskedObject | None
    work_type: str | None
    channel: Way | None
    work_date: date
    parts: tuple[Part, ...] = ()
    starts: datetime | None = None
    item: str | None = None
    mode: PriceMode = PriceMode.ACTUAL
    quantity: int = 1
    urgency: int = 10_000
    emergency: bool = False
    contracts: tuple[ContractTerms, ...] = ()
    debt: DebtState | None = None
    part: bool = False

    @property
    def minutes(self) -> int | None:
        """Expected minutes, None when nobody knows them."""
        return sum(part.minutes for part in self.parts) if self.parts else None

    def parts_under(self, contract: ContractTerms) -> tuple[Part, ...]:
        """The expected minutes by the time bands of a contract (R5.3)."""
        if self.starts is None or not self.minutes or not contract.bands:
            return self.parts
        return tuple(split(self.starts, self.starts + timedelta(minutes=self.minutes), contract.bands, WHOLE))
