"""What a ticket's time entries bill of the sum they are rounded in (R5.5)."""

from collections.abc import Hashable
from typing import Any

from sqlmodel import Session, col, select

from bot.billing.terms.of_contract import terms_by_day
from bot.billing.terms.shape import PlanTerms
from bot.billing.work.models import TimeEntry
from bot.billing.work.rounding import Rounding, RoundingScope, Spent, Way, round_entries
from bot.tickets.life.models import Ticket


def count_minutes(session: Session, ticket: Ticket) -> None:
    """Set the billed minutes of entries that aren't settled yet: acceptance in parts doesn't change the sum of a group,
    and what was settled stays (R5.5). To be called whenever an entry comes, is replaced or is taken off."""
    rows = standing_entries(session, ticket.id)
    terms = terms_by_day(session, ticket.contract_id, [row.work_date for row in rows])
    alike: dict[Rounding, list[TimeEntry]] = {}
    for row in rows:
        alike.setdefault(rounding_of(terms[row.work_date]), []).append(row)
    for rounding, members in alike.items():
        for group in round_entries([_spent(row) for row in members], rounding):
            for position, share in zip(group.entries, group.shares, strict=True):
                members[position].billed_minutes = share
    session.flush()


def standing_entries(session: Session, ticket_id: int) -> list[TimeEntry]:
    """Entries that were neither replaced nor taken off, in order of work date, then id."""
    query = select(TimeEntry).where(TimeEntry.ticket_id == ticket_id)
    rows = session.exec(query.order_by(col(TimeEntry.work_date), col(TimeEntry.id))).all()
    replaced = {row.replaces_id for row in rows}
    return [row for row in rows if row.id not in replaced and row.struck_at is None]


def rounding_of(terms: PlanTerms) -> Rounding:
    """How a contract rounds time."""
    return Rounding(RoundingScope(terms.rounding), terms.step, terms.minimum_remote, terms.minimum_visit)


def settled_together(entry: Any, scope: RoundingScope) -> tuple[Hashable, ...]:
    """What entries have in common whose added minutes go to one band: the group they are rounded in, and when it was
    settled."""
    if scope is RoundingScope.ENTRY:
        return (entry.id,)
    return entry.settled_at, entry.way, entry.work_date if scope is RoundingScope.TICKET_DAY else None


def _spent(row: TimeEntry) -> Spent:
    settled = None if row.settled_at is None else row.billed_minutes or 0
    return Spent(row.minutes, row.ticket_id, row.work_date, Way(row.way), settled)
