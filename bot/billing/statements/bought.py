"""Top-ups of many contracts that go into their statements, each once, and only with a yes that stands (R7.9, R11.1)."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date

from sqlmodel import Session, col, select

from bot.billing.quotes.models import TopUp, TopUpState
from bot.billing.quotes.rights_held import rights_held
from bot.billing.quotes.rule import ApprovalWay
from bot.billing.quotes.stands import Flaw, Right, Yes, flaw_of_hours, reaching
from bot.billing.statements.models import StatementLine
from bot.billing.statements.rule import TOP_UP, BoughtHours, LeftOut
from bot.calendar.periods import Period
from bot.db.clock import day_of
from bot.db.locks import lock_where
from bot.db.plain import among
from bot.messaging.notices.texts import label

LANGUAGE = "ru"  # documents for Russian accounting


@dataclass(slots=True)
class Bought:
    """One contract's top-ups: those to bill, and those left out with the reason."""

    hours: list[BoughtHours] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)


def bought_hours(
    session: Session, contracts: Collection[int], zones: dict[int, str], period: Period
) -> dict[int, Bought]:
    """Top-ups by contract id, approved by the end of the period and in no statement yet; locks them.

    `zones` are the clients' time zones by contract. What was never approved is not read at all.
    """
    mine = among(session.connection(), col(TopUp.contract_id), contracts)
    rows = lock_where(session, TopUp, mine, TopUp.state == TopUpState.APPROVED)
    sources = [f"{TOP_UP}{row.id}" for row in rows]
    billed = set(session.exec(select(StatementLine.source).where(col(StatementLine.source).in_(sources))).all())
    if not rows:
        return {}
    rights = rights_held(session, {row.company_id for row in rows})
    found: dict[int, Bought] = defaultdict(Bought)
    for row in rows:
        day = _day(row, zones[row.contract_id])
        if f"{TOP_UP}{row.id}" in billed or day > period.end:
            continue
        name = label("statement.top_up", LANGUAGE, minutes=row.minutes)
        flaw = _flaw(row, reaching(rights[row.company_id], None))
        if flaw is None:
            found[row.contract_id].hours.append(BoughtHours(row.id, name, row.kopecks or 0, day))
        else:
            found[row.contract_id].left_out.append(LeftOut(None, name, flaw.value))
    return found


def _day(row: TopUp, zone: str) -> date:
    return day_of(row.approved_at or row.asked_at, zone)


def _flaw(row: TopUp, rights: Sequence[Right]) -> Flaw | None:
    yes = None
    if row.approved_at is not None and row.kopecks:
        text, said = row.approved_text, row.approved_at
        yes = Yes(True, ApprovalWay.BUTTON, row.approved_by, text, row.text_hash, row.kopecks, said)
    return flaw_of_hours(row.kopecks or 0, row.valid_until, row.texts, yes, rights)
