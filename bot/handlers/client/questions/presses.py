"""What the buttons of questions and appeals carry: ids only (R2.4)."""

from aiogram.filters.callback_data import CallbackData


class Helped(CallbackData, prefix="v1bh"):
    feedback: int
    yes: int


class ArticleStep(CallbackData, prefix="v1bS"):
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


class BringBack(CallbackData, prefix="v1bb"):
    appeal: int


class NewQuestion(CallbackData, prefix="v1bq"):
    appeal: int
