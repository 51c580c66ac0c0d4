"""Accounting's debts, and the money that came for our invoices (R9.3)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlmodel import Session, select

from bot.billing.debts.owed import last_report
from bot.billing.debts.report import OlderReport, Reported, bring_report
from bot.billing.documents.models import Document
from bot.billing.documents.pay import book_payment
from bot.db.unit_of_work import UnitOfWork
from bot.imports.files.findings import BadImportError, Mistake
from bot.imports.known import Known
from bot.imports.load.writing import Writer
from bot.imports.rows.kinds import PaymentRow
from bot.imports.tables import Checked, Tables


@dataclass(frozen=True, order=True, slots=True)
class EndedDebt:
    """An invoice that accounting reports no more: whose, its number, what was left to pay in kopecks."""

    company: str
    number: str
    kopecks: int


@dataclass(frozen=True, slots=True)
class EndedDebts:
    """Debts that accounting reports no more, of how many there were."""

    invoices: tuple[EndedDebt, ...] = ()
    of: int = 0

    @property
    def ended(self) -> int:
        """How many they are."""
        return len(self.invoices)

    @property
    def kopecks(self) -> int:
        """What they are in all."""
        return sum(each.kopecks for each in self.invoices)

    @property
    def most(self) -> bool:
        """Whether more than half of the debts are gone: the sheet may be a part of the report."""
        return self.ended * 2 > self.of


def load_debts(uow: UnitOfWork, tables: Tables, known: Known, writer: Writer, today: date) -> EndedDebts:
    """Make accounting's debts what the sheet reports as of its day, today where it names none; an invoice that is no
    longer in it is paid.

    An empty sheet reports that nobody owes anything; a file without the sheet reports nothing. Returns what ended so.
    Raises BadImportError for rows of two days, of a day ahead, or of one before the report that is here.
    """
    if "debts" not in tables.there:
        return EndedDebts()
    rows = tables.of("debts")
    as_of = _day_of(rows, today, last_report(uow.session))
    reported = [
        Reported(
            company_id=known.companies[each.row.company].id,
            number=each.row.invoice,
            issued_on=each.row.issued,
            kopecks=each.row.amount,
            due=each.row.due,
            disputed=each.row.disputed,
        )
        for each in rows
    ]
    try:
        brought = bring_report(uow, as_of, reported)
    except OlderReport:
        raise BadImportError([_mistake(rows[0], "as_of", "older_report", f"{as_of:%d.%m.%Y}")]) from None
    if rows:
        count = writer.count("debts")
        count.added, count.changed, count.same = brought.added, brought.changed, brought.same
    names = {company.id: company.name for company in known.companies.values()}
    gone = sorted(EndedDebt(names[debt.company_id], debt.invoice, debt.kopecks) for debt in brought.ended)
    return EndedDebts(tuple(gone), brought.before)


def load_payments(uow: UnitOfWork, tables: Tables, known: Known, writer: Writer) -> None:
    """Book what came for our invoices; the same payment again changes nothing. Raises BadImportError naming every row
    whose invoice is none of ours."""
    findings: list[Mistake] = []
    for each in tables.of("payments"):
        row: PaymentRow = each.row
        invoice = _invoice(uow.session, known.companies[row.company].id, row)
        if invoice is None:
            findings.append(_mistake(each, "invoice", "unknown_invoice", row.invoice))
            continue
        new = book_payment(uow, invoice, row.amount, f"import:{row.company}:{row.number}:{row.paid}", row.paid)
        count = writer.count("payments")
        count.added, count.same = count.added + new, count.same + (not new)
    if findings:
        raise BadImportError(findings)


def _day_of(rows: Sequence[Checked], today: date, newest: date | None) -> date:
    named = [each for each in rows if each.row.as_of is not None]
    if not named:
        return max(today, newest or today)  # what names no day is the news, whatever the clock says
    first: date = named[0].row.as_of
    for each in named:
        if each.row.as_of != first:
            raise BadImportError([_mistake(each, "as_of", "two_days", f"{each.row.as_of:%d.%m.%Y}")])
    if first > today:
        raise BadImportError([_mistake(named[0], "as_of", "day_ahead", f"{first:%d.%m.%Y}")])
    return first


def _invoice(session: Session, company_id: int, row: PaymentRow) -> Document | None:
    """The invoice of this number, of the newest year where no date is given."""
    query = select(Document).where(
        Document.kind == "invoice", Document.company_id == company_id, Document.number == row.invoice
    )
    if row.issued is not None:
        query = query.where(Document.issued_on == row.issued)
    found = session.exec(query).all()
    return max(found, key=lambda document: document.issued_on, default=None)


def _mistake(each: Checked, column: str, key: str, value: object) -> Mistake:
    return Mistake(each.sheet.at(each.line, column), key, {"value": value})
