"""Invoices go to the client's finance contacts with their PDF, each once; what reached nobody isn't called sent."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlmodel import Session, col, select

from bot.billing.documents.issued import left_to_pay
from bot.billing.documents.models import Document, Sending
from bot.billing.documents.printing.pdf import document_pdf
from bot.billing.statements.models import Statement
from bot.calendar.periods import Period, month_of
from bot.clients.audiences import Finance, Managers, within_reach
from bot.clients.models import Company
from bot.clients.rights import MANAGERS, employed, require
from bot.db.locks import lock, lock_found
from bot.db.unit_of_work import UnitOfWork
from bot.messaging.one_by_one import one_by_one
from bot.messaging.outgoing import receipts
from bot.messaging.outgoing.models import Blob, OutboxState
from bot.messaging.timers import set_timer

TIMER = "send_invoices"
CARRIED = "invoice"
BATCH = 20  # a PDF takes some 20 ms, and a turn must stay short


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuedInvoice:
    """An invoice as finance gets it: kopecks with VAT inside, `vat` None without it, `left` to pay."""

    statement_id: int
    number: int
    issued: date
    month: date
    contract: str
    gross: int
    vat: int | None
    left: int
    due: date | None


@dataclass(frozen=True, slots=True)
class UnsentInvoice:
    """An invoice that reached nobody; `closed`: its company is served no longer."""

    number: int
    gross: int
    company: str
    closed: bool


@dataclass(frozen=True, slots=True)
class UnsentInvoices:
    """Those of one month: it is sent again as a month."""

    month: date
    invoices: Sequence[UnsentInvoice]


def unsent_invoices(
    session: Session, period: Period, limit: int | None = None, *, besides: Collection[int] = ()
) -> list[Document]:
    """Invoices of a month that were not sent to the client yet, by number; `besides`: ids to leave out."""
    query = (
        select(Document)
        .join(Statement, col(Statement.id) == col(Document.statement_id))
        .outerjoin(Sending, col(Sending.document_id) == col(Document.id))
        .where(Statement.period_start == period.start, Document.kind == "invoice")
        .where(col(Sending.document_id).is_(None), col(Document.id).not_in(besides))
        .order_by(col(Document.year), col(Document.number))
        .limit(limit)
    )
    return [document for (document,) in lock_found(session, query, Document)]


def send_invoices(uow: UnitOfWork, period: Period, by: int) -> int:
    """Begin to send a month's invoices; returns how many wait. Raises NotAllowed for anyone but managers."""
    require(uow.session, employed, MANAGERS, person=by)
    waiting = len(unsent_invoices(uow.session, period))
    if waiting:
        name = f"{period.start:%Y-%m}"
        set_timer(uow.session, f"{TIMER}:{name}", TIMER, uow.now, period=name, by=by)
    return waiting


def send_batch(uow: UnitOfWork, payload: dict[str, Any]) -> None:
    """Timer: send some, then again until none is left; managers read which could be sent to nobody. One that can't be
    made keeps back no other: it stays unsent, and the alarm names it."""
    name, nobody = str(payload["period"]), [int(each) for each in payload.get("nobody", ())]
    failed = [int(each) for each in payload.get("failed", ())]
    period = month_of(date.fromisoformat(f"{name}-01"))
    batch = unsent_invoices(uow.session, period, BATCH, besides=[*nobody, *failed])

    def send(document_id: int) -> None:
        if not _send(uow, uow.session.get_one(Document, document_id), int(payload["by"])):
            nobody.append(document_id)

    failed += one_by_one(uow, CARRIED, [document.id for document in batch], send)
    if batch:
        more = {"period": name, "by": payload["by"], "nobody": nobody, "failed": failed}
        set_timer(uow.session, f"{TIMER}:{name}", TIMER, uow.now, **more)
    elif nobody:
        _tell_unsent(uow, [each for each in unsent_invoices(uow.session, period) if each.id in nobody])


def take_receipt(uow: UnitOfWork, payload: dict[str, Any]) -> None:
    """Timer `receipt`: delivery has settled an invoice's file. What arrived nowhere is unsent again; managers hear of
    it."""
    sending = lock(uow.session, Sending, int(payload["carries"].partition(":")[2]))
    states = {row.state for row in receipts.what_became(uow.session, payload["carries"])}
    if sending is None or states & {OutboxState.NEW, OutboxState.SENDING, OutboxState.SENT}:
        return
    document = uow.session.get_one(Document, sending.document_id)
    uow.session.delete(sending)
    uow.session.flush()
    _tell_unsent(uow, [document])


def stored_pdf(uow: UnitOfWork, document: Document) -> int:
    """Store the document's bytes for delivery; returns the blob's id."""
    name, content = document_pdf(uow.session, document)
    return stored(uow, name, content)


def stored(uow: UnitOfWork, name: str, content: bytes) -> int:
    """Store bytes for delivery under a file name; returns the blob's id."""
    blob = Blob(filename=name.replace("/", "-")[:120], content=content, created_at=uow.now)
    uow.session.add(blob)
    uow.session.flush()
    return blob.id


def _send(uow: UnitOfWork, document: Document, by: int) -> bool:
    """False where nobody may have it, or nobody who may can be written to: then it stays unsent."""
    readers = Finance(document.company_id)
    if not within_reach(uow.session, readers):
        return False
    statement = uow.session.get_one(Statement, document.statement_id)
    uow.tell(
        readers,
        "documents/invoice",
        IssuedInvoice(
            statement_id=statement.id,
            number=document.number,
            issued=document.issued_on,
            month=statement.period_start,
            contract=document.parties["contract"]["number"],
            gross=document.gross,
            vat=document.vat if document.vat_bp is not None else None,
            left=left_to_pay(uow.session, document),
            due=document.due,
        ),
        carries=f"{CARRIED}:{document.id}",
        receipt=True,
        blob=stored_pdf(uow, document),
    )
    uow.session.add(Sending(document_id=document.id, sent_by=by, sent_at=uow.now))
    return True


def _tell_unsent(uow: UnitOfWork, unsent: Sequence[Document]) -> None:
    """To managers: these have reached nobody, with whom to call. Each month apart: it is sent again as a month."""
    months: dict[date, list[UnsentInvoice]] = {}
    for document in unsent:
        statement = uow.session.get_one(Statement, document.statement_id)
        company = uow.session.get_one(Company, document.company_id)
        months.setdefault(statement.period_start, []).append(
            UnsentInvoice(document.number, document.gross, company.name, not company.active)
        )
    for month, invoices in months.items():
        uow.tell(Managers(), "documents/unsent", UnsentInvoices(month, invoices))
