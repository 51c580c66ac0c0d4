"""What the buttons of an oral approval carry: ids only (R2.4)."""

from aiogram.filters.callback_data import CallbackData


class OralApproval(CallbackData, prefix="v1oa"):
    """`person` 0: ask who said it."""

    ticket: int
    person: int = 0
