"""What of the tickets of many contracts may go into their statements: read set by set, judged by billing's rules.

What is disputed or whose approval doesn't stand is left out and said (R7.9).
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Row
from sqlmodel import Session

from bot.billing.approved_work import FrozenVersion, Right, flaw_of, lines_of, reaching
from bot.billing.periods import Period
from bot.billing.pricing import HOUR
from bot.billing.quoting import MINUTE, QuoteLine
from bot.billing.rights_held import rights_held
from bot.billing.scope_input import ScopeRequest
from bot.billing.snapshot import thaw
from bot.billing.statement import ApprovedWork, DoneWork, LineKind, PricedLine, SpentTime
from bot.billing.statement_rows import (
    Offer,
    accepted_quotes,
    billed_before,
    decisions_of,
    draws_of,
    item_names,
    minutes_from_pools,
    removed_items,
    standing_times,
)
from bot.billing.worked_rates import Booked, RatedMinutes, agreed_rate, rated, worked_parts
from bot.messaging.texts import label
from bot.tickets.billable_rows import (
    BY_COVERAGE,
    MOSCOW,
    OF_LINE,
    Job,
    Time,
    jobs_of,
    site_zones,
    unstated_times,
    work_lines,
)

LANGUAGE = "ru"  # documents for Russian accounting


@dataclass(slots=True)
class Billable:
    """One contract's facts; `done` are quotes of which nothing is left to bill after this statement."""

    times: list[SpentTime] = field(default_factory=list)
    approved: list[ApprovedWork] = field(default_factory=list)
    works: list[DoneWork] = field(default_factory=list)
    left_out: list[dict[str, Any]] = field(default_factory=list)
    done: list[int] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Books:
    """What the quotes of a batch are judged and billed by."""

    jobs: Mapping[int, Job]
    standing: Mapping[int, list[Row[Any]]]
    rights: Mapping[int, Sequence[Right]]
    billed: frozenset[str]
    removed: frozenset[tuple[int, str]]
    disputed: frozenset[tuple[int, int | None, str]]
    names: Mapping[str, str]


def billable_work(
    session: Session, contracts: Collection[int], zones: Mapping[int, str], period: Period
) -> dict[int, Billable]:
    """Facts by contract id; `zones` are the clients' time zones by contract. Locks the quotes it reads.

    Of imported history only work of the period itself is read: what lies before was billed where it came from.
    """
    found: dict[int, Billable] = defaultdict(Billable)
    offers = accepted_quotes(session, contracts)
    times = unstated_times(session, contracts, period)
    works = work_lines(session, contracts)
    quoted = {offer.ticket for offer in offers}
    jobs = jobs_of(session, quoted | {time.ticket for time in times} | {row.ticket_id for row in works}, zones)
    _add_quotes(session, found, offers, jobs, works)
    _add_times(session, found, times, jobs, quoted)
    _add_works(found, works, jobs, period)
    return found


def _add_times(
    session: Session,
    found: dict[int, Billable],
    times: Sequence[Time],
    jobs: Mapping[int, Job],
    quoted: Collection[int],
) -> None:
    names = {channel: label(f"statement.time_{channel}", LANGUAGE) for channel in ("remote", "visit")}
    by_hours = {number for number, job in jobs.items() if BY_COVERAGE.get(job.coverage) is LineKind.HOURS}
    draws = draws_of(session, by_hours)
    for time in times:
        job = jobs[time.ticket]
        if time.disputed:
            found[job.contract].left_out.append(_left(job, names[time.channel], "disputed"))
        elif time.settled is not None and (time.raw or time.billed):
            own = LineKind.QUOTE if time.ticket in quoted else LineKind.FREE
            found[job.contract].times.append(
                SpentTime(
                    time.id,
                    time.ticket,
                    job.number,
                    BY_COVERAGE.get(job.coverage, own),
                    time.channel,
                    time.day,
                    time.raw,
                    time.billed or 0,
                    names[time.channel],
                    draws.pop((time.ticket, time.day, time.settled), ()),  # entries settled together share them once
                )
            )


def _add_works(found: dict[int, Billable], works: Sequence[Row[Any]], jobs: Mapping[int, Job], period: Period) -> None:
    for row in works:
        job = jobs[row.ticket_id]
        name = label("statement.over_hours", LANGUAGE) if row.name.startswith(HOUR) else row.name
        if row.disputed_at is not None:
            found[job.contract].left_out.append(_left(job, name, "disputed"))
        elif row.coverage in OF_LINE and job.day is not None and (not job.imported or job.day >= period.start):
            kind = OF_LINE[row.coverage]
            found[job.contract].works.append(
                DoneWork(row.id, job.id, job.number, kind, name, row.unit, row.quantity, job.day)
            )


def _left(job: Job, name: str, reason: str) -> dict[str, Any]:
    return {"ticket": job.number, "name": name, "reason": reason}


