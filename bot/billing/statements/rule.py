"""What a contract is billed for a month, from facts to lines and sums (R6.2, R6.3, R7.8, R7.9, R11.1). Pure.

Money in kopecks, time in minutes. Names for people are given by the caller.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum

from bot.billing.quotes.rule import MINUTE
from bot.billing.statements.due import ApprovedWork, due_of
from bot.calendar.periods import Period
from bot.sums.vat import Regime, vat_of_line, with_vat

TOP_UP = "top-up/"  # what the source of a line of bought hours begins with
PIECE = "шт"  # as accounting and price lists write it


class LineKind(StrEnum):
    """Who pays a line: the fee itself, a top-up, an approved quote, a pool, the fee, the warranty, nobody."""

    FEE = "fee"
    TOP_UP = "top_up"
    QUOTE = "quote"
    HOURS = "hours"
    COVERED = "covered"
    WARRANTY = "warranty"
    FREE = "free"


@dataclass(frozen=True, slots=True)
class Fee:
    """The monthly fee as the plan gives it."""

    contract_id: int
    name: str
    kopecks: int


@dataclass(frozen=True, slots=True)
class BoughtHours:
    """An approved top-up: its gross as agreed, the day of the yes."""

    id: int
    name: str
    gross: int
    bought_on: date


@dataclass(frozen=True, slots=True)
class Drawn:
    """What pools of a kind gave, in their unit."""

    kind: str
    amount: int
    unit: str = "minutes"


@dataclass(frozen=True, slots=True)
class LeftOut:
    """What a statement doesn't bill and why, by the label of the reason; `ticket` None for bought hours."""

    ticket: int | None
    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class SpentTime:
    """An accepted time entry: raw and billed minutes, both shown (R5.5), and what pools gave for it."""

    id: int
    ticket_id: int
    ticket_number: int
    kind: LineKind
    way: str
    work_date: date
    raw: int
    billed: int
    name: str
    draws: tuple[Drawn, ...] = ()


@dataclass(frozen=True, slots=True)
class DoneWork:
    """A work or part that costs the client nothing: in the fee, by hours, warranty or free."""

    id: int
    ticket_id: int
    ticket_number: int
    kind: LineKind
    name: str
    unit: str
    quantity: int
    work_date: date


@dataclass(frozen=True, slots=True)
class DraftLine:
    """A line of the statement; gross = net + VAT, fixed here and never computed again (R6.2)."""

    kind: LineKind
    source: str
    name: str
    unit: str
    quantity: int
    price: int
    gross: int
    net: int
    vat: int
    work_date: date
    late: bool = False
    ticket_id: int | None = None
    ticket_number: int | None = None
    quote_id: int | None = None
    approval_id: int | None = None
    raw: int = 0
    billed: int = 0
    entries: tuple[int, ...] = ()
    draws: tuple[Drawn, ...] = ()


@dataclass(frozen=True, slots=True)
class Facts:
    """All that may go into one statement."""

    fee: Fee | None = None
    times: Sequence[SpentTime] = ()
    approved: Sequence[ApprovedWork] = ()
    works: Sequence[DoneWork] = ()
    bought: Sequence[BoughtHours] = ()


@dataclass(frozen=True, slots=True)
class StatementDraft:
    """Lines in their order and their sums."""

    lines: tuple[DraftLine, ...]
    net: int = field(init=False)
    vat: int = field(init=False)
    gross: int = field(init=False)

    def __post_init__(self) -> None:
        """The document's sums are the sums of its lines (R6.2)."""
        object.__setattr__(self, "net", sum(line.net for line in self.lines))
        object.__setattr__(self, "vat", sum(line.vat for line in self.lines))
        object.__setattr__(self, "gross", sum(line.gross for line in self.lines))


def draft_statement(facts: Facts, period: Period, regime: Regime) -> StatementDraft:
    """Lines of a month: fee, hours bought, approved work, then what costs nothing, by ticket.

    Facts with a work date after the period are not taken; earlier ones are late, «за прошлый период» (R4.4).
    """
    lines: list[DraftLine] = []
    if facts.fee is not None and facts.fee.kopecks:
        lines.append(_fee(facts.fee, period, regime))
    lines += [_bought(each, period, regime) for each in facts.bought if each.bought_on <= period.end]
    groups = _groups(entry for entry in facts.times if entry.work_date <= period.end)
    for work in facts.approved:
        if work.work_date <= period.end:
            lines += _priced(work, groups, period, regime)
    lines += [_of_time(group, period) for group in groups.values()]
    lines += [_of_work(work, period) for work in facts.works if work.work_date <= period.end]
    return StatementDraft(tuple(lines))


