"""What the buttons of several problems carry: the message of the speaker's own and which of its problems (R2.4)."""

from aiogram.filters.callback_data import CallbackData


class AnswerProblem(CallbackData, prefix="v1sa"):
    """The likely article of one."""

    said: int
    part: int


class DraftProblem(CallbackData, prefix="v1sd"):
    """A ticket of this one alone."""

    said: int
    part: int
