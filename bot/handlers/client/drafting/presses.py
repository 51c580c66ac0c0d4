"""What the buttons of drafts carry: ids only (R2.4)."""

from enum import StrEnum

from aiogram.filters.callback_data import CallbackData


class DraftStep(StrEnum):
    """Screens of a draft, in the order they come."""

    DESCRIBE = "d"
    COMPANY = "c"
    OBJECTS = "o"
    SEARCH = "s"
    JOIN = "j"
    CONFIRM = "e"
    WHEN = "w"


class StartDraft(CallbackData, prefix="v1bd"):
    """`appeal` 0: what is said next."""

    appeal: int = 0


class StartUrgent(CallbackData, prefix="v1uA"):
    """A draft that is urgent from its start."""

    appeal: int


class PickCompany(CallbackData, prefix="v1bc"):
    appeal: int
    company: int


class ObjectPage(CallbackData, prefix="v1bg"):
    appeal: int
    page: int


class PickObject(CallbackData, prefix="v1bo"):
    appeal: int
    object: int


class FindObject(CallbackData, prefix="v1bf"):
    appeal: int


class NotListed(CallbackData, prefix="v1bl"):
    appeal: int


class JoinTicket(CallbackData, prefix="v1bj"):
    appeal: int
    ticket: int


class NewAnyway(CallbackData, prefix="v1bw"):
    appeal: int


class SayUrgent(CallbackData, prefix="v1be"):
    appeal: int
    yes: int


class AskTime(CallbackData, prefix="v1bW"):
    appeal: int


class PickTime(CallbackData, prefix="v1bT"):
    """`at` in minutes since 1970; 0: whenever."""

    appeal: int
    at: int = 0


class TakeEarlier(CallbackData, prefix="v1bK"):
    appeal: int


class DraftBack(CallbackData, prefix="v1bL"):
    """«Назад» on the screen of a step."""

    appeal: int
    step: DraftStep


class SayAnew(CallbackData, prefix="v1br"):
    appeal: int


class SendDraft(CallbackData, prefix="v1bs"):
    appeal: int


class DropDraft(CallbackData, prefix="v1bx"):
    appeal: int
