"""Buttons below a message that has no text: the screen comes as a new message, the file stays where it is."""

from typing import Any

import pytest
import telegram.error as tg
from sqlmodel import select

from bot.billing.documents.send import send_invoices
from bot.calendar.periods import month_of
from bot.messaging.outgoing.models import Outbox
from bot.messaging.outgoing.outcomes import Parcel, Resend
from bot.telegram.sender import TelegramSender
from tests.builders.bills import NOVEMBER
from tests.builders.held_tickets import send_all
from tests.builders.talk import Talk
from tests.conftest import NOON
from tests.handlers.client.test_documents import closed

FILE = {"file_id": "f", "file_unique_id": "u"}
PICTURE = {**FILE, "width": 90, "height": 90}
BELOW: dict[str, dict[str, Any]] = {
    "document": {"document": FILE, "caption": "Счёт"},
    "photo": {"photo": [PICTURE]},
    "video": {"video": {**PICTURE, "duration": 1}, "caption": "Видео"},
    "voice": {"voice": {**FILE, "duration": 1}},
    "bill": {
        "invoice": {"title": "Т", "description": "О", "start_parameter": "", "currency": "RUB", "total_amount": 1}
    },
}


@pytest.mark.sampled(7)
@pytest.mark.parametrize("kind", BELOW)
async def test_what_an_invoice_is_made_of_is_shown_below_it(talk: Talk, kind: str) -> None:
    _, finance, manager = closed(talk)
    with talk.office.work() as uow:
        send_invoices(uow, month_of(NOVEMBER.start), manager)
        send_all(uow, "2026-11", manager)
    await talk.say(finance, "/start")
    talk._buttons |= buttons_sent(talk)
    for _ in range(2):  # pressed twice
        words = await talk.press(finance, "Из чего сложилось", below=BELOW[kind])
        assert "17\u00a0500\u00a0₽" in words
        assert [call["_method"] for call in talk.heard] == ["sendMessage", "answerCallbackQuery"]
        assert all("message_id" not in call for call in talk.heard)
    words = await talk.press(finance, "Строки")
    assert "Абонентское обслуживание" in words
    assert talk.heard[0]["_method"] == "editMessageText", "below a text the screen is replaced"


def buttons_sent(talk: Talk) -> dict[tuple[int, str], str]:
    """Buttons of all that was ever sent."""
    found = {}
    with talk.database.read() as session:
        for row in session.exec(select(Outbox)).all():
            for line in row.params.get("reply_markup", {}).get("inline_keyboard", []):
                found |= {
                    (row.params["chat_id"], each["text"]): each["callback_data"]
                    for each in line
                    if "callback_data" in each
                }
    return found


def test_an_edit_of_what_has_no_text_is_sent_anew() -> None:
    """A press on an old message comes without it, so that only Telegram can say what it is."""
    row = Outbox(
        bot_id=1, method="editMessageText", params={"chat_id": 5, "message_id": 7, "text": "x"}, created_at=NOON
    )
    error = tg.BadRequest("There is no text in the message to edit")
    text = str(error)
    outcome = TelegramSender._lost(object.__new__(TelegramSender), Parcel(row), "editMessageText", text, text.lower())
    assert outcome == Resend(forget_card=True)