def _add_quotes(
    session: Session,
    found: dict[int, Billable],
    offers: Sequence[Offer],
    jobs: Mapping[int, Job],
    works: Sequence[Row[Any]],
) -> None:
    if not offers:
        return
    sources = [_source(offer, place) for offer in offers if offer.version for place in range(len(offer.version.lines))]
    books = _Books(
        jobs,
        standing_times(session, {offer.ticket for offer in offers}),
        rights_held(session, {offer.company for offer in offers}),
        frozenset(billed_before(session, sources)),
        frozenset(removed_items(session, [offer.id for offer in offers])),
        frozenset((row.ticket_id, row.quote_id, row.item_code) for row in works if row.disputed_at is not None),
        item_names(session),
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
    _bill(session, found, stand, books)


def _bill(
    session: Session, found: dict[int, Billable], stand: Sequence[tuple[Offer, FrozenVersion]], books: _Books
) -> None:
    """Quotes whose approval stands: their lines, and the minutes of each where the fact is billed."""
    by_fact = {
        offer.ticket for offer, version in stand if version.up_to or _struck(books.standing.get(offer.ticket, ()))
    }
    worked = _Worked(decisions_of(session, by_fact) if by_fact else {}, site_zones(session, by_fact) if by_fact else {})
    total = {ticket: sum(each.billed_minutes or 0 for each in rows) for ticket, rows in books.standing.items()}
    pooled = minutes_from_pools(session, [ticket for ticket in total if books.jobs[ticket].coverage == "PARTLY"])
    left = {ticket: total[ticket] - pooled.get(ticket, 0) for ticket in total}
    for offer, version in stand:
        entries = books.standing.get(offer.ticket, [])
        lines = _lines(offer, version, entries, books)
        quoted = sum(line.line.quantity for line in lines if line.line.unit == MINUTE)
        minutes = min(max(left.get(offer.ticket, 0), 0), quoted)
        skip = total.get(offer.ticket, 0) - left.get(offer.ticket, 0)
        left[offer.ticket] = left.get(offer.ticket, 0) - minutes
        job = books.jobs[offer.ticket]
        found[offer.contract].approved.append(
            ApprovedWork(
                offer.id,
                offer.approval,
                offer.ticket,
                job.number,
                max((entry.work_date for entry in entries), default=job.day or _day_of_yes(offer)),
                lines,
                up_to=version.up_to,
                worked=worked.of(offer, lines, entries, skip, minutes) if offer.ticket in by_fact else (),
                labour_struck=_struck(entries),
            )
        )
        if not any(line.frozen for line in lines):
            found[offer.contract].done.append(offer.id)


def _lines(offer: Offer, version: FrozenVersion, entries: Sequence[Row[Any]], books: _Books) -> tuple[PricedLine, ...]:
    disputed = any(entry.disputed_at is not None for entry in entries)
    return tuple(
        PricedLine(
            place,
            _name(line, books.names),
            line,
            struck=(offer.id, line.item) in books.removed or _source(offer, place) in books.billed,
            frozen=(disputed and line.unit == MINUTE)
            or (offer.ticket, offer.id, line.item) in books.disputed
            or (offer.ticket, None, line.item) in books.disputed,
        )
        for place, line in enumerate(lines_of(version))
    )


def _name(line: QuoteLine, names: Mapping[str, str]) -> str:
    if line.work not in names and line.item.startswith(HOUR):
        return label(f"price_hour.{line.item.removeprefix(HOUR)}", LANGUAGE)
    return names.get(line.work, line.name)


def _source(offer: Offer, place: int) -> str:
    return f"quote/{offer.id}/{place}"


def _struck(entries: Sequence[Row[Any]]) -> bool:
    """Whether a granted dispute took time off."""
    return any(entry.minutes and not entry.billed_minutes for entry in entries)


def _day_of_yes(offer: Offer) -> Any:
    return offer.yes.decided_at.date() if offer.yes is not None else None


@dataclass(frozen=True, slots=True)
class _Worked:
    """Minutes of quotes by the bands they were worked in, at the rates of their decisions (R5.3, R6.3)."""

    decisions: Mapping[int, Sequence[Row[Any]]]
    zones: Mapping[int, str]

    def of(
        self, offer: Offer, lines: Sequence[PricedLine], entries: Sequence[Row[Any]], skip: int, take: int
    ) -> tuple[RatedMinutes, ...]:
        """The `take` minutes after the first `skip`; without a decision's rate, at that of the quote's hour."""
        hour = next((priced.line for priced in lines if priced.line.unit == MINUTE), None)
        if hour is None:
            return ()
        zone = ZoneInfo(self.zones.get(offer.ticket, MOSCOW))
        booked = [
            Booked(
                entry.started_at.astimezone(zone) if entry.started_at else None,
                entry.minutes,
                entry.billed_minutes or 0,
            )
            for entry in entries
        ]
        contract = str(offer.contract)
        for row in self.decisions.get(offer.ticket, ()):
            if row.explanation["contract"] == contract and any(
                line["item"] == hour.item and line["price"] == hour.price for line in row.explanation["lines"]
            ):
                request = thaw(ScopeRequest, row.snapshot)
                rate_of = agreed_rate(request, contract)
                if rate_of is not None:
                    bands = next(each.bands for each in request.contracts if each.id == contract)
                    return rated(worked_parts(booked, bands), skip, take, rate_of)
        return rated(worked_parts(booked, ()), skip, take, lambda _: hour.price)
