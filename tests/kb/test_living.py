import threading
import time
from pathlib import Path

from bot.db.engine import Database
from bot.kb.living import LivingBase
from bot.kb.sync import sync_articles, write_article
from bot.messaging.runner import Runner
from tests.conftest import TestOffice
from tests.kb.test_sync import write


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
