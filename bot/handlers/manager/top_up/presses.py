"""What the manager's buttons of a top-up carry: ids only (R2.4)."""

from aiogram.filters.callback_data import CallbackData


class OfferTopUp(CallbackData, prefix="v1to"):
    """`said` is the message that was understood: a later one takes its place."""

    top_up: int
    said: int


class PriceTopUp(CallbackData, prefix="v1tp"):
    top_up: int
