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


class ShowDebts(CallbackData, prefix="v1dd"):
    company: int
