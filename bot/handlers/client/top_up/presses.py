"""What the buttons of a top-up carry: ids and a size on offer (R2.4)."""

from aiogram.filters.callback_data import CallbackData


class AskTopUp(CallbackData, prefix="v1ta"):
    """`minutes` must be one of the sizes on offer at the moment of the press."""

    contract: int
    minutes: int


class ApproveTopUp(CallbackData, prefix="v1ty"):
    top_up: int
