"""Rights to approve as they stood, read for many companies at once; `stands` judges by them (R7.4, R7.9)."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select
from sqlmodel import Session

from bot.billing.quotes.approvers import MAY_APPROVE
from bot.billing.quotes.models import Approval, Quote, TopUp, TopUpState
from bot.billing.quotes.stands import Right, SpentYes
from bot.clients.models import Company, Membership
from bot.db.plain import among, table_of


def rights_held(session: Session, companies: Collection[int]) -> dict[int, list[Right]]:
    """Rights by company, past ones too. A deputy stands in within the same limits, while of the company (R7.6)."""
    members = table_of(Membership)
    rows = session.connection().execute(
        select(members).where(among(session.connection(), members.c.company_id, companies)).order_by(members.c.id)
    )
    found: dict[int, list[Right]] = defaultdict(list)
    by_company: dict[int, list[Row[Any]]] = defaultdict(list)
    for row in rows:
        by_company[row.company_id].append(row)
    limited = [
        company
        for company, held in by_company.items()
        if any(row.month_limit is not None and row.role in MAY_APPROVE for row in held)
    ]
    zones, said = _zones(session, limited), _said(session, limited)
    for company, held in by_company.items():
        for row in held:
            if row.role not in MAY_APPROVE:
                continue
            people = {row.person_id, row.deputy_id} - {None}
            counted = tuple(each for each in said.get(company, ()) if each.person_id in people)
            for person_id, since, until in [
                (row.person_id, row.granted_at, row.ended_at),
                *_as_deputy(row, held),
            ]:
                found[company].append(
                    Right(
                        person_id,
                        since,
                        until,
                        row.job_limit,
                        row.month_limit,
                        row.site_id,
                        counted if row.month_limit is not None else (),
                        zones.get(company, "UTC"),
                    )
                )
    return found


def _as_deputy(right: Row[Any], held: Sequence[Row[Any]]) -> list[tuple[int, datetime, datetime | None]]:
    """The times in which the right's deputy had any role in the company."""
    found = []
    for own in held:
        if right.deputy_id is not None and own.person_id == right.deputy_id:
            ends = [each for each in (right.ended_at, own.ended_at) if each is not None]
            found.append((right.deputy_id, max(right.granted_at, own.granted_at), min(ends, default=None)))
    return found


def _zones(session: Session, companies: Collection[int]) -> dict[int, str]:
    if not companies:
        return {}
    table = table_of(Company)
    query = select(table.c.id, table.c.timezone).where(among(session.connection(), table.c.id, companies))
    return {row.id: row.timezone for row in session.connection().execute(query)}


def _said(session: Session, companies: Collection[int]) -> dict[int, list[SpentYes]]:
    """Every yes to a sum, quotes and top-ups alike: both use up a month's limit."""
    if not companies:
        return {}
    connection = session.connection()
    approvals, quotes, top_ups = table_of(Approval), table_of(Quote), table_of(TopUp)
    to_quotes = (
        select(quotes.c.company_id, approvals.c.person_id, approvals.c.gross, approvals.c.decided_at)
        .join(quotes, quotes.c.id == approvals.c.quote_id)
        .where(among(connection, quotes.c.company_id, companies), approvals.c.approved)
    )
    to_hours = select(top_ups.c.company_id, top_ups.c.approved_by, top_ups.c.kopecks, top_ups.c.approved_at).where(
        among(connection, top_ups.c.company_id, companies), top_ups.c.state == TopUpState.APPROVED
    )
    found: dict[int, list[SpentYes]] = defaultdict(list)
    for query in (to_quotes, to_hours):
        for company, person_id, gross, at in connection.execute(query):
            if person_id is not None:
                found[company].append(SpentYes(person_id, gross, at))
    return found
