"""Issued statements and documents, read for people: queries beside their models."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from sqlmodel import Session, col, func, select

from bot.billing.debts.rights import may_see_money
from bot.billing.documents.models import CreditedLine, Document, LineDispute, Payment, Sending
from bot.billing.quotes.models import Approval, TopUp
from bot.billing.statements.models import StatedEntry, Statement, StatementLine
from bot.billing.statements.rule import TOP_UP, Drawn, LeftOut
from bot.billing.work.models import TimeEntry
from bot.clients.models import Company, Contract, Person
from bot.db.errors import NotAllowed, NotFound


class LineState(StrEnum):
    """What became of a line since it was issued."""

    DISPUTED = "disputed"
    CREDITED = "credited"


@dataclass(frozen=True, slots=True)
class StatementView:
    """A statement with its lines in order, its documents, and what became of lines since."""

    statement: Statement
    company: Company
    contract: Contract
    lines: Sequence[StatementLine]
    documents: Sequence[Document]
    disputed: frozenset[int]
    credited: frozenset[int]

    @property
    def invoice(self) -> Document | None:
        """The invoice, where anything was charged."""
        return next((each for each in self.documents if each.kind == "invoice"), None)

    @property
    def left_out(self) -> list[LeftOut]:
        """What it doesn't bill, and why."""
        return [LeftOut(**each) for each in self.statement.left_out]

    def state_of(self, line: StatementLine) -> LineState | None:
        """A dispute that nobody has settled goes before what was taken back."""
        if line.id in self.disputed:
            return LineState.DISPUTED
        return LineState.CREDITED if line.id in self.credited else None

    @property
    def covered_minutes(self) -> int:
        """Billed minutes that pools, fee or warranty paid."""
        return sum(line.billed_minutes for line in self.lines if not line.gross)


@dataclass(frozen=True, slots=True)
class ClosedMonth:
    """A month by its first day: its invoices, their sum in kopecks, how many were not sent yet."""

    day: date
    count: int
    gross: int
    unsent: int


def statements_of(session: Session, company_id: int, by: int) -> list[Statement]:
    """Statements of a company, the newest first. Raises NotAllowed for anyone but finance and owner."""
    if not may_see_money(session, company_id, by):
        raise NotAllowed
    query = select(Statement).where(Statement.company_id == company_id)
    return list(session.exec(query.order_by(col(Statement.period_start).desc(), col(Statement.id))).all())


def statement_for(session: Session, statement_id: int, by: int) -> StatementView:
    """One statement. Raises NotFound, NotAllowed for anyone but finance and owner of its company."""
    view = statement_view(session, statement_id)
    if not may_see_money(session, view.statement.company_id, by):
        raise NotAllowed
    return view


def statement_view(session: Session, statement_id: int) -> StatementView:
    """One statement, whoever asks. Raises NotFound."""
    row = session.get(Statement, statement_id)
    if row is None:
        raise NotFound
    lines = session.exec(
        select(StatementLine).where(StatementLine.statement_id == statement_id).order_by(col(StatementLine.position))
    ).all()
    documents = session.exec(
        select(Document).where(Document.statement_id == statement_id).order_by(col(Document.id))
    ).all()
    ids = [line.id for line in lines]
    disputed = session.exec(
        select(LineDispute.line_id).where(col(LineDispute.line_id).in_(ids), col(LineDispute.settled).is_(None))
    ).all()
    credited = session.exec(select(CreditedLine.line_id).where(col(CreditedLine.line_id).in_(ids))).all()
    return StatementView(
        row,
        session.get_one(Company, row.company_id),
        session.get_one(Contract, row.contract_id),
        lines,
        documents,
        frozenset(disputed),
        frozenset(credited),
    )


def entries_of_line(session: Session, line_id: int) -> list[TimeEntry]:
    """Time entries that a line leads to, oldest first (R11.1)."""
    query = (
        select(TimeEntry)
        .join(StatedEntry, col(StatedEntry.entry_id) == col(TimeEntry.id))
        .where(StatedEntry.line_id == line_id)
        .order_by(col(TimeEntry.work_date), col(TimeEntry.id))
    )
    return list(session.exec(query).all())


def drawn_for(line: StatementLine) -> list[Drawn]:
    """What pools gave for a line."""
    return [Drawn(**each) for each in line.draws]


def approval_of_line(session: Session, line: StatementLine) -> Approval | None:
    """The approval that a paid line rests on (R7.9)."""
    return session.get(Approval, line.approval_id) if line.approval_id is not None else None


@dataclass(frozen=True, slots=True)
class LineYes:
    """Who said yes to a line, and when; nobody by name where a limit agreed beforehand did."""

    person: str | None
    decided_at: datetime


def yes_of_line(session: Session, line: StatementLine) -> LineYes | None:
    """The yes that a line of approved work or of bought hours rests on (R7.9)."""
    approval = approval_of_line(session, line)
    if approval is not None:
        return LineYes(approval.person_name, approval.decided_at)
    return top_up_of_line(session, line)


def top_up_of_line(session: Session, line: StatementLine) -> LineYes | None:
    """The yes that a line of bought hours rests on (R7.9)."""
    if not line.source.startswith(TOP_UP):
        return None
    top_up = session.get_one(TopUp, int(line.source.removeprefix(TOP_UP)))
    person = session.get(Person, top_up.approved_by)
    return LineYes(person.name, top_up.approved_at) if person is not None and top_up.approved_at is not None else None


def document_for(session: Session, document_id: int, by: int) -> Document:
    """A document. Raises NotFound, NotAllowed for anyone but finance and owner of its company."""
    document = session.get(Document, document_id)
    if document is None:
        raise NotFound
    if not may_see_money(session, document.company_id, by):
        raise NotAllowed
    return document


def lines_of_document(session: Session, document: Document) -> list[StatementLine]:
    """Lines printed on a document: those with a sum; of a credit note those it takes back."""
    query = select(StatementLine).where(col(StatementLine.gross) > 0)
    if document.kind == "credit":
        query = query.join(CreditedLine, col(CreditedLine.line_id) == col(StatementLine.id))
        query = query.where(CreditedLine.document_id == document.id)
    else:
        query = query.where(StatementLine.statement_id == document.statement_id)
    return list(session.exec(query.order_by(col(StatementLine.position))).all())


def left_to_pay(session: Session, invoice: Document) -> int:
    """Kopecks of an invoice that are neither paid nor credited."""
    paid = session.exec(
        select(func.coalesce(func.sum(Payment.kopecks), 0)).where(Payment.document_id == invoice.id)
    ).one()
    credited = session.exec(
        select(func.coalesce(func.sum(Document.gross), 0)).where(Document.reverses_id == invoice.id)
    ).one()
    return invoice.gross - int(paid) - int(credited)


def months_with_documents(session: Session, limit: int = 12) -> list[ClosedMonth]:
    """Closed months, the newest first."""
    invoices = func.count(col(Document.id))
    sent = func.count(col(Sending.document_id))
    query = (
        select(col(Statement.period_start), invoices, func.sum(col(Document.gross)), sent)
        .join(Document, (col(Document.statement_id) == col(Statement.id)) & (col(Document.kind) == "invoice"))
        .outerjoin(Sending, col(Sending.document_id) == col(Document.id))
        .group_by(col(Statement.period_start))
        .order_by(col(Statement.period_start).desc())
        .limit(limit)
    )
    return [ClosedMonth(day, count, int(gross), count - done) for day, count, gross, done in session.exec(query).all()]
