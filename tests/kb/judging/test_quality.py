"""The floor under the search: this tree's own articles, one way to ask left out of each and asked, clean and broken."""

from dataclasses import replace
from functools import lru_cache

import pytest

from bench.kb.breaking import broken
from bot.kb.index.search import Index
from tests.kb.shelf import russian_articles, russian_index

LEFT_OUT = 1


@lru_cache(maxsize=1)
def without_one_way_each() -> Index:
    return Index.build(
        replace(found, questions=(*found.questions[:LEFT_OUT], *found.questions[LEFT_OUT + 1 :]))
        for found in russian_articles()
    )


@lru_cache(maxsize=4)
def recall(copy: str) -> tuple[float, float]:
    """Recall at 1 and at 3 with the encoder off."""
    asked = [(found.id, found.questions[LEFT_OUT]) for found in russian_articles() if len(found.questions) > LEFT_OUT]
    places = []
    for code, line in asked:
        hits = [hit.id for hit in without_one_way_each().ask(line if copy == "clean" else broken(line, copy)).hits]
        places.append(hits.index(code) if code in hits else 99)
    return sum(place == 0 for place in places) / len(places), sum(place < 3 for place in places) / len(places)


def test_a_new_way_to_ask_finds_its_article() -> None:
    first, three = recall("clean")
    assert first >= 0.65
    assert three >= 0.85


@pytest.mark.parametrize(("copy", "lost"), [("layout", 0.03), ("translit", 0.04), ("typo", 0.06)])
def test_a_broken_line_loses_little(copy: str, lost: float) -> None:
    assert recall(copy)[1] >= recall("clean")[1] - lost


def test_direct_answers_are_mostly_right() -> None:
    answered = [
        (found.id, reading.hits[0].id)
        for found in russian_articles()
        if len(found.questions) > LEFT_OUT
        and (reading := without_one_way_each().ask(found.questions[LEFT_OUT])).decision == "answer"
    ]
    assert len(answered) >= 0.2 * len(russian_articles())
    assert sum(code == first for code, first in answered) >= 0.90 * len(answered)


def test_questions_of_the_wide_world_are_not_answered() -> None:
    lines = [
        "кто написал войну и мир",
        "столица австралии",
        "сколько лет пушкину",
        "рецепт борща",
        "во сколько завтра матч",
        "почему небо голубое",
        "кто президент франции",
        "как зовут собаку шерлока холмса",
        "длина экватора",
        "когда началась первая мировая война",
    ]
    assert [line for line in lines if russian_index().ask(line).decision == "answer"] == []
