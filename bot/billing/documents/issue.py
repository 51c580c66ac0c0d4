"""Write statements with their invoices and acts: many contracts at once, in the caller's transaction (R11.1)."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, update
from sqlmodel import Session

from bot.billing.debts.models import Debt
from bot.billing.documents.models import Document
from bot.billing.documents.owing import debts_of_invoices
from bot.billing.hours.period_lock import lock_periods
from bot.billing.quotes.models import Quote, QuoteState
from bot.billing.seller.needs import Need, requisites_needed
from bot.billing.seller.particulars import seller_of
from bot.billing.statements.models import StatedEntry, Statement, StatementLine
from bot.billing.statements.rule import DraftLine, LeftOut, StatementDraft
from bot.calendar.periods import Period
from bot.clients.models import Company, Contract, Seller
from bot.clients.policy import policy
from bot.db.errors import Refusal
from bot.db.numbering import take_numbers
from bot.db.plain import among, put_rows, table_of, take_ids
from bot.db.unit_of_work import UnitOfWork
from bot.sums.vat import Regime


class BadRequisitesError(Refusal):
    """The seller's requisites can't stand on a document; `needs` are those that are missing or wrong (R11.2)."""

    key = "refusal.requisites"

    def __init__(self, needs: Sequence[Need]) -> None:
        super().__init__(needs=needs)
        self.needs = tuple(needs)


@dataclass(frozen=True, slots=True)
class Ready:
    """A contract's drafted statement, with what it leaves out and the quotes it bills to the end."""

    contract: Contract
    company: Company
    draft: StatementDraft
    left_out: Sequence[LeftOut] = ()
    quotes_done: Sequence[int] = ()


def checked_seller(session: Session) -> Seller:
    """The seller, whose control keys are right (R11.2). Raises BadRequisitesError."""
    seller = seller_of(session)
    needs = requisites_needed(seller) if seller is not None else (Need("seller"),)
    if seller is None or needs:
        raise BadRequisitesError(needs)
    return seller


def issue(uow: UnitOfWork, seller: Seller, period: Period, regime: Regime, ready: Sequence[Ready]) -> list[int]:
    """Write statements, lines, and an act and an invoice for each sum above zero; returns statement ids in order.

    The act is of the period's last day, the invoice of today where the seller is. Numbers are taken in this
    transaction: if it fails, no number is lost.
    """
    if not ready:
        return []
    connection = uow.session.connection()
    ids = _statements(connection, uow, period, regime, ready)
    _lines(connection, ids, ready)
    _documents(uow, seller, period, regime, list(zip(ids, ready, strict=True)))
    lock_periods(uow, [each.contract.id for each in ready], period.end)
    done = [quote for each in ready for quote in each.quotes_done]
    if done:
        quotes = table_of(Quote)
        connection.execute(update(quotes).where(among(connection, quotes.c.id, done)).values(state=QuoteState.INVOICED))
    return ids


def parties(seller: Seller, company: Company, contract: Contract) -> dict[str, Any]:
    """Requisites as they are printed, kept with the document."""
    given = ("name", "inn", "kpp", "account", "bank", "bic", "corr_account", "phone")
    return {
        "seller": {key: getattr(seller, key) for key in given},
        "buyer": {"name": company.name, "inn": company.inn, "code": company.code},
        "contract": {"number": contract.number, "from": contract.starts.isoformat()},
    }


def document_code(kind: str, seller_id: int, year: int, number: int) -> str:
    """The stable external id of a document (R11.3)."""
    return f"{kind}-{seller_id}-{year}-{number:06}"


def _statements(
    connection: Connection, uow: UnitOfWork, period: Period, regime: Regime, ready: Sequence[Ready]
) -> list[int]:
    rows = [
        {
            "contract_id": each.contract.id,
            "company_id": each.company.id,
            "period_start": period.start,
            "period_end": period.end,
            "vat_bp": regime.rate,
            "net": each.draft.net,
            "vat": each.draft.vat,
            "gross": each.draft.gross,
            "left_out": [asdict(left) for left in each.left_out],
            "issued_at": uow.now,
        }
        for each in ready
    ]
    return _put(connection, Statement, rows)


def _lines(connection: Connection, ids: Sequence[int], ready: Sequence[Ready]) -> None:
    rows: list[dict[str, Any]] = []
    entries: list[tuple[int, ...]] = []
    for statement_id, each in zip(ids, ready, strict=True):
        for position, line in enumerate(each.draft.lines, 1):
            rows.append(_row(statement_id, position, line))
            entries.append(line.entries)
    line_ids = _put(connection, StatementLine, rows)
    stated = [
        {"entry_id": entry, "line_id": line_id}
        for line_id, group in zip(line_ids, entries, strict=True)
        for entry in group
    ]
    put_rows(connection, table_of(StatedEntry), stated)


def _row(statement_id: int, position: int, line: DraftLine) -> dict[str, Any]:
    return {
        "statement_id": statement_id,
        "position": position,
        "kind": line.kind.value,
        "source": line.source,
        "ticket_id": line.ticket_id,
        "ticket_number": line.ticket_number,
        "quote_id": line.quote_id,
        "approval_id": line.approval_id,
        "name": line.name,
        "unit": line.unit,
        "quantity": line.quantity,
        "price": line.price,
        "kopecks": line.gross,
        "net": line.net,
        "vat": line.vat,
        "raw_minutes": line.raw,
        "billed_minutes": line.billed,
        "work_date": line.work_date,
        "late": line.late,
        "draws": [asdict(each) for each in line.draws],
    }


def _documents(
    uow: UnitOfWork, seller: Seller, period: Period, regime: Regime, issued: Sequence[tuple[int, Ready]]
) -> None:
    charged = [(statement_id, each) for statement_id, each in issued if each.draft.gross]
    if not charged:
        return
    today = uow.day(seller.timezone)
    due = today + timedelta(days=policy(uow.session, "invoice_due_days"))
    printed = [parties(seller, each.company, each.contract) for _, each in charged]
    rows: list[dict[str, Any]] = []
    for kind, day in (("invoice", today), ("act", period.end)):
        numbers = take_numbers(uow.session, f"{kind}/{seller.id}/{day.year}", len(charged))
        for number, (statement_id, each), given in zip(numbers, charged, printed, strict=True):
            rows.append(
                {
                    "code": document_code(kind, seller.id, day.year, number),
                    "kind": kind,
                    "seller_id": seller.id,
                    "company_id": each.company.id,
                    "contract_id": each.contract.id,
                    "statement_id": statement_id,
                    "year": day.year,
                    "number": number,
                    "issued_on": day,
                    "due": due if kind == "invoice" else None,
                    "vat_bp": regime.rate,
                    "net": each.draft.net,
                    "vat": each.draft.vat,
                    "gross": each.draft.gross,
                    "parties": given,
                    "made_at": uow.now,
                }
            )
    connection = uow.session.connection()
    _put(connection, Document, rows)
    _put(connection, Debt, debts_of_invoices(rows, uow.now))


def _put(connection: Connection, model: Any, rows: list[dict[str, Any]]) -> list[int]:
    """Put the rows; returns their ids in the order given."""
    table = table_of(model)
    ids = take_ids(connection, table, len(rows)) if rows else []
    for row_id, row in zip(ids, rows, strict=True):
        row["id"] = row_id
    put_rows(connection, table, rows)
    return ids
