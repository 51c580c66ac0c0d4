import subprocess
import sys
import threading
import time
import zlib
from collections.abc import Iterable, Sequence
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from sqlmodel import select

from bot.db.engine import Database
from bot.kb.articles.article import ArticleText
from bot.kb.articles.models import Article
from bot.kb.articles.sync import set_published, sync_articles, write_article
from bot.kb.base.encoder import DIMENSIONS
from bot.kb.base.words import Base, build_base
from bot.kb.index import search as index
from bot.kb.index.living import LivingBase
from bot.kb.judging.calibration import engine_score
from bot.kb.learning.feedback import record_shown
from bot.kb.learning.models import Feedback
from bot.kb.learning.refit import outcomes, refit
from bot.kb.line.own_names import names_in
from bot.messaging.runner import Runner
from tests.conftest import TestOffice
from tests.kb.articles.test_sync import write


def test_an_edit_is_seen_while_questions_run(office: TestOffice, database: Database, tmp_path: Path) -> None:
    write(tmp_path, "printer", "Принтер не печатает", "принтер молчит")
    with office.work() as uow:
        sync_articles(uow, tmp_path)
    base = LivingBase(database, make_encoder=None)
    runner = Runner()
    base.start(runner)
    try:
        assert base.ask("принтер не печатает").hits[0].id == "printer"
        stop = threading.Event()
        failures: list[BaseException] = []

        def keep_asking() -> None:
            while not stop.is_set():
                try:
                    base.ask("пахнет гарью из блока питания")
                except BaseException as error:
                    failures.append(error)

        asking = threading.Thread(target=keep_asking)
        asking.start()
        with office.work() as uow:
            write_article(uow, "ru", "smoke", "Пахнет гарью из блока питания", "Выключите.", by=None)
        deadline = time.monotonic() + 5
        while time.monotonic() < deadline:
            hits = base.ask("пахнет гарью из блока питания").hits
            if hits and hits[0].id == "smoke":
                break
            time.sleep(0.05)
        stop.set()
        asking.join()
        assert hits[0].id == "smoke"
        assert not failures
    finally:
        runner.stop()
        assert runner.join(5) == []


def test_an_empty_base_answers_nothing(database: Database) -> None:
    reading = LivingBase(database, make_encoder=None).ask("что угодно")
    assert (reading.decision, reading.hits) == ("none", ())


def test_articles_of_other_plans_are_never_found(office: TestOffice, database: Database, tmp_path: Path) -> None:
    write(tmp_path, "gold", "Ночная поддержка золотого тарифа", audience="gold")
    write(tmp_path, "other", "Принтер не печатает")
    with office.work() as uow:
        sync_articles(uow, tmp_path)
    base = LivingBase(database, make_encoder=None)
    line = "ночная поддержка золотого тарифа"
    assert all(hit.id != "gold" for hit in base.ask(line).hits)
    assert base.ask(line, audience=frozenset({"gold"})).hits[0].id == "gold"


PROBE = """
import sys, time
import structlog
from bot.db.engine import Database
from bot.kb.index.living import LivingBase
from bot.messaging.runner import Runner

structlog.configure(logger_factory=structlog.PrintLoggerFactory(file=sys.stderr))  # stdout is for the answers
base, runner = LivingBase(Database(sys.argv[1]), make_encoder=None), Runner()
base.start(runner)
base.ask("x")
print("ready", flush=True)
seen = None
while not runner.stopping.is_set() and seen != "stop":
    hits = base.ask("пахнет гарью из блока питания").hits
    first = hits[0].id if hits else None
    if first != seen:
        seen = first
        print(seen, flush=True)
    time.sleep(0.01)
    if first == "smoke":
        runner.stop()
print("left", runner.join(5), flush=True)
"""


@pytest.mark.sampled(1)
def test_another_process_sees_an_edit_while_it_is_asked(office: TestOffice, database: Database, tmp_path: Path) -> None:
    write(tmp_path, "printer", "Принтер не печатает", "принтер молчит")
    with office.work() as uow:
        sync_articles(uow, tmp_path)
    with subprocess.Popen(
        [sys.executable, "-c", PROBE, database.url.render_as_string(hide_password=False)],
        stdout=subprocess.PIPE,
        text=True,
    ) as other:
        try:
            assert other.stdout is not None
            assert "ready\n" in iter(other.stdout.readline, "")
            with office.work() as uow:
                write_article(uow, "ru", "smoke", "Пахнет гарью из блока питания", "Выключите.", by=None)
            lines = list(iter(other.stdout.readline, ""))
            assert "smoke\n" in lines
            assert lines[-1] == "left []\n"
        finally:
            other.kill()


