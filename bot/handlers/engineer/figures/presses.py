"""What the buttons below an understood sum or time carry: ids only (R2.4)."""

from aiogram.filters.callback_data import CallbackData


class SendEstimate(CallbackData, prefix="v1Fe"):
    """`said` is the message that was understood: a later one takes its place."""

    ticket: int
    said: int


class DropTime(CallbackData, prefix="v1Fd"):
    """Leave what was understood unbooked."""

    ticket: int
    said: int


class BookTime(CallbackData, prefix="v1Ft"):
    """`said` is the message that was understood: a later one takes its place."""

    ticket: int
    said: int
