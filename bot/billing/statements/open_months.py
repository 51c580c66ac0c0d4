"""Which months of which contracts wait to be closed: each contract has been looked at up to a day of its own.

A contract that was added late has its own past months open, and they come first.
"""

from collections.abc import Collection
from datetime import date, timedelta

from sqlalchemy import ColumnElement, case, exists, func, update
from sqlmodel import Session, col, select

from bot.billing.statements.models import Statement
from bot.billing.terms.models import Plan
from bot.calendar.periods import Period, month_of
from bot.clients.models import Company, Contract
from bot.db.live import live
from bot.db.locks import lock_found
from bot.db.plain import among, table_of

_SEEN = col(Contract.billed_until) >= col(Contract.starts)


def oldest_open(session: Session, begins: date, until: Period, aside: Collection[int] = ()) -> Period | None:
    """The oldest month, from the day that billing begins on, that some contract was not looked at for; None: all were.

    Months after `until` and contracts set `aside` are not asked about.
    """
    first_start, least_seen = session.exec(
        select(
            func.min(case((col(Contract.billed_until).is_(None) | ~_SEEN, col(Contract.starts)))),
            func.min(case((_SEEN, col(Contract.billed_until)))),
        ).where(
            col(Contract.starts) <= until.end,
            col(Contract.billed_until).is_(None) | (col(Contract.billed_until) < until.end),
            col(Contract.id).not_in(aside),
        )
    ).one()
    days = [] if first_start is None else [first_start]
    if least_seen is not None:
        days.append(least_seen + timedelta(days=1))
    if not days or until.end < begins:
        return None
    return month_of(max(min(days), begins))


def open_contracts(
    session: Session, period: Period, size: int, aside: Collection[int] = ()
) -> list[tuple[Contract, Plan, Company]]:
    """Some contracts that began by the end of the month and were not looked at for it, by id; locked. Without those set
    `aside`."""
    query = (
        select(Contract, Plan, Company)
        .join(Plan, col(Plan.id) == col(Contract.plan_id))
        .join(Company, col(Company.id) == col(Contract.company_id))
        .where(*_open(period, aside))
        .order_by(col(Contract.id))
        .limit(size)
    )
    return [(contract, plan, company) for contract, plan, company in lock_found(session, query, Contract)]


def next_open(session: Session, period: Period, aside: Collection[int] = ()) -> int | None:
    """The contract that comes first among them, unread."""
    return session.exec(
        select(Contract.id).where(*_open(period, aside)).order_by(col(Contract.id)).limit(1)
    ).one_or_none()


def _open(period: Period, aside: Collection[int]) -> tuple[ColumnElement[bool], ...]:
    return (
        col(Contract.starts) <= period.end,
        col(Contract.billed_until).is_(None) | (col(Contract.billed_until) < period.end),
        col(Contract.id).not_in(aside),
    )


def mark_looked_at(session: Session, contracts: Collection[int], period: Period) -> None:
    """The contracts were looked at for the month, whether or not there was anything to bill."""
    mine = among(session.connection(), col(Contract.id), contracts)
    session.connection().execute(update(table_of(Contract)).where(mine).values(billed_until=period.end))


def stated(session: Session, period: Period) -> tuple[int, int]:
    """How many statements a month has, and their sum in kopecks."""
    query = select(func.count(col(Statement.id)), func.coalesce(func.sum(col(Statement.gross)), 0))
    count, gross = session.exec(query.where(Statement.period_start == period.start)).one()
    return int(count), int(gross)


def passed_over(session: Session, period: Period) -> list[str]:
    """Contracts with a fee that were in force, have statements before and after the month, and none of it: number and
    company of each.

    A close can't bill them any more: it was passed over before months were closed in order.
    """
    own, earlier, later = (
        exists().where(col(Statement.contract_id) == col(Contract.id), condition)
        for condition in (
            col(Statement.period_start) == period.start,
            col(Statement.period_start) < period.start,
            col(Statement.period_start) > period.start,
        )
    )
    query = (
        select(Company.name, Contract.number)
        .join(Company, col(Company.id) == col(Contract.company_id))
        .join(Plan, col(Plan.id) == col(Contract.plan_id))
        .where(col(Plan.monthly_fee) > 0, live(Contract), col(Contract.starts) <= period.end)
        .where(col(Contract.ends).is_(None) | (col(Contract.ends) >= period.start))
        .where(~own, earlier, later)
        .order_by(col(Contract.id))
    )
    return [f"{number} ({company})" for company, number in session.exec(query).all()]
