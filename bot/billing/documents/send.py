"""Invoices go to the client's finance contacts with their PDF, each once; what reached nobody isn't called sent."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
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
from bot.db.live import is_live
from bot.db.locks import lock
from bot.db.unit_of_work import UnitOfWork
from bot.messaging.models import Timer
from bot.messaging.outgoing import receipts
from bot.messaging.outgoing.models import Blob, OutboxState
from bot.messaging.timers import set_timer, want_timer

TIMER, SEND_ONE, TELL_UNSENT = "send_invoices", "send_invoice", "tell_unsent"
CARRIED = "invoice"
GATHER = timedelta(seconds=5)  # invoices that reached nobody are told of together


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


def unsent_invoices(session: Session, period: Period) -> dict[int, int]:
    """Invoices of a month that were not sent to the client yet: their ids, by number, and kopecks."""
    query = (
        select(Document.id, Document.gross)
        .join(Statement, col(Statement.id) == col(Document.statement_id))
        .outerjoin(Sending, col(Sending.document_id) == col(Document.id))
        .where(Statement.period_start == period.start, Document.kind == "invoice", col(Sending.document_id).is_(None))
        .order_by(col(Document.year), col(Document.number))
    )
    return dict(session.exec(query).all())


def send_invoices(uow: UnitOfWork, period: Period, by: int) -> int:
    """Begin to send a month's invoices; returns how many wait. Raises NotAllowed for anyone but managers."""
    require(uow.session, employed, MANAGERS, person=by)
    waiting = len(unsent_invoices(uow.session, period))
    if waiting:
        name = f"{period.start:%Y-%m}"
        set_timer(uow.session, f"{TIMER}:{name}", TIMER, uow.now, period=name, by=by)
    return waiting


def send_month(uow: UnitOfWork, payload: dict[str, Any]) -> None:
    """Timer: have each invoice of a month sent, each in a transaction of its own: one that can't be made keeps back no
    other, it stays unsent and waits for its own next try."""
    period = month_of(date.fromisoformat(f"{payload['period']}-01"))
    for document_id in unsent_invoices(uow.session, period):
        key, about = f"{CARRIED}:{document_id}", {"document": document_id, "by": payload["by"]}
        set_timer(uow.session, key, SEND_ONE, uow.now, **about)


def send_one(uow: UnitOfWork, payload: dict[str, Any]) -> None:
    """Timer: send one invoice; managers read soon which could be sent to nobody."""
    document = lock(uow.session, Document, int(payload["document"]))
    if document is None or uow.session.get(Sending, document.id) is not None:
        return
    if not _send(uow, document, int(payload["by"])):
        want_timer(uow.session, TELL_UNSENT, TELL_UNSENT, uow.now + GATHER, since=uow.now.isoformat())


def tell_unsent(uow: UnitOfWork, payload: dict[str, Any]) -> None:
    """Timer: managers read which of the invoices that were tried since a moment reached nobody, once all were tried."""
    session, sends = uow.session, Timer.kind == SEND_ONE
    if session.exec(select(Timer.id).where(sends, col(Timer.done_at).is_(None), Timer.attempts == 0).limit(1)).first():
        set_timer(session, TELL_UNSENT, TELL_UNSENT, uow.now + GATHER, **payload)
        return
    tried = select(Timer.payload).where(sends, col(Timer.done_at) >= datetime.fromisoformat(payload["since"]))
    ids = [int(each["document"]) for each in session.exec(tried).all()]
    sent = select(Sending.document_id).where(col(Sending.document_id).in_(ids))
    _tell_unsent(uow, set(ids) - set(session.exec(sent).all()))


def take_receipt(uow: UnitOfWork, payload: dict[str, Any]) -> None:
    """Timer `receipt`: delivery has settled an invoice's file. What arrived nowhere is unsent again; managers hear of
    it."""
    sending = lock(uow.session, Sending, int(payload["carries"].partition(":")[2]))
    states = {row.state for row in receipts.what_became(uow.session, payload["carries"])}
    if sending is None or states & {OutboxState.NEW, OutboxState.SENDING, OutboxState.SENT}:
        return
    uow.session.delete(sending)
    uow.session.flush()
    _tell_unsent(uow, [sending.document_id])


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


def _tell_unsent(uow: UnitOfWork, unsent: Collection[int]) -> None:
    """To managers: these have reached nobody, with whom to call. Each month apart: it is sent again as a month."""
    query = (
        select(col(Statement.period_start), Document.number, Document.gross, Company)
        .join(Document, col(Document.statement_id) == col(Statement.id))
        .join(Company, col(Company.id) == col(Document.company_id))
        .where(col(Document.id).in_(unsent))
        .order_by(col(Document.year), col(Document.number))
    )
    months: dict[date, list[UnsentInvoice]] = {}
    for month, number, gross, company in uow.session.exec(query).all():
        months.setdefault(month, []).append(UnsentInvoice(number, gross, company.name, not is_live(company)))
    for month, invoices in months.items():
        uow.tell(Managers(), "documents/unsent", UnsentInvoices(month, invoices))
