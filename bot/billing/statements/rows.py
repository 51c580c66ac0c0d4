"""What quotes, pools and specifications have for a statement: plain columns of many contracts or tickets at once."""

import re
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, and_, exists, select
from sqlmodel import Session

from bot.billing.hours.models import EntryKind, Pool, PoolEntry
from bot.billing.hours.units import MINUTES
from bot.billing.prices.models import WorkItem
from bot.billing.quotes.diagnostics import AGREED
from bot.billing.quotes.models import Approval, Quote, QuoteState, QuoteVersion
from bot.billing.quotes.stands import FrozenVersion, Yes
from bot.billing.scope.models import ScopeDecision
from bot.billing.statements.due import Earlier
from bot.billing.statements.models import StatementLine
from bot.billing.statements.rule import Drawn
from bot.billing.work.models import TimeEntry, WorkLine
from bot.db.locks import lock_found
from bot.db.plain import among, table_of

_POSITION = re.compile(r"quote/\d+/(\d+)(?:\.\d+)?(?:\+\d+)?")
TIMES, LINES, QUOTES = table_of(TimeEntry), table_of(WorkLine), table_of(Quote)
_QUOTES = select(
    QUOTES.c.id,
    QUOTES.c.number,
    QUOTES.c.ticket_id,
    QUOTES.c.company_id,
    QUOTES.c.contract_id,
    QUOTES.c.site_id,
    QUOTES.c.version,
).order_by(QUOTES.c.id)


@dataclass(frozen=True, slots=True)
class AcceptedQuote:
    """An accepted quote with its present version and the decision on it, where there are any."""

    id: int
    number: int
    ticket: int
    company: int
    contract: int
    site: int | None
    version: FrozenVersion | None = None
    yes: Yes | None = None
    approval: int = 0


def accepted_quotes(session: Session, contracts: Collection[int]) -> list[AcceptedQuote]:
    """Accepted quotes in the order they were made; locked, so that each is billed once."""
    query = _QUOTES.where(
        among(session.connection(), QUOTES.c.contract_id, contracts), QUOTES.c.state == QuoteState.ACCEPTED
    )
    return _with_answers(session, lock_found(session, query, Quote))


def agreed_quotes(session: Session, ticket: int) -> list[AcceptedQuote]:
    """Quotes of a ticket that have a yes, whether their work is accepted or not, in the order they were made."""
    query = _QUOTES.where(QUOTES.c.ticket_id == ticket, QUOTES.c.state.in_(AGREED))
    return _with_answers(session, session.connection().execute(query).all())


def _with_answers(session: Session, rows: Sequence[Any]) -> list[AcceptedQuote]:
    ids = [row[0] for row in rows]
    versions = {(row.quote_id, row.version): row for row in _of_quotes(session, QuoteVersion, ids)}
    approvals = {(row.quote_id, row.version): row for row in _of_quotes(session, Approval, ids)}
    offers = []
    for quote, number, ticket, company, contract, site, version in rows:
        said = approvals.get((quote, version))
        frozen = _frozen(versions.get((quote, version)))
        offers.append(
            AcceptedQuote(quote, number, ticket, company, contract, site, frozen, _yes(said), said.id if said else 0)
        )
    return offers


def standing_times(session: Session, tickets: Collection[int]) -> dict[int, list[Row[Any]]]:
    """All time entries of tickets with paid work that were not replaced, in order of work date."""
    query = select(TIMES, TIMES.c.channel.label("way")).where(among(session.connection(), TIMES.c.ticket_id, tickets))
    query = query.order_by(TIMES.c.work_date, TIMES.c.id)
    every = session.connection().execute(query).all()
    replaced = {row.replaces_id for row in every}
    found: dict[int, list[Row[Any]]] = defaultdict(list)
    for row in every:
        if row.id not in replaced:
            found[row.ticket_id].append(row)
    return found


def draws_of(session: Session, tickets: Collection[int]) -> dict[tuple[int, date, datetime], tuple[Drawn, ...]]:
    """What pools gave, by ticket, work date and the moment of settling; what was reversed doesn't count."""
    entries, pools = table_of(PoolEntry), table_of(Pool)
    reversing = entries.alias("reversing")
    query = (
        select(
            entries.c.ticket_id, entries.c.work_date, entries.c.made_at, pools.c.kind, pools.c.unit, entries.c.amount
        )
        .join(pools, pools.c.id == entries.c.pool_id)
        .where(among(session.connection(), entries.c.ticket_id, tickets), entries.c.kind == EntryKind.CONSUME)
        .where(~exists().where(reversing.c.reverses_id == entries.c.id))
        .order_by(entries.c.id)
    )
    found: dict[tuple[int, date, datetime], tuple[Drawn, ...]] = {}
    for ticket, day, made, kind, unit, amount in session.connection().execute(query).all():
        key = (ticket, day, made)
        found[key] = (*found.get(key, ()), Drawn(kind, amount, unit))
    return found


