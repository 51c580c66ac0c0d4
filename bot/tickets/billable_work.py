"""What of the tickets of many contracts may go into their statements: read set by set, judged by billing's rules.

Only accepted work is read (R10.4); what is disputed or whose approval doesn't stand is left out and said (R7.9).
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import String, and_, exists
from sqlmodel import Session, col, select

from bot.billing.approved_work import FrozenVersion, Right, Yes, flaw_of, lines_of
from bot.billing.approvers import MAY_APPROVE
from bot.billing.document_models import StatedEntry, StatementLine
from bot.billing.models import (
    Approval,
    EntryKind,
    Pool,
    PoolEntry,
    Quote,
    QuoteState,
    QuoteVersion,
    ScopeDecision,
    TimeEntry,
    WorkItem,
    WorkLine,
)
from bot.billing.periods import Period
from bot.billing.quoting import MINUTE
from bot.billing.scope_input import ScopeRequest
from bot.billing.snapshot import thaw
from bot.billing.statement import HOUR, ApprovedWork, DoneWork, LineKind, PricedLine, SpentTime
from bot.billing.worked_rates import Booked, RatedMinutes, agreed_rate, rated, worked_parts
from bot.clients.models import Membership
from bot.messaging.texts import label
from bot.tickets.deadlines import zone_of
from bot.tickets.models import Ticket

BY_COVERAGE = {
    "COVERED_BY_HOURS": LineKind.HOURS,
    "PARTLY": LineKind.HOURS,
    "COVERED": LineKind.COVERED,
    "WARRANTY": LineKind.WARRANTY,
}
OF_LINE = {
    "hours": LineKind.HOURS,
    "covered": LineKind.COVERED,
    "warranty": LineKind.WARRANTY,
    "free": LineKind.FREE,
}
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
class _Job:
    """A ticket as far as billing cares."""

    id: int
    number: int
    contract: int
    coverage: str
    day: date | None
    imported: bool


@dataclass(frozen=True, slots=True)
class _Time:
    id: int
    ticket: int
    channel: str
    day: date
    raw: int
    billed: int
    settled: datetime | None
    disputed: bool


def billable_work(
    session: Session, contracts: Collection[int], zones: dict[int, str], period: Period
) -> dict[int, Billable]:
    """Facts by contract id; `zones` are the clients' time zones by contract. Locks the quotes it reads.

    Of imported history only work of the period itself is read: what lies before was billed where it came from.
    """
    found: dict[int, Billable] = defaultdict(Billable)
    quotes = _accepted(session, contracts)
    times = _unstated(session, contracts, period)
    works = _work_lines(session, contracts)
    tickets = {row[0].ticket_id for row in quotes} | {time.ticket for time in times} | {row.ticket_id for row in works}
    jobs = _jobs(session, tickets, zones)
    standing = _standing(session, {row[0].ticket_id for row in quotes})
    draws = _draws(session, [time for time in times if BY_COVERAGE.get(jobs[time.ticket].coverage) is LineKind.HOURS])
    _add_quotes(session, found, quotes, jobs, standing, works)
    quoted = {row[0].ticket_id for row in quotes}
    names = {channel: label(f"statement.time_{channel}", LANGUAGE) for channel in ("remote", "visit")}
    for time in times:
        job = jobs[time.ticket]
        if time.disputed:
            found[job.contract].left_out.append(_left(job, names[time.channel], "disputed"))
        elif time.settled is not None and (time.raw or time.billed):
            own = LineKind.QUOTE if time.ticket in quoted else LineKind.FREE
            kind = BY_COVERAGE.get(job.coverage, own)
            found[job.contract].times.append(
                SpentTime(
                    time.id,
                    time.ticket,
                    job.number,
                    kind,
                    time.channel,
                    time.day,
                    time.raw,
                    time.billed,
                    names[time.channel],
                    draws.get((time.ticket, time.day, time.settled), ()),
                )
            )
            draws.pop((time.ticket, time.day, time.settled), None)  # entries settled together share them once
    for row in works:
        job = jobs[row.ticket_id]
        if row.disputed_at is not None:
            found[job.contract].left_out.append(_left(job, _work_name(row), "disputed"))
        elif row.coverage in OF_LINE and job.day is not None and (not job.imported or job.day >= period.start):
            kind = OF_LINE[row.coverage]
            found[job.contract].works.append(
                DoneWork(row.id or 0, job.id, job.number, kind, _work_name(row), row.unit, row.quantity, job.day)
            )
    return found


def _left(job: _Job, name: str, reason: str) -> dict[str, Any]:
    return {"ticket": job.number, "name": name, "reason": reason}


def _work_name(row: WorkLine) -> str:
    return label("statement.over_hours", LANGUAGE) if row.name.startswith(HOUR) else row.name


def _accepted(session: Session, contracts: Collection[int]) -> list[tuple[Quote, QuoteVersion | None, Approval | None]]:
    rows = session.exec(
        select(Quote)
        .where(col(Quote.contract_id).in_(contracts), Quote.state == QuoteState.ACCEPTED)
        .order_by(col(Quote.id))
        .with_for_update()
    ).all()
    ids = [row.id for row in rows]
    versions = {
        (each.quote_id, each.version): each
        for each in session.exec(select(QuoteVersion).where(col(QuoteVersion.quote_id).in_(ids))).all()
    }
    approvals = {
        (each.quote_id, each.version): each
        for each in session.exec(select(Approval).where(col(Approval.quote_id).in_(ids))).all()
    }
    return [(row, versions.get((row.id or 0, row.version)), approvals.get((row.id or 0, row.version))) for row in rows]


def _unstated(session: Session, contracts: Collection[int], period: Period) -> list[_Time]:
    """Time entries that stand, are in no statement yet, and are settled or disputed."""
    replacing = TimeEntry.__table__.alias("replacing")  # type: ignore[attr-defined]  # SQLModel hides its table
    query = (
        select(
            TimeEntry.id,
            TimeEntry.ticket_id,
            TimeEntry.channel,
            TimeEntry.work_date,
            TimeEntry.minutes,
            TimeEntry.billed_minutes,
            TimeEntry.settled_at,
            TimeEntry.disputed_at,
        )  # type: ignore[call-overload]  # more columns than SQLModel has overloads for
        .join(Ticket, col(Ticket.id) == col(TimeEntry.ticket_id))
        .outerjoin(StatedEntry, col(StatedEntry.entry_id) == col(TimeEntry.id))
        .where(col(Ticket.contract_id).in_(contracts), col(StatedEntry.entry_id).is_(None))
        .where(
            col(TimeEntry.disputed_at).is_not(None)
            | and_(
                col(TimeEntry.settled_at).is_not(None),
                col(Ticket.coverage).in_(BY_COVERAGE) | col(Ticket.closed_at).is_not(None),
            )
        )
        .where(col(Ticket.code).is_(None) | (col(TimeEntry.work_date) >= period.start))
        .where(~exists().where(replacing.c.replaces_id == col(TimeEntry.id)))
        .order_by(col(TimeEntry.id))
    )
    return [
        _Time(row[0], row[1], row[2], row[3], row[4], row[5] or 0, row[6], row[7] is not None)
        for row in session.exec(query).all()
    ]


def _work_lines(session: Session, contracts: Collection[int]) -> Sequence[WorkLine]:
    """Lines of specifications that cost nothing and are in no statement yet, and all that are disputed."""
    listed = exists().where(col(StatementLine.source) == "work/" + WorkLine.__table__.c.id.cast(String))  # type: ignore[attr-defined]  # SQLModel hides its table
    return session.exec(
        select(WorkLine)
        .join(Ticket, col(Ticket.id) == col(WorkLine.ticket_id))
        .where(col(Ticket.contract_id).in_(contracts), col(WorkLine.removed_at).is_(None))
        .where(
            col(WorkLine.disputed_at).is_not(None)
            | and_(col(WorkLine.coverage).in_(OF_LINE), col(Ticket.closed_at).is_not(None), ~listed)
        )
        .order_by(col(WorkLine.id))
    ).all()


def _jobs(session: Session, tickets: Collection[int], zones: dict[int, str]) -> dict[int, _Job]:
    query = select(
        Ticket.id, Ticket.number, Ticket.contract_id, Ticket.coverage, Ticket.finished_at, Ticket.closed_at, Ticket.code
    ).where(col(Ticket.id).in_(tickets))  # type: ignore[call-overload]  # more columns than SQLModel has overloads for
    jobs = {}
    for number, shown, contract, coverage, finished, closed, code in session.exec(query).all():
        moment = finished or closed
        day = moment.astimezone(ZoneInfo(zones.get(contract, "Europe/Moscow"))).date() if moment else None
        jobs[number] = _Job(number, shown, contract, coverage, day, code is not None)
    return jobs


def _standing(session: Session, tickets: Collection[int]) -> dict[int, list[TimeEntry]]:
    """All time entries of tickets with paid work that were not replaced."""
    rows = session.exec(select(TimeEntry).where(col(TimeEntry.ticket_id).in_(tickets)).order_by(col(TimeEntry.id)))
    every = list(rows.all())
    replaced = {row.replaces_id for row in every}
    found: dict[int, list[TimeEntry]] = defaultdict(list)
    for row in every:
        if row.id not in replaced:
            found[row.ticket_id].append(row)
    return found


def _draws(session: Session, times: Sequence[_Time]) -> dict[tuple[int, date, datetime], tuple[tuple[str, int], ...]]:
    """Minutes consumed by pool kind, by ticket, work date and the moment of settling; reversed ones don't count."""
    tickets = {time.ticket for time in times}
    reversing = PoolEntry.__table__.alias("reversing")  # type: ignore[attr-defined]  # SQLModel hides its table
    rows = session.exec(
        select(PoolEntry.ticket_id, PoolEntry.work_date, PoolEntry.made_at, Pool.kind, PoolEntry.amount)  # type: ignore[call-overload]  # more columns than SQLModel has overloads for
        .join(Pool, col(Pool.id) == col(PoolEntry.pool_id))
        .where(col(PoolEntry.ticket_id).in_(tickets), PoolEntry.kind == EntryKind.CONSUME)
        .where(~exists().where(reversing.c.reverses_id == col(PoolEntry.id)))
        .order_by(col(PoolEntry.id))
    ).all()
    found: dict[tuple[int, date, datetime], tuple[tuple[str, int], ...]] = {}
    for ticket, day, made, kind, amount in rows:
        key = (ticket, day, made)
        found[key] = (*found.get(key, ()), (kind, amount))
    return found


