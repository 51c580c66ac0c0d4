"""The articles of the tree say what the product does: its buttons by their names, the same facts in both languages."""

import re
import tomllib
from functools import lru_cache

import pytest

from bot.kb.articles.article import ArticleText, read_articles
from bot.messaging.notices.texts import TEMPLATES
from tests.kb.shelf import CONTENT

ARTICLES = read_articles(CONTENT)[0]
# Articles without a kind of equipment are about the service itself: what is bold there is a button or a role.
OF_THE_SERVICE = [article for article in ARTICLES if not article.kinds]


@lru_cache(maxsize=2)
def shown_names(lang: str) -> frozenset[str]:
    """Every label of the language in lower case, without its picture and its variables."""
    texts = [
        text
        for file in sorted((TEMPLATES / lang / "labels").glob("*.toml"))
        for section in tomllib.loads(file.read_text("utf-8")).values()
        for text in section.values()
    ]
    return frozenset(re.sub(r"^\W+", "", re.sub(r"\{\{.*?\}\}", "", text)).strip(" :").lower() for text in texts)


def named_in(article: ArticleText) -> list[str]:
    return [name for bold in re.findall(r"\*\*(.+?)\*\*", article.body) for name in bold.split(" → ")]


@pytest.mark.parametrize("article", OF_THE_SERVICE, ids=lambda article: f"{article.lang}-{article.id}")
def test_a_button_an_article_names_is_there_to_press(article: ArticleText) -> None:
    unknown = [name for name in named_in(article) if name.lower() not in shown_names(article.lang)]
    assert unknown == []


def test_an_english_article_stands_beside_its_russian_one() -> None:
    russian = {article.id: article for article in ARTICLES if article.lang == "ru"}
    for english in (article for article in ARTICLES if article.lang == "en"):
        twin = russian[english.id]
        assert (english.kinds, english.actions, english.audience) == (twin.kinds, twin.actions, twin.audience)


def test_no_two_articles_ask_the_same_thing() -> None:
    asked: dict[tuple[str, str], str] = {}
    for article in ARTICLES:
        assert 3 <= len(article.questions) <= 8, article.id
        for line in (article.title, *article.questions):
            other = asked.setdefault((article.lang, line.lower()), article.id)
            assert other == article.id, line
