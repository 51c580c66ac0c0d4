"""Paying an invoice in chat: what is checked before the money moves, and the receipt that counts once."""

from dataclasses import dataclass
from datetime import date, timedelta
from math import ceil
from typing import Any

from sqlmodel import Session, select

from bot.billing.debts.rights import may_see_money
from bot.billing.documents.issued import left_to_pay, lines_of_document
from bot.billing.documents.models import Document, Payment
from bot.billing.documents.owing import keep_debt
from bot.billing.documents.printing.pdf import title
from bot.billing.documents.receipt import receipt_data
from bot.billing.seller.particulars import seller_day
from bot.clients.audiences import Finance, Managers
from bot.clients.policy import policy
from bot.db.errors import NotAllowed, NotFound, Refusal
from bot.db.locks import lock
from bot.db.unit_of_work import UnitOfWork
from bot.messaging.timers import drop_timer, set_timer, waiting

CURRENCY = "RUB"
CHECKOUT = "checkout"  # the timer of a payment under way


@dataclass(frozen=True, slots=True)
class PaymentTold:
    """Money that came in the chat: kopecks, and what is `left` of the invoice, below zero where too much was paid."""

    company: str
    number: int
    issued: date
    kopecks: int
    left: int


@dataclass(frozen=True, slots=True)
class OverpaidInvoice:
    """Kopecks of the last payment that are too much."""

    number: int
    issued: date
    kopecks: int


class NothingToPay(Refusal):
    """The invoice is paid or taken back."""

    key = "refusal.nothing_to_pay"


class PaymentUnderWay(Refusal):
    """The same invoice is being paid this very moment, by somebody else or in another message."""

    key = "refusal.payment_under_way"


class SumChanged(Refusal):
    """The sum is another one by now: an old message was paid."""

    key = "refusal.sum_changed"


def payable_invoice(uow: UnitOfWork, document_id: int, by: int | None) -> tuple[Document, int]:
    """The invoice, locked, and the kopecks left to pay. Raises NotFound, NotAllowed, NothingToPay."""
    document = lock(uow.session, Document, document_id)
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
    lines = [(line.name, line.gross) for line in lines_of_document(session, invoice)]
    return receipt_data(lines, left, invoice.vat_bp, title(invoice))


def check_payment(uow: UnitOfWork, payload: str, kopecks: int, currency: str, by: int | None, query: str) -> Document:
    """Whether a payment may go on: right, state and sum as they are now (R2.4); `query` is the messenger's id of the
    question. From a yes on nobody else may pay the invoice for `checkout_minutes`, or till the money comes.

    Raises NotFound, NotAllowed, NothingToPay, SumChanged, PaymentUnderWay.
    """
    document, left = payable_invoice(uow, invoice_of(payload), by)
    if currency != CURRENCY or kopecks != left:
        raise SumChanged
    under_way = waiting(uow.session, _key(document))
    if under_way is not None and under_way.due_at > uow.now and under_way.payload["query"] != query:
        raise PaymentUnderWay(minutes=ceil((under_way.due_at - uow.now) / timedelta(minutes=1)))
    lapses = uow.now + timedelta(minutes=policy(uow.session, "checkout_minutes"))
    set_timer(uow.session, _key(document), CHECKOUT, lapses, query=query)
    return document


def checkout_lapsed(_uow: UnitOfWork, _payload: dict[str, Any]) -> None:
    """The money didn't come: with its timer the checkout is over, and the invoice may be paid again."""


def _key(document: Document) -> str:
    return f"{CHECKOUT}:{document.id}"


def take_payment(
    uow: UnitOfWork, payload: str, kopecks: int, charge_id: str, provider_charge_id: str, by: int | None
) -> tuple[Payment, Document]:
    """Keep the receipt. The same charge again is the same receipt; money that came is never refused: what is more than
    was left to pay is an overpayment, of which managers and the client's finance are told.

    Raises NotFound when the payload names no invoice of ours.
    """
    session = uow.session
    document = lock(session, Document, invoice_of(payload))
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
    drop_timer(session, _key(document), uow.now)
    keep_debt(uow, document, paid_on=seller_day(session, uow.now))
    left = left_to_pay(session, document)
    uow.tell(
        Managers(),
        "documents/paid_told",
        PaymentTold(
            document.parties["buyer"]["name"],
            document.number,
            document.issued_on,
            kopecks,
            left,
        ),
    )
    if left < 0:
        uow.tell(
            Finance(document.company_id),
            "documents/overpaid",
            OverpaidInvoice(document.number, document.issued_on, min(kopecks, -left)),
        )
    return payment, document


def book_payment(uow: UnitOfWork, document: Document, kopecks: int, charge_id: str, paid_on: date) -> bool:
    """Keep money that came past the chat, as accounting tells; False where it is kept already."""
    session = uow.session
    lock(session, Document, document.id)
    if session.exec(select(Payment.id).where(Payment.charge_id == charge_id)).first() is not None:
        return False
    session.add(Payment(document_id=document.id, charge_id=charge_id, kopecks=kopecks, paid_at=uow.now))
    session.flush()
    keep_debt(uow, document, paid_on=paid_on)
    return True


def payload_of(document: Document) -> str:
    """What the messenger carries through a payment: the document's id only (R2.4)."""
    return f"invoice:{document.id}"


def invoice_of(payload: str) -> int:
    """The document's id of a payload. Raises NotFound."""
    kind, _, number = payload.partition(":")
    if kind != "invoice" or not (number.isascii() and number.isdigit()):
        raise NotFound
    return int(number)
