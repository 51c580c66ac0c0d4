"""Rows of the tickets of many contracts that may go into statements, read set by set as plain columns.

Only accepted work is read (R10.4); what is disputed is read too, so that it can be said that it is left out.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import Row, String, and_, exists, func, select
from sqlmodel import Session

from bot.billing.quotes.models import Quote, QuoteState
from bot.billing.scope.rule import Result
from bot.billing.statements.models import StatedEntry, StatementLine
from bot.billing.statements.rule import LineKind
from bot.billing.work.models import LineCoverage, TimeEntry, WorkLine
from bot.calendar.periods import Period
from bot.clients.models import Company, ServiceObject, Site
from bot.db.clock import day_of
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
TIMES, TICKETS, LINES = table_of(TimeEntry), table_of(Ticket), table_of(WorkLine)
_TIME = (
    TIMES.c.id,
    TIMES.c.ticket_id,
    TIMES.c.channel,
    TIMES.c.work_date,
    TIMES.c.minutes,
    TIMES.c.billed_minutes,
    TIMES.c.settled_at,
    TIMES.c.disputed_at.is_not(None),
)


@dataclass(frozen=True, slots=True)
class Job:
    """A ticket as far as billing cares; `day` is the one its work began on, by the clocks of `zone`, where it was."""

    id: int
    number: int
    contract: int
    coverage: str
    day: date | None
    imported: bool
    zone: str


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
        select(*_TIME)
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


def times_of_ticket(session: Session, ticket: int, now: datetime) -> list[Time]:
    """Time entries of a ticket that stand, as if all that isn't disputed were settled by now."""
    replacing = TIMES.alias("replacing")
    query = (
        select(*_TIME)
        .where(TIMES.c.ticket_id == ticket, TIMES.c.struck_at.is_(None))
        .where(~exists().where(replacing.c.replaces_id == TIMES.c.id))
        .order_by(TIMES.c.id)
    )
    rows = [Time._make(row) for row in session.connection().execute(query).all()]
    return [row if row.disputed else row._replace(settled=row.settled or now) for row in rows]


def lines_of_ticket(session: Session, ticket: int) -> list[Row[Any]]:
    """Lines of a ticket's specification that cost nothing, and those that are disputed."""
    query = select(LINES).where(LINES.c.ticket_id == ticket, LINES.c.removed_at.is_(None))
    query = query.where(LINES.c.disputed_at.is_not(None) | LINES.c.coverage.in_(OF_LINE)).order_by(LINES.c.id)
    return list(session.connection().execute(query).all())


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


def jobs_of(session: Session, tickets: Collection[int]) -> dict[int, Job]:
    """Tickets by id, with the day of their work (R3.5)."""
    query = select(
        TICKETS.c.id,
        TICKETS.c.number,
        TICKETS.c.contract_id,
        TICKETS.c.coverage,
        func.coalesce(TICKETS.c.started_at, TICKETS.c.finished_at, TICKETS.c.closed_at),
        TICKETS.c.code,
    ).where(among(session.connection(), TICKETS.c.id, tickets))
    jobs, zones = {}, work_zones(session, tickets)
    for number, shown, contract, coverage, moment, code in session.connection().execute(query).all():
        day = day_of(moment, zones[number]) if moment else None
        jobs[number] = Job(number, shown, contract, coverage, day, code is not None, zones[number])
    return jobs


def work_zones(session: Session, tickets: Collection[int]) -> dict[int, str]:
    """Time zones of the sites where the work was, the company's for an object without one, by ticket (R3.5)."""
    things, sites, companies = table_of(ServiceObject), table_of(Site), table_of(Company)
    query = (
        select(TICKETS.c.id, func.coalesce(sites.c.timezone, companies.c.timezone).label("timezone"))
        .join(things, things.c.id == TICKETS.c.object_id)
        .join(companies, companies.c.id == TICKETS.c.company_id)
        .outerjoin(sites, sites.c.id == things.c.site_id)
        .where(among(session.connection(), TICKETS.c.id, tickets))
    )
    return {row.id: row.timezone for row in session.connection().execute(query)}
