"""Database facts that decide correctness (stack.md): each was a silent loss once."""

import shutil
import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError
from sqlmodel import select

from bot.db.engine import Database
from bot.db.numbering import Counter, next_number
from bot.db.trouble import storage_trouble
from tests.conftest import TestOffice
from tests.spare_databases import SpareDatabases


def test_no_read_modify_write_is_lost_between_threads(office: TestOffice) -> None:
    """With the driver's default transactions two thirds were lost with no error; the first one begins the series."""

    def count_up() -> None:
        for _ in range(25):
            with office.work() as uow:
                next_number(uow.session, "ticket")

    threads = [threading.Thread(target=count_up) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with office.database.read() as session:
        assert session.exec(select(Counter.last)).one() == 100


def test_an_act_that_fails_leaves_nothing(office: TestOffice) -> None:
    try:
        with office.work() as uow:
            next_number(uow.session, "ticket")
            raise RuntimeError("killed in the middle")
    except RuntimeError:
        pass
    with office.database.read() as session:
        assert session.exec(select(Counter)).all() == []


def test_a_server_that_takes_no_writes_says_so_before_anything_is_written(spare_databases: SpareDatabases) -> None:
    with spare_databases.one() as there:
        url = make_url(there).update_query_dict({"options": "-c default_transaction_read_only=on"})
        database = Database(url.render_as_string(hide_password=False))
        with pytest.raises(DBAPIError) as refused:
            database.require_writable()
        database.dispose()
    assert storage_trouble(refused.value) == "the database is read-only: let the bot's user write to it"


def test_a_file_that_somebody_writes_to_can_be_written(sqlite_template: Path, tmp_path: Path) -> None:
    path = shutil.copy(sqlite_template, tmp_path / "firstline.db")
    database = Database(f"sqlite:///{path}", busy_seconds=0)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        database.require_writable()
    database.dispose()


def test_what_can_be_written_is_left_as_it_is(database: Database) -> None:
    database.require_writable()
    database.require_writable()
