"""Small bases to search in, and an encoder that costs nothing."""

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bot.kb.articles.article import ArticleText, read_articles
from bot.kb.base.encoder import DIMENSIONS
from bot.kb.base.words import gram_hashes_of
from bot.kb.index.search import Index

CONTENT = Path(__file__).parents[2] / "content" / "faq"


def article(
    code: str,
    title: str,
    *questions: str,
    body: str = "",
    kinds: Sequence[str] = (),
    audience: Sequence[str] = ("public",),
    lang: str = "ru",
) -> ArticleText:
    """An article as a file would give it."""
    return ArticleText(
        id=code, lang=lang, title=title, body=body, questions=questions, kinds=tuple(kinds), audience=tuple(audience)
    )


@lru_cache(maxsize=1)
def russian_articles() -> tuple[ArticleText, ...]:
    """The Russian articles of this tree."""
    return tuple(found for found in read_articles(CONTENT)[0] if found.lang == "ru")


@lru_cache(maxsize=1)
def russian_index() -> Index:
    """An index of them by words alone, as with `KB_ENCODER=off`."""
    return Index.build(russian_articles())


class Letters:
    """An encoder that hears only letters: texts of like pieces get like vectors. Counts what it was given."""

    def __init__(self, dimensions: int = DIMENSIONS) -> None:
        self.dimensions = dimensions
        self.texts = 0

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.texts += len(texts)
        rows = np.full((len(texts), self.dimensions), 1e-3, dtype=np.float32)
        for row, text in zip(rows, texts, strict=True):
            np.add.at(row, gram_hashes_of(text) % self.dimensions, 1.0)
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)