def large(office: TestOffice, folder: Path, **options: object) -> LivingBase:
    """A base treated as a large one, whose merge waits."""
    for number, what in enumerate(("сканер", "монитор", "роутер", "сервер", "телефон", "кассовый ящик")):
        write(folder, f"a{number}", f"Не работает {what}", f"{what} не включается")
    with office.work() as uow:
        sync_articles(uow, folder)
    base = LivingBase(office.database, make_encoder=None, small=0, **options)
    base.refresh()
    return base


def test_a_large_base_shows_edits_beside_the_large_index(office: TestOffice, tmp_path: Path) -> None:
    base = large(office, tmp_path)
    whole = base._main
    with office.work() as uow:
        write_article(uow, "ru", "smoke", "Пахнет гарью из блока питания", "Выключите.", by=None)
        write_article(uow, "ru", "a1", "Как поменять картридж", "Откройте крышку.", ["замена картриджа"], by=None)
        set_published(uow, "a2", "ru", False, by=None)
    assert base.refresh()
    assert base._main is whole
    assert base.ask("пахнет гарью из блока питания").hits[0].id == "smoke"
    assert base.ask("как поменять картридж").hits[0].id == "a1"
    assert all(hit.id != "a2" for hit in base.ask("не работает роутер").hits)
    assert base.ask("не работает сканер").hits[0].id == "a0"


def test_a_large_base_merges_when_it_is_quiet(office: TestOffice, tmp_path: Path) -> None:
    base = large(office, tmp_path, quiet_seconds=0.0)
    with office.work() as uow:
        write_article(uow, "ru", "smoke", "Пахнет гарью из блока питания", "Выключите.", by=None)
    base.refresh()
    before = base.ask("пахнет гарью из блока питания")
    base.catch_up(threading.Event())
    assert base._snapshot is not None
    assert base._snapshot.delta is None
    after = base.ask("пахнет гарью из блока питания")
    assert (before.hits[0].id, after.hits[0].id) == ("smoke", "smoke")
    assert before.decision == after.decision


def test_a_broken_article_never_takes_the_rest_down(
    office: TestOffice, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, "printer", "Принтер не печатает", "принтер молчит")
    write(tmp_path, "bomb", "Бомба")
    write(tmp_path, "torn", "Рваная")
    with office.work() as uow:
        sync_articles(uow, tmp_path)
        uow.session.exec(select(Article).where(Article.code == "torn")).one().questions = None

    def picky(articles: Iterable[ArticleText], *_more: object) -> Base:
        found = list(articles)
        if any(article.id == "bomb" for article in found):
            raise ZeroDivisionError
        return build_base(found)

    monkeypatch.setattr(index, "build_base", picky)
    base = LivingBase(office.database, make_encoder=None)
    hits = base.ask("принтер не печатает").hits
    assert [hit.id for hit in hits] == ["printer"]


