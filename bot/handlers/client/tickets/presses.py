"""What the buttons of tickets carry: ids only (R2.4)."""

from aiogram.filters.callback_data import CallbackData


class TicketList(CallbackData, prefix="v1cl"):
    page: int = 0


class TicketOpen(CallbackData, prefix="v1co"):
    ticket: int


class TicketWrite(CallbackData, prefix="v1cw"):
    ticket: int


class SayInto(CallbackData, prefix="v1cI"):
    """What was asked about in an appeal goes into a ticket."""

    appeal: int
    ticket: int


class AboutNone(CallbackData, prefix="v1cY"):
    """What was asked about is about no ticket."""

    appeal: int


class TicketHistory(CallbackData, prefix="v1ch"):
    ticket: int


class TicketCancel(CallbackData, prefix="v1cx"):
    """`sure` 0: ask first."""

    ticket: int
    sure: int = 0


class TicketOtherWay(CallbackData, prefix="v1ow"):
    """After a no: `price` 1 asks for another price, 0 for free advice."""

    ticket: int
    price: int


class TicketAccept(CallbackData, prefix="v1ca"):
    ticket: int


class TicketDispute(CallbackData, prefix="v1cd"):
    ticket: int


class DisputeTicketLine(CallbackData, prefix="v1cD"):
    """`time` 1: the line is a time entry."""

    ticket: int
    time: int
    line: int


class TicketRate(CallbackData, prefix="v1cr"):
    ticket: int
    rating: int


class TicketReopen(CallbackData, prefix="v1cp"):
    ticket: int


class ProofPack(CallbackData, prefix="v1qp"):
    """The proof pack of a ticket as PDF."""

    ticket: int