_Group = list[SpentTime]
_Key = tuple[int, date, str]


def _groups(entries: Iterable[SpentTime]) -> dict[_Key, _Group]:
    """Entries of one ticket, day and way are one line."""
    groups: dict[_Key, _Group] = {}
    for entry in entries:
        groups.setdefault((entry.ticket_id, entry.work_date, entry.way), []).append(entry)
    return groups


def _fee(fee: Fee, period: Period, regime: Regime) -> DraftLine:
    gross = with_vat(fee.kopecks, regime)
    vat = vat_of_line(gross, regime.rate, inclusive=True)
    return DraftLine(
        kind=LineKind.FEE,
        source=f"fee/{fee.contract_id}/{period.start:%Y-%m}",
        name=fee.name,
        unit="month",
        quantity=1,
        price=gross,
        gross=gross,
        net=gross - vat,
        vat=vat,
        work_date=period.end,
    )


def _bought(bought: BoughtHours, period: Period, regime: Regime) -> DraftLine:
    """Gross as agreed, VAT by the day of the act, like a quote's (R6.3)."""
    vat = vat_of_line(bought.gross, regime.rate, inclusive=True)
    return DraftLine(
        kind=LineKind.TOP_UP,
        source=f"{TOP_UP}{bought.id}",
        name=bought.name,
        unit=PIECE,
        quantity=1,
        price=bought.gross,
        gross=bought.gross,
        net=bought.gross - vat,
        vat=vat,
        work_date=bought.bought_on,
        late=bought.bought_on < period.start,
    )


def _priced(work: ApprovedWork, groups: dict[_Key, _Group], period: Period, regime: Regime) -> list[DraftLine]:
    """Lines of a quote: gross as agreed, VAT by the day of the act (R6.3). Its time entries go with the labour."""
    lines: list[DraftLine] = []
    due = due_of(work)
    for each in due:
        vat = vat_of_line(each.gross, regime.rate, inclusive=True)
        lines.append(
            DraftLine(
                kind=LineKind.QUOTE,
                source=each.source,
                name=each.priced.name,
                unit=each.priced.line.unit,
                quantity=each.quantity,
                price=each.price,
                gross=each.gross,
                net=each.gross - vat,
                vat=vat,
                work_date=work.work_date,
                late=work.work_date < period.start,
                ticket_id=work.ticket_id,
                ticket_number=work.ticket_number,
                quote_id=work.quote_id,
                approval_id=work.approval_id,
            )
        )
    place = next((at for at, each in enumerate(due) if each.priced.line.of_time(up_to=work.up_to)), None)
    if place is None:
        place = next((at for at, line in enumerate(lines) if line.unit == MINUTE), None)
    if place is not None:
        taken = [key for key in groups if key[0] == work.ticket_id and groups[key][0].kind is LineKind.QUOTE]
        entries = [entry for key in taken for entry in groups.pop(key)]
        lines[place] = replace(
            lines[place],
            raw=sum(entry.raw for entry in entries),
            billed=sum(entry.billed for entry in entries),
            entries=tuple(entry.id for entry in entries),
        )
    return lines


def _of_time(group: _Group, period: Period) -> DraftLine:
    first = group[0]
    drawn: dict[tuple[str, str], int] = {}
    for entry in group:
        for each in entry.draws:
            drawn[each.kind, each.unit] = drawn.get((each.kind, each.unit), 0) + each.amount
    billed = sum(entry.billed for entry in group)
    return DraftLine(
        kind=first.kind,
        source=f"time/{min(entry.id for entry in group)}",
        name=first.name,
        unit=MINUTE,
        quantity=billed,
        price=0,
        gross=0,
        net=0,
        vat=0,
        work_date=first.work_date,
        late=first.work_date < period.start,
        ticket_id=first.ticket_id,
        ticket_number=first.ticket_number,
        raw=sum(entry.raw for entry in group),
        billed=billed,
        entries=tuple(entry.id for entry in group),
        draws=tuple(Drawn(kind, amount, unit) for (kind, unit), amount in drawn.items()),
    )


def _of_work(work: DoneWork, period: Period) -> DraftLine:
    return DraftLine(
        kind=work.kind,
        source=f"work/{work.id}",
        name=work.name,
        unit=work.unit,
        quantity=work.quantity,
        price=0,
        gross=0,
        net=0,
        vat=0,
        work_date=work.work_date,
        late=work.work_date < period.start,
        ticket_id=work.ticket_id,
        ticket_number=work.ticket_number,
    )
