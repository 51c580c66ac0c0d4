"""Buttons of writing and changing articles."""

from bot.answers.writing import ArticleCard
from bot.handlers.common.article_view import ArticlePage
from bot.handlers.manager.articles.presses import (
    DraftPart,
    DropArticleDraft,
    EditArticle,
    NewArticle,
    OpenArticle,
    PublishDraft,
    SwitchArticle,
)
from bot.handlers.manager.articles.screens import BodyWanted, FoundArticles, PublishedDraft, TitleWanted
from bot.messaging.notices.subjects import Nothing
from bot.telegram.showing.keyboards import Button, Keyboard, buttons


@buttons("kb/articles")
def articles(_lang: str, shown: FoundArticles) -> Keyboard:
    found = [[Button(text=row.title, press=OpenArticle(article=row.id))] for row in shown.rows]
    return Keyboard([*found, [Button("writing.new", NewArticle())]])


@buttons("kb/card", "kb/draft_published")
def card(_lang: str, shown: ArticleCard | PublishedDraft) -> Keyboard:
    row = shown.article
    switch = Button(
        "writing.take_out" if row.published else "writing.put_back", SwitchArticle(article=row.id, on=not row.published)
    )
    return Keyboard([[Button("writing.edit", EditArticle(article=row.id)), switch]])


@buttons("kb/draft_title")
def title(_lang: str, wanted: TitleWanted) -> Keyboard:
    as_asked = [Button("writing.as_asked", DraftPart(part="question"))] if wanted.question else []
    return Keyboard([as_asked, [Button("writing.drop", DropArticleDraft())]])


@buttons("kb/draft_body", "kb/draft_photo", "kb/draft_bad")
def drop(_lang: str, _shown: BodyWanted | Nothing) -> Keyboard:
    return Keyboard([[Button("writing.drop", DropArticleDraft())]])


@buttons("kb/draft")
def draft(_lang: str, _page: ArticlePage) -> Keyboard:
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
