"""Articles with a body and without one are compared on one scale."""

import numpy as np

from bot.kb.index.search import Index
from bot.kb.judging.features import BESIDE_BODIES, COLUMN
from tests.kb.shelf import Letters, article

LINE = "касса не печатает чек"


def columns(*bodies: str) -> tuple[list[float], list[float]]:
    """What the encoder says of the best unit and of the body, by article."""
    titles = ("Касса не печатает", "Чек не печатает")
    index = Index.build(
        [article(f"a{n}", title, body=body) for n, (title, body) in enumerate(zip(titles, bodies, strict=True))],
        Letters(),
    )
    looked = index.look(LINE)
    assert looked is not None
    return looked.table[:, COLUMN["enc_best"]].tolist(), looked.table[:, COLUMN["enc_sentence"]].tolist()


def test_where_no_article_has_a_body_the_units_stand_for_it() -> None:
    best, sentence = columns("", "")
    assert best == sentence


def test_beside_a_body_the_units_of_an_article_without_one_stand_for_it_in_part() -> None:
    best, sentence = columns("Замените ленту в принтере чеков кассы.", "")
    assert 0 < sentence[0] != best[0]
    assert np.isclose(sentence[1], best[1] * BESIDE_BODIES)
