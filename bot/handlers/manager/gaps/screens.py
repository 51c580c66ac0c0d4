"""What the screens of unanswered questions show."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.answers.asking import ArticleTitle
from bot.kb.learning.gaps import Gap


@dataclass(frozen=True, slots=True)
class OpenGaps:
    """A page of groups, and how many there are on all pages."""

    rows: Sequence[Gap]
    groups: int
    page: int
    pages: int


@dataclass(frozen=True, slots=True)
class GapCard:
    """One group, and the article that came nearest."""

    gap: Gap
    nearest: ArticleTitle | None

    @property
    def miss(self) -> int:
        """The question that stands for its group."""
        return self.gap.misses[0]


@dataclass(frozen=True, slots=True)
class ArticleOfGap:
    """A group's article is asked for; `found` is what the author's words brought."""

    miss: int
    found: Sequence[ArticleTitle] = ()


@dataclass(frozen=True, slots=True)
class QuestionsAdded:
    """Ways to ask an article that it did not know before."""

    count: int
