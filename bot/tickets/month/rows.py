"""Rows of the tickets of many contracts that may go into statements, read set by set as plain columns.

Only accepted work is read (R10.4); what is disputed is read too, so that it can be said that it is left out.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import Row, String, and_, exists, select
from sqlmodel import Session

from bot.billing.quotes.models import Quote, QuoteState
from bot.billing.scope.rule import Result
from bot.billing.statements.models import StatedEntry, StatementLine
from bot.billing.statements.rule import LineKind
from bot.billing.work.models import LineCoverage, TimeEntry, WorkLine
from bot.calendar.periods import Period
from bot.clients.models import ServiceObject, Site
from bot.db.plain import among, table_of
from bot.tickets.life.models import Ticket

BY_COVERAGE: Mapping[str, LineKind] = {
    Result.COVERED_BY_HOURS: LineKind.HOURS,
    Result.PARTLY: LineKind.HOURS,
    Result.COVERED: LineKind.COVERED,
    Result.WARRANTY: LineKind.WARRANTY,
}
OF_LINE: Mapping[str, LineKind] = {
    LineCoverage.HOURS: LineKind.HOURS,
    LineCoverage.COVERED: LineKind.COVERED,
    LineCoverage.WARRANTY: LineKind.WARRANTY,
    LineCoverage.FREE: LineKind.FREE,
}
ACCEPTED = (QuoteState.ACCEPTED, QuoteState.INVOICED, QuoteState.PAID)
MOSCOW = "Europe/Moscow"
TIMES, TICKETS, LINES = table_of(TimeEntry), table_of(Ticket), table_of(WorkLine)


@dataclass(frozen=True, slots=True)
class Job:
    """A ticket as far as billing cares; `day` is when it was finished, where the client is."""

    id: int
    number: int
    contract: int
    coverage: str
    day: date | None
    imported: bool


class Time(NamedTuple):
    """A time entry; minutes raw and billed. A tuple: a close reads hundreds of thousands."""

    id: int
    ticket: int
    way: str
    day: date
    raw: int
    billed: int | None
    settled: datetime | None
    disputed: bool


def unstated_times(session: Session, contracts: Collection[int], period: Period) -> list[Time]:
    """Time entries that stand, are in no statement yet, and are settled or disputed, in the order they were made.

    Time of a paid job goes with its quote, though a dispute of another line keeps the ticket open (R10.4, R11.1). Of
    imported history only work of the period itself: what lies before was billed where it came from.
    """
    replacing, stated, quotes = TIMES.alias("replacing"), table_of(StatedEntry), table_of(Quote)
    billed_by = exists().where(quotes.c.ticket_id == TIMES.c.ticket_id, quotes.c.state.in_(ACCEPTED))
    query = (
        select(
            TIMES.c.id,
            TIMES.c.ticket_id,
            TIMES.c.channel,
            TIMES.c.work_date,
            TIMES.c.minutes,
            TIMES.c.billed_minutes,
            TIMES.c.settled_at,
            TIMES.c.disputed_at.is_not(None),
        )
        .join(TICKETS, TICKETS.c.id == TIMES.c.ticket_id)
        .outerjoin(stated, stated.c.entry_id == TIMES.c.id)
        .where(among(session.connection(), TICKETS.c.contract_id, contracts), stated.c.entry_id.is_(None))
        .where(
            TIMES.c.disputed_at.is_not(None)
            | and_(
                TIMES.c.settled_at.is_not(None),
                TICKETS.c.coverage.in_(BY_COVERAGE) | TICKETS.c.closed_at.is_not(None) | billed_by,
            )
        )
        .where(TICKETS.c.code.is_(None) | (TIMES.c.work_date >= period.start))
        .where(~exists().where(replacing.c.replaces_id == TIMES.c.id))
        .order_by(TIMES.c.id)
    )
    return [Time._make(row) for row in session.connection().execute(query).all()]


def work_lines(session: Session, contracts: Collection[int]) -> list[Row[Any]]:
    """Lines of specifications that cost nothing, and those that are disputed, which are in no statement yet."""
    sources, quotes = table_of(StatementLine).c.source, table_of(Quote)
    listed = exists().where(sources == "work/" + LINES.c.id.cast(String))
    billed = quotes.c.state.in_((QuoteState.INVOICED, QuoteState.PAID))
    query = (
        select(LINES)
        .join(TICKETS, TICKETS.c.id == LINES.c.ticket_id)
        .outerjoin(quotes, quotes.c.id == LINES.c.quote_id)
        .where(among(session.connection(), TICKETS.c.contract_id, contracts), LINES.c.removed_at.is_(None))
        .where(~listed, quotes.c.id.is_(None) | ~billed)
        .where(LINES.c.disputed_at.is_not(None) | and_(LINES.c.coverage.in_(OF_LINE), TICKETS.c.closed_at.is_not(None)))
        .order_by(LINES.c.id)
    )
    return list(session.connection().execute(query).all())


def jobs_of(session: Session, tickets: Collection[int], zones: Mapping[int, str]) -> dict[int, Job]:
    """Tickets by id; `zones` are the clients' time zones by contract."""
    query = select(
        TICKETS.c.id,
        TICKETS.c.number,
        TICKETS.c.contract_id,
        TICKETS.c.coverage,
        TICKETS.c.finished_at,
        TICKETS.c.closed_at,
        TICKETS.c.code,
    ).where(among(session.connection(), TICKETS.c.id, tickets))
    jobs = {}
    for number, shown, contract, coverage, finished, closed, code in session.connection().execute(query).all():
        moment = finished or closed
        day = moment.astimezone(ZoneInfo(zones.get(contract, MOSCOW))).date() if moment else None
        jobs[number] = Job(number, shown, contract, coverage, day, code is not None)
    return jobs


def site_zones(session: Session, tickets: Collection[int]) -> dict[int, str]:
    """Time zones of the sites where the work was, by ticket; tickets on an object without a site are not named."""
    things, sites = table_of(ServiceObject), table_of(Site)
    query = (
        select(TICKETS.c.id, sites.c.timezone)
        .join(things, things.c.id == TICKETS.c.object_id)
        .join(sites, sites.c.id == things.c.site_id)
        .where(among(session.connection(), TICKETS.c.id, tickets))
    )
    return {row.id: row.timezone for row in session.connection().execute(query)}
