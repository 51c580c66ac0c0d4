"""What the buttons of balances carry: ids only (R2.4). `company` 0: nobody's in particular."""

from aiogram.filters.callback_data import CallbackData


class ShowBalance(CallbackData, prefix="v1db"):
    company: int


class PoolPage(CallbackData, prefix="v1de"):
    """Operations of a pool; page 0 has the newest."""

    company: int
    pool: int
    page: int = 0


class DisputeEntry(CallbackData, prefix="v1dx"):
    """«Не согласен» with a drawing."""

    company: int
    entry: int


class SettleEntry(CallbackData, prefix="v1ds"):
    dispute: int
    give_back: int
