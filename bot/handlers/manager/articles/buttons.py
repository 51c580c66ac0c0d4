"""Buttons of writing and changing articles."""

from collections.abc import Sequence
from typing import Any

from bot.handlers.manager.articles.presses import (
    DraftPart,
    DropArticleDraft,
    EditArticle,
    NewArticle,
    OpenArticle,
    PublishDraft,
    SwitchArticle,
)
from bot.telegram.showing.keyboards import Button, Keyboard, buttons


@buttons("kb/articles")
def articles(_lang: str, *, rows: Sequence[tuple[int, str]], **_values: Any) -> Keyboard:
    found = [[Button(text=title, press=OpenArticle(article=row))] for row, title in rows]
    return Keyboard([*found, [Button("writing.new", NewArticle())]])


@buttons("kb/card", "kb/draft_published")
def card(_lang: str, *, article_id: int, published: bool, **_values: Any) -> Keyboard:
    switch = Button(
        "writing.take_out" if published else "writing.put_back", SwitchArticle(article=article_id, on=not published)
    )
    return Keyboard([[Button("writing.edit", EditArticle(article=article_id)), switch]])


@buttons("kb/draft_title")
def title(_lang: str, *, question: str | None, **_values: Any) -> Keyboard:
    as_asked = [Button("writing.as_asked", DraftPart(part="question"))] if question else []
    return Keyboard([as_asked, [Button("writing.drop", DropArticleDraft())]])


@buttons("kb/draft_body", "kb/draft_photo", "kb/draft_bad")
def drop(_lang: str, **_values: Any) -> Keyboard:
    return Keyboard([[Button("writing.drop", DropArticleDraft())]])


@buttons("kb/draft")
def draft(_lang: str, **_values: Any) -> Keyboard:
    return Keyboard(
        [
            [Button("writing.publish", PublishDraft())],
            [
                Button("writing.title", DraftPart(part="title")),
                Button("writing.body", DraftPart(part="body")),
                Button("writing.photo", DraftPart(part="photo")),
            ],
            [Button("writing.drop", DropArticleDraft())],
        ]
    )
