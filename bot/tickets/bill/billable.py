"""What of the tickets of many contracts may go into their statements: read set by set, judged by billing's rules.

What is disputed or whose approval doesn't stand is left out and said (R7.9).
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Row
from sqlmodel import Session, select

from bot.billing.prices.rule import HOUR, PriceMode
from bot.billing.quotes.rights_held import rights_held
from bot.billing.quotes.rule import QuoteLine
from bot.billing.quotes.stands import FrozenVersion, Right, flaw_of, lines_of, reaching
from bot.billing.scope.decide import minutes_of_one
from bot.billing.statements.due import ApprovedWork, Earlier, PricedLine
from bot.billing.statements.rows import (
    AcceptedQuote,
    accepted_quotes,
    billed_before,
    billed_parts,
    decisions_of,
    draws_of,
    items_by_code,
    minutes_from_pools,
    removed_lines,
    standing_times,
)
from bot.billing.statements.rule import DoneWork, LeftOut, LineKind, SpentTime
from bot.billing.terms.of_contract import terms_on
from bot.billing.work.models import LineCoverage
from bot.billing.work.rounding import RoundingScope, Way
from bot.calendar.periods import Period
from bot.clients.models import Contract
from bot.db.clock import day_of
from bot.db.plain import among, table_of
from bot.messaging.notices.texts import label
from bot.tickets.bill.count_minutes import rounding_of
from bot.tickets.bill.rows import (
    BY_COVERAGE,
    OF_LINE,
    Job,
    Time,
    jobs_of,
    unstated_times,
    work_lines,
)
from bot.tickets.bill.worked_minutes import WorkedMinutes

HOUR_LONG = 60
LANGUAGE = "ru"  # documents for Russian accounting


@dataclass(slots=True)
class Billable:
    """One contract's facts; `done` are quotes of which nothing is left to bill after this statement."""

    times: list[SpentTime] = field(default_factory=list)
    approved: list[ApprovedWork] = field(default_factory=list)
    works: list[DoneWork] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)
    done: list[int] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Books:
    """What the quotes of a batch are judged and billed by."""

    jobs: Mapping[int, Job]
    standing: Mapping[int, list[Row[Any]]]
    rights: Mapping[int, Sequence[Right]]
    before: Mapping[tuple[int, int], Earlier]
    removed: Sequence[Row[Any]]
    disputed: Sequence[Row[Any]]
    items: Mapping[str, Row[Any]]
    scopes: Mapping[int, RoundingScope]

    def taken_off(self, quote: int) -> list[Row[Any]]:
        """Lines of a quote that were taken off."""
        return [row for row in self.removed if row.quote_id == quote]

    def in_dispute(self, offer: AcceptedQuote) -> list[Row[Any]]:
        """Disputed lines of a quote, and those of its ticket that stand beside it."""
        return [row for row in self.disputed if row.quote_id == offer.id or _by_time(row, offer.ticket)]

    def doubted(self, ticket: int) -> int:
        """Minutes of works by the hour of a ticket that are disputed: its time is billed without them."""
        return sum(self._minutes(row) for row in self.disputed if _by_time(row, ticket))

    def given_up(self, ticket: int) -> int:
        """Minutes of those that a granted dispute took off."""
        return sum(self._minutes(row) for row in self.removed if row.struck_at is not None and _by_time(row, ticket))

    def _minutes(self, row: Row[Any]) -> int:
        item = self.items.get(row.item_code)
        if item is None or item.mode != PriceMode.ACTUAL:
            return 0
        return minutes_of_one(item.norm_minutes, item.unit, HOUR_LONG) * int(row.quantity)


def _by_time(row: Row[Any], ticket: int) -> bool:
    """Whether a line of a ticket is billed as its time: it has no quote of its own (R3.4)."""
    return row.ticket_id == ticket and row.quote_id is None and row.coverage == LineCoverage.QUOTE


@dataclass(frozen=True, slots=True)
class ToJudge:
    """What there is to judge: quotes with a yes, time entries, lines that cost nothing or are disputed."""

    offers: Sequence[AcceptedQuote]
    times: Sequence[Time]
    works: Sequence[Row[Any]]


def billable_work(session: Session, contracts: Collection[int], period: Period) -> dict[int, Billable]:
    """Facts by contract id. Locks the quotes it reads.

    Of imported history only work of the period itself is read: what lies before was billed where it came from.
    """
    rows = ToJudge(
        accepted_quotes(session, contracts),
        unstated_times(session, contracts, period),
        work_lines(session, contracts),
    )
    return judged(session, rows, period)