def _rights(session: Session, companies: Collection[int]) -> dict[int, list[Right]]:
    rows = session.exec(
        select(Membership).where(col(Membership.company_id).in_(companies), col(Membership.role).in_(MAY_APPROVE))
    ).all()
    found: dict[int, list[Right]] = defaultdict(list)
    for row in rows:
        for person_id in (row.person_id, row.deputy_id):  # a deputy stands in within the same limits (R7.6)
            if person_id is not None:
                found[row.company_id].append(Right(person_id, row.granted_at, row.ended_at, row.job_limit))
    return found


def _add_quotes(
    session: Session,
    found: dict[int, Billable],
    quotes: Sequence[tuple[Quote, QuoteVersion | None, Approval | None]],
    jobs: dict[int, _Job],
    standing: dict[int, list[TimeEntry]],
    works: Sequence[WorkLine],
) -> None:
    ids = [quote.id for quote, _, _ in quotes]
    rights = _rights(session, {quote.company_id for quote, _, _ in quotes})
    billed = set(session.exec(select(StatementLine.source).where(col(StatementLine.quote_id).in_(ids))).all())
    removed = {
        (row.quote_id, row.item_code)
        for row in session.exec(
            select(WorkLine).where(col(WorkLine.quote_id).in_(ids), col(WorkLine.removed_at).is_not(None))
        ).all()
    }
    frozen = {(row.ticket_id, row.quote_id, row.item_code) for row in works if row.disputed_at is not None}
    names = {row.code: row.name for row in session.exec(select(WorkItem)).all()} if quotes else {}
    total = {ticket: sum(entry.billed_minutes or 0 for entry in entries) for ticket, entries in standing.items()}
    left = {ticket: total[ticket] - _from_pools(session, jobs[ticket]) for ticket in total}
    for quote, row, approval in quotes:
        job = jobs[quote.ticket_id]
        target = found[quote.contract_id]
        number = label("statement.quote", LANGUAGE, number=quote.number)
        version = _frozen(row) if row is not None else None
        flaw = "not_approved" if version is None else flaw_of(version, _yes(approval), rights[quote.company_id])
        if version is None or approval is None or flaw is not None:
            target.left_out.append(_left(job, number, str(flaw)))
            continue
        entries = standing.get(quote.ticket_id, [])
        disputed = any(entry.disputed_at is not None for entry in entries)
        lines = tuple(
            PricedLine(
                position,
                label(f"price_hour.{line.item.removeprefix(HOUR)}", LANGUAGE)
                if line.item.startswith(HOUR)
                else names.get(line.item, line.name),
                line,
                struck=(quote.id, line.item) in removed or f"quote/{quote.id}/{position}" in billed,
                frozen=(disputed and line.unit == MINUTE)
                or (quote.ticket_id, quote.id, line.item) in frozen
                or (quote.ticket_id, None, line.item) in frozen,
            )
            for position, line in enumerate(lines_of(version))
        )
        quoted = sum(line.line.quantity for line in lines if line.line.unit == MINUTE)
        minutes = min(max(left.get(quote.ticket_id, 0), 0), quoted)
        skip = total.get(quote.ticket_id, 0) - left.get(quote.ticket_id, 0)
        left[quote.ticket_id] = left.get(quote.ticket_id, 0) - minutes
        by_fact = version.up_to or any(entry.minutes and not entry.billed_minutes for entry in entries)
        worked = _worked(session, quote, lines, entries, skip, minutes) if by_fact else ()
        target.approved.append(
            ApprovedWork(
                quote.id or 0,
                approval.id or 0,
                quote.ticket_id,
                job.number,
                max((entry.work_date for entry in entries), default=job.day or approval.decided_at.date()),
                lines,
                up_to=version.up_to,
                worked=worked,
                labour_struck=any(entry.minutes and not entry.billed_minutes for entry in entries),
            )
        )
        if not any(line.frozen for line in lines):
            target.done.append(quote.id or 0)


