import threading
from pathlib import Path

import numpy as np
import pytest

from bot.kb.articles.sync import sync_articles
from bot.kb.base.encoder import VectorCache, quantised
from bot.kb.index.living import LivingBase
from tests.conftest import TestOffice
from tests.kb.articles.test_sync import write
from tests.kb.shelf import Letters

TEXTS = ["принтер молчит", "касса не включается", "принтер молчит", "нет связи"]


def test_vectors_come_back_from_the_file_as_they_were_with_each_text_encoded_once(tmp_path: Path) -> None:
    first, second = Letters(), Letters()
    cache = VectorCache(tmp_path / "kb.vectors")
    rows = cache.vectors(TEXTS, first)
    cache.save()
    again = VectorCache(tmp_path / "kb.vectors").vectors([*TEXTS[::-1], "ещё одна"], second)
    assert (rows == quantised(Letters().encode(TEXTS))).all()
    assert (again[:4] == rows[::-1]).all()
    assert (first.texts, second.texts) == (3, 1)


@pytest.mark.parametrize("spoilt", [b"", b"something else", None], ids=["empty", "another format", "torn"])
def test_a_file_that_is_not_whole_costs_only_what_it_lacks(tmp_path: Path, spoilt: bytes | None) -> None:
    file = tmp_path / "kb.vectors"
    cache = VectorCache(file)
    rows = cache.vectors(TEXTS, Letters())
    cache.save()
    file.write_bytes(file.read_bytes()[:-7] if spoilt is None else spoilt)
    encoder = Letters()
    mended = VectorCache(file)
    assert (mended.vectors(TEXTS, encoder) == rows).all()
    assert encoder.texts == (1 if spoilt is None else 3)
    mended.save()
    assert len(VectorCache(file)) == 3


def test_vectors_of_two_threads_are_both_kept(tmp_path: Path) -> None:
    cache = VectorCache(tmp_path / "kb.vectors")
    lists = [[f"{word} {number}" for number in range(60)] for word in ("касса", "принтер", "сканер", "роутер")]

    def encode(texts: list[str]) -> None:
        cache.vectors(texts, Letters())
        cache.save()

    threads = [threading.Thread(target=encode, args=(texts,)) for texts in lists]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    encoder = Letters()
    kept = VectorCache(tmp_path / "kb.vectors").vectors([text for texts in lists for text in texts], encoder)
    assert encoder.texts == 0
    assert np.abs(kept).max(axis=1).min() == 127


def test_a_large_base_has_meanings_of_titles_before_those_of_bodies(office: TestOffice, tmp_path: Path) -> None:
    for number, what in enumerate(("сканер", "монитор", "роутер")):
        write(tmp_path, f"a{number}", f"Не работает {what}", f"{what} не включается")
    with office.work() as uow:
        sync_articles(uow, tmp_path)
    encoder = Letters()
    base = LivingBase(office.database, make_encoder=lambda: encoder, small=0)
    base.refresh()
    encoded = []
    for _ in range(3):
        base.catch_up(threading.Event())
        base.ask("не включается монитор")
        encoded.append(encoder.texts)
    assert 0 < encoded[0] < encoded[1] == encoded[2]
    assert base.ask("не включается монитор").hits[0].id == "a1"
