"""Paying an invoice in chat: what is checked before the money moves, and the receipt that counts once."""

from sqlmodel import Session, select

from bot.billing.debts.rights import may_see_money
from bot.billing.documents.issued import left_to_pay, lines_of_document
from bot.billing.documents.models import Document, Payment
from bot.billing.documents.printing.pdf import title
from bot.billing.documents.receipt import receipt_data
from bot.clients.audiences import Managers
from bot.clients.policy import policy
from bot.db.errors import NotAllowed, NotFound, Refusal
from bot.db.unit_of_work import UnitOfWork

CURRENCY = "RUB"


class NothingToPay(Refusal):
    """The invoice is paid or taken back."""

    key = "refusal.nothing_to_pay"


class SumChanged(Refusal):
    """The sum is another one by now: an old message was paid."""

    key = "refusal.sum_changed"


def payable_invoice(uow: UnitOfWork, document_id: int, by: int | None) -> tuple[Document, int]:
    """The invoice, locked, and the kopecks left to pay. Raises NotFound, NotAllowed, NothingToPay."""
    document = uow.session.exec(select(Document).where(Document.id == document_id).with_for_update()).one_or_none()
    if document is None or document.kind != "invoice":
        raise NotFound
    if not may_see_money(uow.session, document.company_id, by):
        raise NotAllowed
    left = left_to_pay(uow.session, document)
    if left <= 0:
        raise NothingToPay
    return document, left


def receipt_of(session: Session, invoice: Document, left: int) -> str | None:
    """Data of the receipt over `left` kopecks, where the payment provider issues receipts for the seller (54-FZ)."""
    if not policy(session, "receipts_by_provider"):
        return None
    lines = [(line.name, line.kopecks) for line in lines_of_document(session, invoice)]
    return receipt_data(lines, left, invoice.vat_bp, title(invoice))


def check_payment(uow: UnitOfWork, payload: str, kopecks: int, currency: str, by: int | None) -> Document:
    """Whether a payment may go on: right, state and sum as they are now (R2.4).

    Raises NotFound, NotAllowed, NothingToPay, SumChanged.
    """
    document, left = payable_invoice(uow, invoice_of(payload), by)
    if currency != CURRENCY or kopecks != left:
        raise SumChanged
    return document


def take_payment(
    uow: UnitOfWork, payload: str, kopecks: int, charge_id: str, provider_charge_id: str, by: int | None
) -> tuple[Payment, Document]:
    """Keep the receipt. The same charge again is the same receipt; money that came is never refused.

    Raises NotFound when the payload names no invoice of ours.
    """
    session = uow.session
    document = session.exec(select(Document).where(Document.id == invoice_of(payload)).with_for_update()).one_or_none()
    if document is None:
        raise NotFound
    earlier = session.exec(select(Payment).where(Payment.charge_id == charge_id)).one_or_none()
    if earlier is not None:
        return earlier, document
    payment = Payment(
        document_id=document.id,
        charge_id=charge_id,
        provider_charge_id=provider_charge_id,
        kopecks=kopecks,
        person_id=by,
        paid_at=uow.now,
    )
    session.add(payment)
    session.flush()
    uow.tell(
        Managers(),
        "documents/paid_told",
        company=document.parties["buyer"]["name"],
        number=document.number,
        issued=document.issued_on,
        kopecks=kopecks,
        left=left_to_pay(session, document),
    )
    return payment, document


def payload_of(document: Document) -> str:
    """What the messenger carries through a payment: the document's id only (R2.4)."""
    return f"invoice:{document.id}"


def invoice_of(payload: str) -> int:
    """The document's id of a payload. Raises NotFound."""
    kind, _, number = payload.partition(":")
    if kind != "invoice" or not (number.isascii() and number.isdigit()):
        raise NotFound
    return int(number)
