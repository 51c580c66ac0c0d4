"""What the buttons of writing and changing articles carry: ids only (R2.4). The draft itself is in the dialogue."""

from typing import Literal

from aiogram.filters.callback_data import CallbackData


class NewArticle(CallbackData, prefix="v1kn"):
    pass


class OpenArticle(CallbackData, prefix="v1ko"):
    article: int


class EditArticle(CallbackData, prefix="v1ke"):
    article: int


class SwitchArticle(CallbackData, prefix="v1ks"):
    article: int
    on: int


class DraftPart(CallbackData, prefix="v1kp"):
    """Write this part anew; `question`: take the client's question as the title."""

    part: Literal["title", "body", "photo", "question"]


class PublishDraft(CallbackData, prefix="v1ky"):
    pass


class DropArticleDraft(CallbackData, prefix="v1kx"):
    pass
