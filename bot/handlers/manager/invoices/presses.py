"""What the buttons of closed months carry."""

from aiogram.filters.callback_data import CallbackData


class SendMonth(CallbackData, prefix="v1fm"):
    """`period` is a month as 2026-10."""

    period: str


class SettleLine(CallbackData, prefix="v1ft"):
    line: int
    credit: bool
