"""What the buttons of skills carry: ids only (R2.4)."""

from aiogram.filters.callback_data import CallbackData


class WishTime(CallbackData, prefix="v1kt"):
    """The message with the wish goes into this ticket."""

    ticket: int
    message: int
