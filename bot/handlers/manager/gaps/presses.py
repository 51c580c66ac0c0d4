"""What the buttons of unanswered questions carry: ids only (R2.4). A group is named by one of its questions."""

from aiogram.filters.callback_data import CallbackData


class GapList(CallbackData, prefix="v1bA"):
    page: int = 0


class GapOpen(CallbackData, prefix="v1bB"):
    miss: int


class GapArticle(CallbackData, prefix="v1bC"):
    """`article` 0: ask which."""

    miss: int
    article: int = 0


class GapWrite(CallbackData, prefix="v1bD"):
    miss: int


class GapDismiss(CallbackData, prefix="v1bE"):
    miss: int
