"""Statements and their lines as finance and owner are shown them. Money in kopecks with VAT inside."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from bot.billing.documents.dispute_line import line_for
from bot.billing.documents.issued import (
    LineState,
    LineYes,
    StatementView,
    drawn_for,
    entries_of_line,
    left_to_pay,
    statement_for,
    statements_of,
    yes_of_line,
)
from bot.billing.statements.models import StatementLine
from bot.billing.statements.rule import Drawn, LeftOut, LineKind
from bot.billing.work.rounding import Way
from bot.db.errors import NotAllowed
from bot.handlers.common.company import company_for, person_of
from bot.handlers.common.conversation import Conversation
from bot.handlers.common.pages import page_of

PAGE = 8


@dataclass(frozen=True, slots=True)
class ListedStatement:
    """A month that was closed."""

    id: int
    month: date
    gross: int


@dataclass(frozen=True, slots=True)
class StatementList:
    """A page of a company's statements, the newest first."""

    company_id: int
    company: str
    statements: Sequence[ListedStatement]
    page: int
    pages: int


@dataclass(frozen=True, slots=True)
class IssuedPaper:
    """An invoice, an act or a credit note that can be had as a file."""

    id: int
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementCard:
    """A statement in short: sums by kind of line, minutes `raw`, `billed` and `covered`, and how many lines are `late`
    or `disputed`. `left` is to be paid until `due`; `payable`: the invoice that can be paid in the chat."""

    statement_id: int
    company_id: int
    company: str
    contract: str
    month: date
    gross: int
    vat: int | None
    fee: int
    bought: int
    paid_work: int
    covered: int
    raw: int
    billed: int
    late: int
    left_out: Sequence[LeftOut]
    disputed: int
    papers: Sequence[IssuedPaper]
    left: int
    due: date | None
    payable: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedLine:
    """A line of a statement, with what became of it since."""

    id: int
    position: int
    name: str
    ticket_number: int | None
    work_date: date
    late: bool
    kind: LineKind
    gross: int
    vat: int
    raw_minutes: int
    billed_minutes: int
    state: LineState | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementLinesPage:
    """A page of a statement's lines."""

    statement_id: int
    month: date
    contract: str
    lines: Sequence[ListedLine]
    page: int
    pages: int


@dataclass(frozen=True, slots=True)
class StatedTime:
    """A time entry that a line leads to: minutes spent, and counted."""

    work_date: date
    way: Way
    minutes: int
    billed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LineCard:
    """One line with its yes, what pools gave for it and its time entries (R11.1); moments in the client's zone."""

    statement_id: int
    line: ListedLine
    draws: Sequence[Drawn]
    yes: LineYes | None
    entries: Sequence[StatedTime]
    zone: str


@dataclass(frozen=True, slots=True)
class LineQuestion:
    """What is wrong with this line."""

    statement_id: int
    name: str


@dataclass(frozen=True, slots=True)
class PaperFile:
    """An invoice, an act or a credit note as a file."""

    kind: str
    number: int
    issued: date


@dataclass(frozen=True, slots=True)
class DetailsFile:
    """A statement as a spreadsheet."""

    contract: str
    month: date


@dataclass(frozen=True, slots=True)
class PaidInvoice:
    """What was received for an invoice, and what is left of it."""

    statement_id: int | None
    number: int
    issued: date
    kopecks: int
    left: int


def statement_list(turn: Conversation, company_id: int, page: int) -> StatementList:
    """The page that was asked for, or the nearest one there is. Raises NotAllowed."""
    company = company_for(turn, company_id)
    if not turn.is_private:
        raise NotAllowed
    found = statements_of(turn.session, company_id, person_of(turn))
    shown = page_of(found, page, PAGE)
    listed = [ListedStatement(each.id, each.period_start, each.gross) for each in shown.rows]
    return StatementList(company_id, company.name, listed, shown.number, shown.pages)


def statement_card(turn: Conversation, view: StatementView, provider_token: str) -> StatementCard:
    """A statement in short, as it stands at this moment."""
    invoice = view.invoice
    left = left_to_pay(turn.session, invoice) if invoice is not None else 0
    return StatementCard(
        statement_id=view.statement.id,
        company_id=view.company.id,
        company=view.company.name,
        contract=view.contract.number,
        month=view.statement.period_start,
        gross=view.statement.gross,
        vat=view.statement.vat if view.statement.vat_bp is not None else None,
        fee=_sum_of(view, LineKind.FEE),
        bought=_sum_of(view, LineKind.TOP_UP),
        paid_work=_sum_of(view, LineKind.QUOTE),
        covered=view.covered_minutes,
        raw=sum(line.raw_minutes for line in view.lines),
        billed=sum(line.billed_minutes for line in view.lines),
        late=sum(line.late for line in view.lines),
        left_out=view.left_out,
        disputed=len(view.disputed),
        papers=[IssuedPaper(each.id, each.kind) for each in view.documents],
        left=left,
        due=invoice.due if invoice is not None else None,
        payable=invoice.id if invoice is not None and left > 0 and provider_token else None,
    )


def lines_page(view: StatementView, page: int) -> StatementLinesPage:
    """The page that was asked for, or the nearest one there is."""
    shown = page_of(view.lines, page, PAGE)
    return StatementLinesPage(
        statement_id=view.statement.id,
        month=view.statement.period_start,
        contract=view.contract.number,
        lines=[_listed(view, line) for line in shown.rows],
        page=shown.number,
        pages=shown.pages,
    )


def line_card(turn: Conversation, line_id: int) -> LineCard:
    """One line. Raises NotFound, NotAllowed for anyone but finance and owner of its company."""
    line = line_for(turn.uow, line_id, person_of(turn))
    view = statement_for(turn.session, line.statement_id, person_of(turn))
    return LineCard(
        statement_id=line.statement_id,
        line=_listed(view, line),
        draws=drawn_for(line),
        yes=yes_of_line(turn.session, line),
        entries=[
            StatedTime(each.work_date, Way(each.way), each.minutes, each.billed_minutes or 0)
            for each in entries_of_line(turn.session, line_id)
        ],
        zone=view.company.timezone,
    )


def _sum_of(view: StatementView, kind: LineKind) -> int:
    return sum(line.gross for line in view.lines if line.kind == kind)


def _listed(view: StatementView, line: StatementLine) -> ListedLine:
    return ListedLine(
        id=line.id,
        position=line.position,
        name=line.name,
        ticket_number=line.ticket_number,
        work_date=line.work_date,
        late=line.late,
        kind=LineKind(line.kind),
        gross=line.gross,
        vat=line.vat,
        raw_minutes=line.raw_minutes,
        billed_minutes=line.billed_minutes,
        state=view.state_of(line),
    )
