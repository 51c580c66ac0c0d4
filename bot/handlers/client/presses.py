"""What the buttons of questions, drafts and appeals carry: ids only (R2.4)."""

from aiogram.filters.callback_data import CallbackData


class Helped(CallbackData, prefix="v1bh"):
    feedback: int
    yes: int


class Step(CallbackData, prefix="v1bS"):
    """The article that was shown, step by step; `number` counts from 0."""

    feedback: int
    number: int


class ShowArticle(CallbackData, prefix="v1ba"):
    appeal: int
    article: int


class NotThese(CallbackData, prefix="v1bn"):
    appeal: int


class WantHuman(CallbackData, prefix="v1bp"):
    """`appeal` 0: whatever the person is talking about now."""

    appeal: int = 0


class StartDraft(CallbackData, prefix="v1bd"):
    """`appeal` 0: what is said next."""

    appeal: int = 0


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


class SayAnew(CallbackData, prefix="v1br"):
    appeal: int


class SendDraft(CallbackData, prefix="v1bs"):
    appeal: int


class DropDraft(CallbackData, prefix="v1bx"):
    appeal: int


class BringBack(CallbackData, prefix="v1bb"):
    appeal: int


class NewQuestion(CallbackData, prefix="v1bq"):
    appeal: int
