"""What the buttons of tariffs carry: ids only (R2.4). `company` 0: nobody's in particular."""

from aiogram.filters.callback_data import CallbackData


class OwnPlans(CallbackData, prefix="v1dm"):
    company: int


class ComparePlans(CallbackData, prefix="v1dc"):
    company: int


class ShowPlan(CallbackData, prefix="v1dp"):
    company: int
    plan: int


class WishPlan(CallbackData, prefix="v1dw"):
    company: int
    plan: int
