"""What must hold of statements and documents whatever was done before, for tests that do anything."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from sqlmodel import Session, col, select

from bot.billing.document_models import CreditedLine, Document, StatedEntry, Statement, StatementLine
from bot.billing.models import Approval, EntryKind, PoolEntry, Quote, QuoteVersion, TimeEntry
from bot.billing.pool_models import PeriodLock
from bot.billing.statement import TOP_UP
from bot.billing.top_up_models import TopUp, TopUpState


def issued(session: Session) -> dict[str, Any]:
    """Everything that was issued, to be compared with the same later: only ever added to."""
    lines = session.exec(select(StatementLine)).all()
    documents = session.exec(select(Document)).all()
    return {
        **{f"statement {row.id}": row.model_dump() for row in session.exec(select(Statement)).all()},
        **{f"line {row.id}": row.model_dump() for row in lines},
        **{row.code: row.model_dump() for row in documents},
    }


def check_unchanged(session: Session, before: Mapping[str, Any]) -> None:
    """Nothing that was issued is another one now (R11.1)."""
    now = issued(session)
    assert {name: now.get(name) for name in before} == before


def check_sums(session: Session) -> None:
    """Documents are the sums of their lines, VAT too; numbers have no gaps (R6.2, R11.1)."""
    lines: dict[int, list[StatementLine]] = {}
    for line in session.exec(select(StatementLine)).all():
        lines.setdefault(line.statement_id, []).append(line)
        assert line.net + line.vat == line.kopecks
    papers = session.exec(select(Document)).all()
    for row in session.exec(select(Statement)).all():
        mine = lines[row.id or 0]
        assert row.gross == sum(each.kopecks for each in mine) == row.net + row.vat
        assert row.vat == sum(each.vat for each in mine)
        kinds = {each.kind: each.gross for each in papers if each.statement_id == row.id}
        assert kinds == ({"invoice": row.gross, "act": row.gross} if row.gross else {})
        for each in mine:
            assert each.late == (each.work_date < row.period_start)
            assert each.work_date <= row.period_end
    for kind in ("invoice", "act", "credit"):
        numbers: dict[int, list[int]] = {}
        for each in papers:
            if each.kind == kind:
                numbers.setdefault(each.year, []).append(each.number)
        for taken in numbers.values():
            assert sorted(taken) == list(range(1, len(taken) + 1))
    credited = session.exec(select(CreditedLine)).all()
    by_id = {line.id: line for each in lines.values() for line in each}
    for paper in papers:
        if paper.kind == "credit":
            mine = [by_id[each.line_id] for each in credited if each.document_id == paper.id]
            assert paper.gross == sum(each.kopecks for each in mine)


def check_nothing_unapproved(session: Session) -> None:
    """Every line with a sum, except the fee, rests on a yes to what is billed, and bills no more than it (R7.9)."""
    billed: Counter[int] = Counter()
    for line in session.exec(select(StatementLine).where(col(StatementLine.kopecks) > 0)).all():
        if line.kind == "quote":
            billed[line.approval_id or 0] += line.kopecks
            assert line.quote_id == session.get_one(Approval, line.approval_id).quote_id
        elif line.kind == "top_up":
            bought = session.get_one(TopUp, int(line.source.removeprefix(TOP_UP)))
            assert (bought.state, bought.kopecks) == (TopUpState.APPROVED, line.kopecks)
            assert bought.approved_at <= bought.valid_until
        else:
            assert line.kind == "fee"
    for approval_id, kopecks in billed.items():
        said = session.get_one(Approval, approval_id)
        quote = session.get_one(Quote, said.quote_id)
        version = session.exec(
            select(QuoteVersion).where(QuoteVersion.quote_id == quote.id, QuoteVersion.version == said.version)
        ).one()
        assert said.approved
        assert said.version == quote.version
        assert kopecks <= said.gross == version.gross
        assert said.decided_at <= version.valid_until


def check_stated_once(session: Session) -> None:
    """A time entry is in one statement at most, with its minutes; none that stands disputed or was replaced."""
    replaced = set(session.exec(select(TimeEntry.replaces_id)).all())
    sums: Counter[int] = Counter()
    for stated in session.exec(select(StatedEntry)).all():
        entry = session.get_one(TimeEntry, stated.entry_id)
        assert entry.id not in replaced
        sums[stated.line_id] += entry.minutes
    for line in session.exec(select(StatementLine)).all():
        assert line.raw_minutes == sums[line.id or 0]


def check_locked(session: Session) -> None:
    """What was drawn after its month was locked is marked so (R4.4)."""
    for lock in session.exec(select(PeriodLock)).all():
        drawn = session.exec(
            select(PoolEntry).where(
                PoolEntry.kind == EntryKind.CONSUME,
                col(PoolEntry.made_at) > lock.locked_at,
                col(PoolEntry.work_date) <= lock.locked_until,
            )
        ).all()
        assert all(entry.late for entry in drawn)
