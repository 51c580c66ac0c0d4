"""What the buttons of debts carry: ids and days only (R2.4)."""

from aiogram.filters.callback_data import CallbackData


class PromisePay(CallbackData, prefix="v1pp"):
    """`days` 0: ask until when."""

    company: int
    days: int = 0


class DisputeInvoice(CallbackData, prefix="v1pd"):
    """`debt` 0: ask which invoice."""

    company: int
    debt: int = 0


class ExemptDebtor(CallbackData, prefix="v1px"):
    """A manager lifts the limits for so many days."""

    company: int
    days: int


class SettleInvoice(CallbackData, prefix="v1ps"):
    """A manager closes a dispute."""

    dispute: int
