"""What must hold of consent, hours, statements and documents whatever was done before, for tests that do anything."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from sqlmodel import Session, col, select

from bot.billing.documents.models import CreditedLine, Document
from bot.billing.hours.balances import balance_of, pool_history
from bot.billing.hours.holds import held
from bot.billing.hours.models import EntryKind, PeriodLock, Pool, PoolEntry
from bot.billing.quotes.models import Approval, Quote, QuoteState, QuoteVersion, TopUp, TopUpState
from bot.billing.quotes.send import text_hash
from bot.billing.statements.models import StatedEntry, Statement, StatementLine
from bot.billing.statements.rule import TOP_UP
from bot.billing.work.models import TimeEntry, WorkLine
from bot.tickets.life.models import Ticket, TicketState
from tests.builders.jobs import Firm

STANDING = (
    QuoteState.APPROVED,
    QuoteState.IN_WORK,
    QuoteState.DONE,
    QuoteState.ACCEPTED,
    QuoteState.INVOICED,
    QuoteState.PAID,
)


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
        assert line.net + line.vat == line.gross
    papers = session.exec(select(Document)).all()
    for row in session.exec(select(Statement)).all():
        mine = lines[row.id]
        assert row.gross == sum(each.gross for each in mine) == row.net + row.vat
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
            assert paper.gross == sum(each.gross for each in mine)


def check_nothing_unapproved(session: Session) -> None:
    """Every line with a sum, except the fee, rests on a yes to what is billed, and bills no more than it (R7.9)."""
    billed: Counter[int] = Counter()
    for line in session.exec(select(StatementLine).where(col(StatementLine.gross) > 0)).all():
        if line.kind == "quote":
            billed[line.approval_id or 0] += line.gross
            assert line.quote_id == session.get_one(Approval, line.approval_id).quote_id
        elif line.kind == "top_up":
            bought = session.get_one(TopUp, int(line.source.removeprefix(TOP_UP)))
            assert (bought.state, bought.kopecks) == (TopUpState.APPROVED, line.gross)
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
        assert line.raw_minutes == sums[line.id]


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


def check_consent(session: Session, company_id: int) -> None:
    """One decision per version, one yes per quote, and nothing done for money without it (R7.4, R7.9)."""
    quotes = session.exec(select(Quote).where(Quote.company_id == company_id)).all()
    for quote in quotes:
        decisions = session.exec(select(Approval).where(Approval.quote_id == quote.id)).all()
        assert max(Counter(each.version for each in decisions).values(), default=0) <= 1
        yes = [each for each in decisions if each.approved]
        assert len(yes) <= 1
        if quote.state in STANDING:
            assert [each.version for each in yes] == [quote.version]
        for each in yes:
            shown = session.exec(
                select(QuoteVersion).where(QuoteVersion.quote_id == quote.id, QuoteVersion.version == each.version)
            ).one()
            assert (each.gross, each.text_hash) == (shown.gross, text_hash(each.text))
            assert each.text in shown.texts.values()
            assert each.decided_at <= shown.valid_until
    closed = session.exec(
        select(WorkLine, Ticket.id)
        .join(Ticket, col(Ticket.id) == col(WorkLine.ticket_id))
        .where(Ticket.company_id == company_id, Ticket.state == TicketState.CLOSED)
        .where(col(WorkLine.quote_id).is_not(None), col(WorkLine.removed_at).is_(None))
    ).all()
    for line, _ticket in closed:
        assert session.get_one(Quote, line.quote_id).state in STANDING


def check_hours(session: Session, firm: Firm, tickets: list[int]) -> None:
    """The balance is the sum of the entries, holds are those of the tickets, a closed ticket holds nothing (R4.3)."""
    pools = session.exec(select(Pool).where(Pool.contract_id == firm.contract)).all()
    balances = [balance_of(session, pool) for pool in pools]
    for pool, shown in zip(pools, balances, strict=True):
        assert pool_history(session, pool)[-1].balance == shown.left
        assert 0 <= shown.held <= shown.granted
        assert shown.left >= 0
        assert shown.left == shown.granted - shown.used - shown.held - shown.sums.expired
    assert sum(shown.held for shown in balances) == sum(sum(held(session, ticket).values()) for ticket in tickets)
    for ticket in session.exec(select(Ticket).where(Ticket.company_id == firm.company)).all():
        if ticket.state is TicketState.CLOSED:
            assert held(session, ticket.id) == {}