def judged(
    session: Session,
    rows: ToJudge,
    period: Period,
    *,
    to_come: Mapping[int, int] | None = None,
) -> dict[int, Billable]:
    """Facts of these rows by contract id, less what statements have of them (R7.9); of one ticket for R10.5.

    With `to_come`, minutes that pools give at acceptance by ticket, the rows are judged as if all were accepted now,
    and whole: as no statement had anything of them.
    """
    found: dict[int, Billable] = defaultdict(Billable)
    quoted = {offer.ticket for offer in rows.offers}
    named = quoted | {time.ticket for time in rows.times} | {row.ticket_id for row in rows.works}
    jobs = jobs_of(session, named)
    stated = _add_quotes(session, found, rows, jobs, period, to_come)
    _add_times(session, found, rows.times, jobs, quoted)
    _add_works(found, rows.works, jobs, period, stated)
    return found


def _add_times(
    session: Session,
    found: dict[int, Billable],
    times: Sequence[Time],
    jobs: Mapping[int, Job],
    quoted: Collection[int],
) -> None:
    names: dict[str, str] = {way: label(f"statement.time_{way}", LANGUAGE) for way in Way}
    by_hours = {number for number, job in jobs.items() if BY_COVERAGE.get(job.coverage) is LineKind.HOURS}
    draws = draws_of(session, by_hours)
    for time in times:
        job = jobs[time.ticket]
        if time.disputed:
            found[job.contract].left_out.append(_left(job, names[time.way], "disputed"))
        elif time.settled is not None and (time.raw or time.billed):
            own = LineKind.QUOTE if time.ticket in quoted else LineKind.FREE
            found[job.contract].times.append(
                SpentTime(
                    time.id,
                    time.ticket,
                    job.number,
                    BY_COVERAGE.get(job.coverage, own),
                    time.way,
                    time.day,
                    time.raw,
                    time.billed or 0,
                    names[time.way],
                    draws.pop((time.ticket, time.day, time.settled), ()),  # entries settled together share them once
                )
            )


def _add_works(
    found: dict[int, Billable],
    works: Sequence[Row[Any]],
    jobs: Mapping[int, Job],
    period: Period,
    stated: Collection[tuple[int, str]],
) -> None:
    """`stated` are quotes and works that a statement has already: a later dispute doesn't take them out of it."""
    for row in works:
        job = jobs[row.ticket_id]
        name = label("statement.over_hours", LANGUAGE) if row.name.startswith(HOUR) else row.name
        if row.disputed_at is not None:
            if (row.quote_id, row.item_code) not in stated:
                found[job.contract].left_out.append(_left(job, name, "disputed"))
        elif row.coverage in OF_LINE and job.day is not None and (not job.imported or job.day >= period.start):
            kind = OF_LINE[row.coverage]
            found[job.contract].works.append(
                DoneWork(row.id, job.id, job.number, kind, name, row.unit, row.quantity, job.day)
            )


def _left(job: Job, name: str, reason: str) -> LeftOut:
    return LeftOut(job.number, name, reason)


def _add_quotes(
    session: Session,
    found: dict[int, Billable],
    rows: ToJudge,
    jobs: Mapping[int, Job],
    period: Period,
    to_come: Mapping[int, int] | None,
) -> set[tuple[int, str]]:
    offers = rows.offers
    if not offers:
        return set()
    sources = [_source(offer, place) for offer in offers if offer.version for place in range(len(offer.version.lines))]
    stated = billed_before(session, sources) if to_come is None else ()
    billed = {int(source.split("/")[1]) for source in stated}
    books = _Books(
        jobs,
        standing_times(session, {offer.ticket for offer in offers}),
        rights_held(session, {offer.company for offer in offers}),
        billed_parts(session, billed) if billed else {},
        removed_lines(session, [offer.id for offer in offers], {offer.ticket for offer in offers}),
        [row for row in rows.works if row.disputed_at is not None],
        items_by_code(session),
        _scopes(session, {job.contract for job in jobs.values()}, period),
    )
    stand = []
    for offer in offers:
        version = offer.version
        flaw = flaw_of(version, offer.yes, reaching(books.rights[offer.company], offer.site))
        if version is None or flaw is not None:
            name = label("statement.quote", LANGUAGE, number=offer.number)
            found[offer.contract].left_out.append(_left(jobs[offer.ticket], name, str(flaw)))
        else:
            stand.append((offer, version))
    _bill(session, found, stand, books, to_come)
    return {
        (offer.id, line.work)
        for offer, version in stand
        for place, line in enumerate(lines_of(version))
        if (offer.id, place) in books.before
    }


def _scopes(session: Session, contracts: Collection[int], period: Period) -> dict[int, RoundingScope]:
    rows = session.exec(select(Contract).where(among(session.connection(), table_of(Contract).c.id, contracts))).all()
    return {each: rounding_of(day.terms).scope for each, day in terms_on(session, rows, period.end).items()}


