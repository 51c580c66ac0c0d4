"""What the manager's buttons of debts carry: ids and days only (R2.4)."""

from aiogram.filters.callback_data import CallbackData


class ExemptDebtor(CallbackData, prefix="v1px"):
    """A manager lifts the limits for so many days."""

    company: int
    days: int


class SettleInvoice(CallbackData, prefix="v1ps"):
    """A manager closes a dispute."""

    dispute: int
