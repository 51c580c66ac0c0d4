"""What the buttons of quotes carry: ids and versions only (R2.4)."""

from aiogram.filters.callback_data import CallbackData


class ApproveQuote(CallbackData, prefix="v1cy"):
    quote: int
    version: int


class DeclineQuote(CallbackData, prefix="v1cn"):
    quote: int
    version: int


class AskQuote(CallbackData, prefix="v1cq"):
    quote: int


class ShowQuote(CallbackData, prefix="v1cs"):
    quote: int


class TakeOneOff(CallbackData, prefix="v1q-"):
    """One piece less of the line at a place of a version."""

    quote: int
    version: int
    place: int


class ChooseOption(CallbackData, prefix="v1qo"):
    """Take or leave the optional line at a place of a version."""

    quote: int
    version: int
    place: int


class DisputeWord(CallbackData, prefix="v1qw"):
    """«Я этого не согласовывал»."""

    quote: int
