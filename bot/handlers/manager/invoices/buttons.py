"""Buttons of closed months and of disputed lines."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from bot.billing.documents.issued import ClosedMonth
from bot.handlers.manager.invoices.presses import SendMonth, SettleLine
from bot.messaging.notices.texts import month as month_name
from bot.telegram.showing.keyboards import Button, Keyboard, buttons


@buttons("documents/months")
def months(lang: str, *, months: Sequence[ClosedMonth], **_values: Any) -> Keyboard:
    return Keyboard([[_send(lang, each.day)] for each in months if each.unsent])


@buttons("documents/closed", "documents/unsent")
def closed(lang: str, *, month: date, count: int = 1, **_values: Any) -> Keyboard | None:
    return Keyboard([[_send(lang, month)]]) if count else None


def _send(lang: str, day: date) -> Button:
    return Button("documents.send", SendMonth(period=f"{day:%Y-%m}"), values={"month": month_name(day, lang)})


@buttons("documents/disputed")
def disputed(_lang: str, *, line_id: int, kopecks: int, **_values: Any) -> Keyboard:
    take_back = "documents.credit" if kopecks else "documents.agree"
    return Keyboard(
        [
            [Button(take_back, SettleLine(line=line_id, credit=True))],
            [Button("documents.keep", SettleLine(line=line_id, credit=False))],
        ]
    )
