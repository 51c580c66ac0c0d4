"""Invoices go to the client's finance contacts with their PDF, each once."""

from datetime import date
from typing import Any

from sqlmodel import Session, col, select

from bot.billing.document_models import Document, Sending, Statement
from bot.billing.document_pdf import document_pdf
from bot.billing.periods import Period, month_of
from bot.billing.statements import left_to_pay
from bot.clients.audiences import Finance
from bot.clients.models import StaffRole
from bot.clients.people import require_staff
from bot.db.unit_of_work import UnitOfWork
from bot.messaging.models import Blob
from bot.messaging.timers import set_timer

TIMER = "send_invoices"
BATCH = 20  # a PDF takes some 20 ms, and a turn must stay short


def unsent_invoices(session: Session, period: Period, limit: int | None = None) -> list[Document]:
    """Invoices of a month that were not sent to the client yet, by number."""
    query = (
        select(Document)
        .join(Statement, col(Statement.id) == col(Document.statement_id))
        .outerjoin(Sending, col(Sending.document_id) == col(Document.id))
        .where(Statement.period_start == period.start, Document.kind == "invoice")
        .where(col(Sending.document_id).is_(None))
        .order_by(col(Document.year), col(Document.number))
        .limit(limit)
        .with_for_update(of=Document)
    )
    return list(session.exec(query).all())


def send_invoices(uow: UnitOfWork, period: Period, by: int) -> int:
    """Begin to send a month's invoices; returns how many wait. Raises NotAllowed for anyone but managers."""
    require_staff(uow.session, by, StaffRole.MANAGER)
    waiting = len(unsent_invoices(uow.session, period))
    if waiting:
        name = f"{period.start:%Y-%m}"
        set_timer(uow.session, f"{TIMER}:{name}", TIMER, uow.now, period=name, by=by)
    return waiting


def send_batch(uow: UnitOfWork, payload: dict[str, Any]) -> None:
    """Timer: send some, then again until none is left."""
    name = str(payload["period"])
    batch = unsent_invoices(uow.session, month_of(date.fromisoformat(f"{name}-01")), BATCH)
    for document in batch:
        _send(uow, document, int(payload["by"]))
    if batch:
        set_timer(uow.session, f"{TIMER}:{name}", TIMER, uow.now, **payload)


def stored_pdf(uow: UnitOfWork, document: Document) -> int:
    """Store the document's bytes for delivery; returns the blob's id."""
    name, content = document_pdf(uow.session, document)
    return stored(uow, name, content)


def stored(uow: UnitOfWork, name: str, content: bytes) -> int:
    """Store bytes for delivery under a file name; returns the blob's id."""
    blob = Blob(filename=name.replace("/", "-")[:120], content=content, created_at=uow.now)
    uow.session.add(blob)
    uow.session.flush()
    return blob.id or 0


def _send(uow: UnitOfWork, document: Document, by: int) -> None:
    statement = uow.session.get_one(Statement, document.statement_id)
    uow.tell(
        Finance(document.company_id),
        "documents/invoice",
        blob=stored_pdf(uow, document),
        statement_id=statement.id,
        number=document.number,
        issued=document.issued_on,
        month=statement.period_start,
        contract=document.parties["contract"]["number"],
        gross=document.gross,
        vat=document.vat if document.vat_bp is not None else None,
        left=left_to_pay(uow.session, document),
        due=document.due,
    )
    uow.session.add(Sending(document_id=document.id or 0, sent_by=by, sent_at=uow.now))