def minutes_from_pools(session: Session, tickets: Collection[int]) -> dict[int, int]:
    """Minutes that pools took for time that stands, by ticket. What a dispute of the drawing gave back is among them:
    it was promised as covered and isn't charged now (R4.9); time that was taken off is not."""
    if not tickets:
        return {}
    entries, pools = table_of(PoolEntry), table_of(Pool)
    query = (
        select(entries.c.ticket_id, entries.c.amount)
        .join(pools, pools.c.id == entries.c.pool_id)
        .outerjoin(TIMES, TIMES.c.id == entries.c.time_entry_id)
        .where(among(session.connection(), entries.c.ticket_id, tickets))
        .where(entries.c.kind == EntryKind.CONSUME, pools.c.unit == MINUTES)
        .where(TIMES.c.struck_at.is_(None), TIMES.c.disputed_at.is_(None))
    )
    found: dict[int, int] = defaultdict(int)
    for ticket, amount in session.connection().execute(query).all():
        found[ticket] += amount
    return found


def billed_before(session: Session, sources: Collection[str]) -> set[str]:
    """Those of the sources that a statement has already."""
    column = table_of(StatementLine).c.source
    return set(
        session.connection().execute(select(column).where(among(session.connection(), column, sources))).scalars()
    )


def billed_parts(session: Session, quotes: Collection[int]) -> dict[tuple[int, int], Earlier]:
    """What statements have of quotes, by quote and position of the line."""
    lines = table_of(StatementLine)
    query = select(lines.c.quote_id, lines.c.source, lines.c.kopecks, lines.c.quantity).where(
        among(session.connection(), lines.c.quote_id, quotes)
    )
    found: dict[tuple[int, int], Earlier] = {}
    for quote, source, kopecks, quantity in session.connection().execute(query):
        key = (quote, int(_POSITION.fullmatch(source)[1]))  # type: ignore[index]  # a line of a quote has such a source
        before = found.get(key, Earlier())
        found[key] = Earlier(before.gross + kopecks, before.quantity + quantity, before.lines + 1)
    return found


def removed_lines(session: Session, quotes: Collection[int], tickets: Collection[int]) -> list[Row[Any]]:
    """Lines of quotes that were taken off the specification, on site or by a granted dispute; and lines beside the
    quotes of tickets, which are billed as their time."""
    connection = session.connection()
    own = among(connection, LINES.c.quote_id, quotes)
    beside = and_(LINES.c.quote_id.is_(None), among(connection, LINES.c.ticket_id, tickets))
    query = select(LINES).where(LINES.c.removed_at.is_not(None), own | beside)
    return list(connection.execute(query).all())


def items_by_code(session: Session) -> dict[str, Row[Any]]:
    """Works and parts by code."""
    return {row.code: row for row in session.connection().execute(select(table_of(WorkItem)))}


def decisions_of(session: Session, tickets: Collection[int]) -> dict[int, list[Row[Any]]]:
    """Explanations and snapshots of what was decided about tickets, the latest first."""
    decisions = table_of(ScopeDecision)
    query = select(decisions).where(among(session.connection(), decisions.c.ticket_id, tickets))
    found: dict[int, list[Row[Any]]] = defaultdict(list)
    for row in session.connection().execute(query.order_by(decisions.c.id.desc())):
        found[row.ticket_id].append(row)
    return found


def _of_quotes(session: Session, model: Any, quotes: Collection[int]) -> list[Row[Any]]:
    table = table_of(model)
    return list(
        session.connection().execute(select(table).where(among(session.connection(), table.c.quote_id, quotes)))
    )


def _frozen(row: Row[Any] | None) -> FrozenVersion | None:
    if row is None:
        return None
    return FrozenVersion(
        row.lines, row.net, row.vat, row.gross, row.vat_bp, row.up_to, row.lines_hash, row.texts, row.valid_until
    )


def _yes(row: Row[Any] | None) -> Yes | None:
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
