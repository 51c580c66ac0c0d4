"""What the buttons of ceilings carry: ids and a sum on offer (R2.4)."""

from aiogram.filters.callback_data import CallbackData


class ListCeilings(CallbackData, prefix="v1gl"):
    company: int
    page: int = 0


class ShowCeiling(CallbackData, prefix="v1go"):
    company: int
    thing: int


class SetCeiling(CallbackData, prefix="v1gs"):
    """`kopecks` must be one of the sums on offer at the moment of the press."""

    company: int
    thing: int
    kopecks: int
