"""What the buttons of phone calls carry: ids only (R2.4)."""

from aiogram.filters.callback_data import CallbackData


class CallShow(CallbackData, prefix="v1Cs"):
    call: int


class CallOfTicket(CallbackData, prefix="v1Ct"):
    call: int
    ticket: int


class CallDrop(CallbackData, prefix="v1Cd"):
    call: int


class CallOfCompany(CallbackData, prefix="v1Cc"):
    call: int
    company: int
