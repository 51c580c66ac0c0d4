"""`import` as a user calls it."""

from pathlib import Path
from threading import Thread
from time import monotonic, sleep

import pytest
import typer
from openpyxl import Workbook
from sqlalchemy import text
from sqlmodel import col, select
from typer.testing import CliRunner

from bot.billing.prices.models import PriceList
from bot.cli import database as command_database
from bot.cli.failing import CommandError
from bot.cli.importing import import_
from bot.clients.models import Company
from bot.db.engine import Database
from bot.imports.bring_in import bring_in
from tests.conftest import TestOffice
from tests.imports.folder import small

app = typer.Typer()
app.command()(import_)


@pytest.fixture
def at_home(database: Database, database_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Database:
    """The command's own database is the test's."""
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setattr(command_database, "require_schema", lambda _database: None)
    return database


def companies(database: Database) -> int:
    with database.read() as session:
        return len(session.exec(select(Company)).all())


def test_a_folder_is_loaded_and_reported(at_home: Database, tmp_path: Path) -> None:
    done = CliRunner().invoke(app, [str(small(tmp_path / "in"))])
    assert done.exit_code == 0, done.exception
    assert "Компании: новых 2" in done.output
    assert companies(at_home) == 2


@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
def test_two_who_load_the_same_at_once_leave_one_version_of_each_list(at_home: Database, tmp_path: Path) -> None:
    folder, failed = small(tmp_path / "in"), list[BaseException]()

    def load_too() -> None:
        try:
            import_(folder)
        except BaseException as error:
            failed.append(error)

    second = Thread(target=load_too)
    with TestOffice(at_home).work() as uow:
        bring_in(uow, folder)
        second.start()
        waits = text("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'")
        begun = monotonic()
        while monotonic() - begun < 20:
            with at_home.read() as session:
                if session.connection().execute(waits).scalar():
                    break
            sleep(0.02)
    second.join(60)
    assert failed == []
    with at_home.read() as session:
        assert session.exec(select(PriceList.version, PriceList.current)).all() == [(1, True)]
    assert companies(at_home) == 2


def test_a_preview_changes_nothing(at_home: Database, tmp_path: Path) -> None:
    CliRunner().invoke(app, [str(small(tmp_path / "in"))])
    lines = "list;item;price\nbase;FIX;2600\nbase;CLEAN;900\nbase;hour:repair;2500\nbase;hour:setup;2200\n"
    folder = small(tmp_path / "in", price_lines=lines, companies="code;name\nshop;М\ncafe;К\nnew;Н\n")
    shown = CliRunner().invoke(app, [str(folder), "--preview"])
    assert shown.exit_code == 0, shown.exception
    assert "подорожает 1\u00a0позиция, подешевеет 0, новых 1" in shown.output
    assert companies(at_home) == 2
    in_english = CliRunner().invoke(app, [str(folder), "--preview", "--lang", "en"])
    assert "1\u00a0item dearer" in in_english.output


def test_a_workbook_of_prices_says_what_gets_dearer_before_it_applies(at_home: Database, tmp_path: Path) -> None:
    items = "".join(f"W{n};Работа {n}\n" for n in range(20))
    former = "".join(f"base;W{n};1000\n" for n in range(17))
    files = {"work_items": f"code;name\n{items}", "price_lines": f"list;item;price\n{former}"}
    CliRunner().invoke(app, [str(small(tmp_path / "in", **files))])
    book = Workbook()
    page = book.active
    page.title = "Цены"
    page.append(["прейскурант", "работа", "цена"])
    for n in range(20):
        page.append(["base", f"W{n}", 1100 if n < 14 else 1000])
    book.save(tmp_path / "prices.xlsx")
    shown = CliRunner().invoke(app, [str(tmp_path / "prices.xlsx"), "--preview"])
    assert shown.exit_code == 0, shown.exception
    said = "подорожает 14\u00a0позиций, подешевеет 0, новых 3; действует с"
    assert said in shown.output and "1\u00a0000\u00a0₽ → 1\u00a0100\u00a0₽" in shown.output
    assert versions(at_home) == [1]
    assert said in CliRunner().invoke(app, [str(tmp_path / "prices.xlsx")]).output
    assert versions(at_home) == [1, 2]


def versions(database: Database) -> list[int]:
    with database.read() as session:
        return list(session.exec(select(PriceList.version).order_by(col(PriceList.version))).all())


def test_mistakes_end_the_command(at_home: Database, tmp_path: Path) -> None:
    folder = small(tmp_path / "in", companies="code;name;inn\nshop;М;7701234567\n")
    done = CliRunner().invoke(app, [str(folder)])
    assert isinstance(done.exception, CommandError)
    assert "companies.csv, строка 2, столбец «inn»" in str(done.exception)
    assert "Ничего не загружено" in str(done.exception)
    assert companies(at_home) == 0


def test_a_language_we_don_t_have(at_home: Database, tmp_path: Path) -> None:
    done = CliRunner().invoke(app, [str(tmp_path), "--lang", "de"])
    assert isinstance(done.exception, CommandError)