def _bill(
    session: Session,
    found: dict[int, Billable],
    stand: Sequence[tuple[AcceptedQuote, FrozenVersion]],
    books: _Books,
    to_come: Mapping[int, int] | None,
) -> None:
    """Quotes whose approval stands: their lines, and the minutes of each where the fact is billed."""
    standing = {ticket: [row for row in rows if row.struck_at is None] for ticket, rows in books.standing.items()}
    agreed = {
        ticket: [row for row in rows if row.disputed_at is None and (to_come is not None or row.settled_at is not None)]
        for ticket, rows in standing.items()
    }
    off = {ticket: books.doubted(ticket) + books.given_up(ticket) for ticket in agreed}
    less = {
        ticket
        for ticket, rows in books.standing.items()
        if off[ticket] or any(row.struck_at is not None or row.disputed_at is not None for row in rows)
    }
    by_fact = less | {offer.ticket for offer, version in stand if version.up_to}
    worked = WorkedMinutes(
        decisions_of(session, by_fact) if by_fact else {},
        {ticket: books.jobs[ticket].zone for ticket in by_fact},
        books.scopes,
    )
    total = {ticket: sum(each.billed_minutes or 0 for each in rows) for ticket, rows in agreed.items()}
    pooled = minutes_from_pools(session, list(total))
    for ticket, minutes in (to_come or {}).items():
        pooled[ticket] = pooled.get(ticket, 0) + minutes
    left = {ticket: total[ticket] - pooled.get(ticket, 0) for ticket in total}
    bills = {ticket: max(left[ticket] - off[ticket], 0) for ticket in total}
    for offer, version in stand:
        ticket, job = offer.ticket, books.jobs[offer.ticket]
        entries = agreed.get(ticket, [])
        waits = len(entries) < len(standing.get(ticket, [])) or books.doubted(ticket) > 0
        lines = _lines(offer, version, books)
        timed = [each for each in lines if each.line.of_time(up_to=version.up_to)]
        quoted = sum(each.line.quantity for each in timed)
        minutes = min(bills.get(ticket, 0), quoted)
        skip = total.get(ticket, 0) - left.get(ticket, 0)
        left[ticket] = left.get(ticket, 0) - minutes
        bills[ticket] = bills.get(ticket, 0) - minutes
        found[offer.contract].approved.append(
            ApprovedWork(
                offer.id,
                offer.approval,
                ticket,
                job.number,
                max((entry.work_date for entry in entries), default=job.day or _day_of_yes(offer, job.zone)),
                lines,
                up_to=version.up_to,
                worked=worked.of(offer, timed, entries, skip, minutes) if ticket in by_fact else (),
                by_fact=ticket in less,
                waits=waits,
                before=_together(each.before for each in timed),
            )
        )
        if not any(each.frozen or each.held for each in lines) and not (timed and waits):
            found[offer.contract].done.append(offer.id)


def _lines(offer: AcceptedQuote, version: FrozenVersion, books: _Books) -> tuple[PricedLine, ...]:
    quoted = lines_of(version)
    works = {line.work for line in quoted}
    removed, disputed = books.taken_off(offer.id), books.in_dispute(offer)
    # Works within an «до N» that isn't time: what is taken off or disputed lessens it, on the line they stand in.
    lost = _worth(row for row in removed if row.struck_at is not None and row.item_code not in works)
    held = _worth(row for row in disputed if row.quote_id is not None and row.item_code not in works)
    inside = next((place for place, line in enumerate(quoted) if not line.of_time(up_to=version.up_to)), None)
    return tuple(
        PricedLine(
            place,
            _name(line, books.items),
            line,
            struck=line.work in {row.item_code for row in removed},
            frozen=line.work in {row.item_code for row in disputed},
            before=books.before.get((offer.id, place), Earlier()),
            lost=lost if place == inside else 0,
            held=held if place == inside else 0,
        )
        for place, line in enumerate(quoted)
    )


def _worth(rows: Iterable[Row[Any]]) -> int:
    return sum((row.unit_price or 0) * row.quantity for row in rows)


def _together(parts: Iterable[Earlier]) -> Earlier:
    every = list(parts)
    return Earlier(
        sum(each.gross for each in every), sum(each.quantity for each in every), sum(each.lines for each in every)
    )


def _name(line: QuoteLine, items: Mapping[str, Row[Any]]) -> str:
    if line.work in items:
        return str(items[line.work].name)
    if line.item.startswith(HOUR):
        return label(f"price_hour.{line.item.removeprefix(HOUR)}", LANGUAGE)
    return line.name


def _source(offer: AcceptedQuote, place: int) -> str:
    return f"quote/{offer.id}/{place}"


def _day_of_yes(offer: AcceptedQuote, zone: str) -> Any:
    return day_of(offer.yes.decided_at, zone) if offer.yes is not None else None