def _worked(
    session: Session, quote: Quote, lines: Sequence[PricedLine], entries: Sequence[TimeEntry], skip: int, take: int
) -> tuple[RatedMinutes, ...]:
    """The minutes of a quote by the bands they were worked in, at the rates of its decision (R5.3, R6.3).

    Where no decision gives a rate, that of the quote's own hour.
    """
    hour = next((priced.line for priced in lines if priced.line.unit == MINUTE), None)
    if hour is None:
        return ()
    zone = ZoneInfo(zone_of(session, session.get_one(Ticket, quote.ticket_id)))
    booked = [
        Booked(
            entry.started_at.astimezone(zone) if entry.started_at else None, entry.minutes, entry.billed_minutes or 0
        )
        for entry in entries
    ]
    contract = str(quote.contract_id)
    decisions = session.exec(
        select(ScopeDecision).where(ScopeDecision.ticket_id == quote.ticket_id).order_by(col(ScopeDecision.id).desc())
    ).all()
    for row in decisions:
        if row.explanation["contract"] == contract and any(
            line["item"] == hour.item and line["price"] == hour.price for line in row.explanation["lines"]
        ):
            request = thaw(ScopeRequest, row.snapshot)
            rate_of = agreed_rate(request, contract)
            if rate_of is not None:
                bands = next(each.bands for each in request.contracts if each.id == contract)
                return rated(worked_parts(booked, bands), skip, take, rate_of)
    return rated(worked_parts(booked, ()), skip, take, lambda _: hour.price)


def _from_pools(session: Session, job: _Job) -> int:
    """Minutes of a partly covered job that its pools took."""
    if job.coverage != "PARTLY":
        return 0
    rows = session.exec(
        select(PoolEntry.amount).where(PoolEntry.ticket_id == job.id, PoolEntry.kind == EntryKind.CONSUME)
    ).all()
    return sum(rows)


def _frozen(row: QuoteVersion) -> FrozenVersion:
    return FrozenVersion(
        row.lines, row.net, row.vat, row.gross, row.vat_bp, row.up_to, row.lines_hash, row.texts, row.valid_until
    )


def _yes(row: Approval | None) -> Yes | None:
    if row is None:
        return None
    return Yes(
        row.approved,
        row.way,
        row.person_id,
        row.text,
        row.text_hash,
        row.gross,
        row.decided_at,
        row.recorded_by,
        row.reason,
    )
