"""What the buttons of the price list carry: ids only (R2.4). `company` 0: nobody's in particular."""

from aiogram.filters.callback_data import CallbackData


class PricePage(CallbackData, prefix="v1dl"):
    company: int
    page: int = 0


class FindPrice(CallbackData, prefix="v1df"):
    company: int


class FoundPage(CallbackData, prefix="v1dg"):
    """A page of what was found; the words are in the dialogue's state."""

    company: int
    page: int