class Counting:
    """Makes a vector of a text's hash, and remembers what it was asked."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.calls = 0

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.texts += texts
        self.calls += 1
        numbers = [zlib.crc32(text.encode()) % 97 for text in texts]
        return np.eye(97, DIMENSIONS, dtype=np.float32)[numbers]


def test_lines_read_ahead_are_encoded_together_and_read_alike(office: TestOffice, tmp_path: Path) -> None:
    write(tmp_path, "printer", "Принтер не печатает", "принтер молчит")
    write(tmp_path, "smoke", "Пахнет гарью", "дым из блока")
    with office.work() as uow:
        sync_articles(uow, tmp_path)

    def start() -> tuple[LivingBase, Counting]:
        encoder = Counting()
        base = LivingBase(office.database, make_encoder=lambda: encoder)
        base.refresh()
        base.catch_up(threading.Event())
        encoder.calls = 0
        return base, encoder

    lines = ["принтер не печатает", "пахнет гарью", "чпринтер молчит", "кто там", ""]
    base, encoder = start()
    alone = [base.ask(line) for line in lines]
    assert encoder.calls > 3
    base, encoder = start()
    base.read_ahead(lines)
    assert [base.ask(line) for line in lines] == alone
    assert encoder.calls == 1


def test_vectors_are_kept_by_text_and_only_new_texts_are_encoded(office: TestOffice, tmp_path: Path) -> None:
    write(tmp_path / "faq", "printer", "Принтер не печатает", "принтер молчит")
    with office.work() as uow:
        sync_articles(uow, tmp_path / "faq")

    def start() -> Counting:
        encoder = Counting()
        base = LivingBase(office.database, make_encoder=lambda: encoder, vectors=tmp_path / "kb.vectors")
        base.refresh()
        base.catch_up(threading.Event())
        return encoder

    assert "принтер молчит" in start().texts
    with office.work() as uow:
        write_article(uow, "ru", "smoke", "Пахнет гарью", "Выключите.", by=None)
    again = start().texts
    assert "Пахнет гарью" in again
    assert "принтер молчит" not in again


def test_asked_again_within_a_week_is_an_answer_that_did_not_help(office: TestOffice) -> None:
    with office.work() as uow:

        def shown(person: int | None, days: int, helped: bool | None, appeal: int, score: float = 0.9) -> None:
            row = uow.session.get_one(
                Feedback, record_shown(uow, "printer", "ru", "x", score, person_id=person, appeal_id=appeal)
            )
            row.asked_at, row.helped = uow.now + timedelta(days=days), helped

        shown(1, 0, True, appeal=1)  # said that it helped, and is back with the same
        shown(1, 6, None, appeal=2, score=0.0)  # now picked from suggestions: says nothing of a probability
        shown(2, 0, None, appeal=3)  # silent, and is back
        shown(2, 7, True, appeal=4)
        shown(3, 0, True, appeal=5)  # back, but later than in a week
        shown(3, 8, None, appeal=6)
        shown(4, 0, None, appeal=7)  # the same question once more: one conversation
        shown(4, 1, None, appeal=7)
        shown(None, 0, None, appeal=8)  # nobody knows whether these two are one person
        shown(None, 1, None, appeal=9)
        uow.session.flush()
        found = outcomes(uow.session, timedelta(days=7))
        assert sorted(found) == [(0.9, False), (0.9, False), (0.9, True), (0.9, True)]


def test_a_refitted_layer_of_confidence_is_taken_up(office: TestOffice, tmp_path: Path) -> None:
    write(tmp_path, "printer", "Принтер не печатает", "принтер молчит")
    with office.work() as uow:
        sync_articles(uow, tmp_path)
    base = LivingBase(office.database, make_encoder=None)
    before = base.ask("принтер не печатает").hits[0].score
    with office.work() as uow:
        for number in range(200):
            shown = record_shown(uow, "printer", "ru", "x", 0.9, person_id=None, appeal_id=None)
            uow.session.get_one(Feedback, shown).helped = number % 2 == 0
        uow.session.flush()
        assert refit(uow, timedelta(days=7)).changed
        assert not refit(uow, timedelta(days=7)).changed
    base.refresh()
    after = base.ask("принтер не печатает")
    assert after.hits[0].score < before
    assert engine_score(after, "printer") == pytest.approx(before)


def test_own_names_make_a_line_neither_surer_nor_less_sure(
    office: TestOffice, database: Database, tmp_path: Path
) -> None:
    write(tmp_path, "internet", "Нет интернета", "пропал интернет")
    write(tmp_path, "printer", "Принтер не печатает", "принтер молчит")
    with office.work() as uow:
        sync_articles(uow, tmp_path)
    base = LivingBase(database, make_encoder=None)
    names = names_in(frozenset({"Лиговский пр., 50", "Keenetic Giga"}))
    plain = base.ask("нет интернета")
    for line in ("нет интернета на лиговском 50", "на лиговском Keenetic Giga: нет интернета"):
        reading = base.ask(line, names=names)
        assert (reading.query, reading.read_as) == (line, None)
        assert [(hit.id, round(hit.score, 6)) for hit in reading.hits] == [
            (hit.id, round(hit.score, 6)) for hit in plain.hits
        ]
        assert base.ask(line).in_scope < plain.in_scope
