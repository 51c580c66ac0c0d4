"""Paying an invoice in the chat: the messenger's bill, the last check before the money moves, the receipt."""

from typing import Any

from aiogram import F, Router
from aiogram.types import CallbackQuery, Message, PreCheckoutQuery

from bot.billing.documents.issued import left_to_pay
from bot.billing.documents.pay import CURRENCY, check_payment, payable_invoice, payload_of, receipt_of, take_payment
from bot.billing.documents.printing.pdf import title
from bot.db.errors import NotAllowed, Refusal
from bot.handlers.client.documents.presses import PayInvoice
from bot.handlers.client.documents.screens import PaidInvoice
from bot.handlers.common.company import person_of
from bot.handlers.common.conversation import Conversation
from bot.handlers.common.filters import Private
from bot.messaging.notices.texts import label

TITLE_LIMIT = 32  # of sendInvoice

router = Router(name="payments")


@router.callback_query(Private(), PayInvoice.filter())
async def bill(_press: CallbackQuery, callback_data: PayInvoice, turn: Conversation, provider_token: str = "") -> None:
    """Show the bill with a button that pays it."""
    document, left = payable_invoice(turn.uow, callback_data.document, person_of(turn))
    if not provider_token:
        raise NotAllowed
    turn.call(
        "sendInvoice",
        chat_id=turn.chat_id,
        title=label("documents.bill", turn.lang, number=document.number)[:TITLE_LIMIT],
        description=title(document)[:255],
        payload=payload_of(document),
        provider_token=provider_token,
        currency=CURRENCY,
        prices=[{"label": label("documents.bill", turn.lang, number=document.number), "amount": left}],
        **_receipt(receipt_of(turn.session, document, left)),
    )


def _receipt(data: str | None) -> dict[str, Any]:
    """The provider that issues the receipt asks the payer's address for it."""
    return {"provider_data": data, "need_email": True, "send_email_to_provider": True} if data else {}


@router.pre_checkout_query()
async def checked(query: PreCheckoutQuery, turn: Conversation) -> None:
    """Rights, state and sum as they are now; a no says why."""
    try:
        check_payment(turn.uow, query.invoice_payload, query.total_amount, query.currency, person_of(turn), query.id)
    except Refusal as refusal:
        words = label(refusal.key, turn.lang, **refusal.values)
        turn.answer_checkout(query.id, words)
        return
    turn.answer_checkout(query.id)


@router.message(Private(), F.successful_payment)
async def received(message: Message, turn: Conversation) -> None:
    """Money came: the receipt is kept once, however often the message comes."""
    paid = message.successful_payment
    if paid is None:
        return
    payment, document = take_payment(
        turn.uow,
        paid.invoice_payload,
        paid.total_amount,
        paid.telegram_payment_charge_id,
        paid.provider_payment_charge_id,
        turn.visitor.person.id if turn.visitor.person else None,
    )
    turn.say(
        "documents/paid",
        PaidInvoice(
            document.statement_id,
            document.number,
            document.issued_on,
            payment.kopecks,
            left_to_pay(turn.session, document),
        ),
    )
