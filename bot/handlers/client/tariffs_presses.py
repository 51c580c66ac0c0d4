"""What the buttons of tariffs, prices and balances carry: ids only (R2.4). `company` 0: nobody's in particular."""

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


class PricePage(CallbackData, prefix="v1dl"):
    company: int
    page: int = 0


class FindPrice(CallbackData, prefix="v1df"):
    company: int


class FoundPage(CallbackData, prefix="v1dg"):
    """A page of what was found; the words are in the dialogue's state."""

    company: int
    page: int


class ShowBalance(CallbackData, prefix="v1db"):
    company: int


class ShowApprovals(CallbackData, prefix="v1da"):
    company: int


class PoolPage(CallbackData, prefix="v1de"):
    """Operations of a pool; page 0 has the newest."""

    company: int
    pool: int
    page: int = 0


class ShowDebts(CallbackData, prefix="v1dd"):
    company: int


class DisputeEntry(CallbackData, prefix="v1dx"):
    """«Не согласен» with a drawing."""

    company: int
    entry: int


class SettleEntry(CallbackData, prefix="v1ds"):
    dispute: int
    give_back: int
