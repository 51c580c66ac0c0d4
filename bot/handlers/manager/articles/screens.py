"""What the screens of writing articles show."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.answers.asking import ArticleTitle
from bot.kb.articles.models import Article


@dataclass(frozen=True, slots=True)
class FoundArticles:
    """Articles to open; `searched`: by the author's words."""

    rows: Sequence[ArticleTitle]
    searched: bool


@dataclass(frozen=True, slots=True)
class TitleWanted:
    """A title is asked for; `question`: as clients asked."""

    question: str | None = None


@dataclass(frozen=True, slots=True)
class BodyWanted:
    """A text is asked for; `body`: what it is now."""

    body: str = ""


@dataclass(frozen=True, slots=True)
class PublishedDraft:
    """The article as it went into the base; `questions`: those of clients lead to it now."""

    article: Article
    questions: bool
