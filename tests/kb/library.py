"""Small bases to search in, and an encoder that costs nothing."""

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from bot.kb.article import Article, read_articles
from bot.kb.index import Index

CONTENT = Path(__file__).parents[2] / "content" / "faq"


def article(
    code: str,
    title: str,
    *questions: str,
    body: str = "",
    kinds: Sequence[str] = (),
    audience: Sequence[str] = ("public",),
    lang: str = "ru",
) -> Article:
    """An article as a file would give it."""
    return Article(
        id=code, lang=lang, title=title, body=body, questions=questions, kinds=tuple(kinds), audience=tuple(audience)
    )


@lru_cache(maxsize=1)
def russian_articles() -> tuple[Article, ...]:
    """The Russian articles of this tree."""
    return tuple(found for found in read_articles(CONTENT)[0] if found.lang == "ru")


@lru_cache(maxsize=1)
def russian_index() -> Index:
    """An index of them by words alone, as with `KB_ENCODER=off`."""
    return Index.build(russian_articles())
