"""A transaction keeps what it read of things that hardly change, to its end and no longer, and not without bound."""

import gc
from collections.abc import Iterator

import pytest
from sqlalchemy import event
from sqlmodel import Session, col, select

from bot.clients.models import Company
from bot.db import keeping
from bot.db.engine import Database
from bot.db.keeping import rows_of
from bot.db.locks import lock


@pytest.fixture
def companies(database: Database) -> list[int]:
    with database.write() as session:
        rows = [Company(code=f"kept-{number}", name=f"Было {number}") for number in range(3)]
        session.add_all(rows)
        session.flush()
        return [row.id for row in rows]


@pytest.fixture
def asked(database: Database) -> Iterator[list[str]]:
    """Statements about companies, as they are asked."""
    found: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if "FROM company" in statement:
            found.append(statement)

    event.listen(database.engine, "before_cursor_execute", note)
    yield found
    event.remove(database.engine, "before_cursor_execute", note)


def name_of(session: Session, company: int) -> str:
    """As an act asks, which keeps nothing itself."""
    gc.collect()
    return session.get_one(Company, company).name


def test_what_was_read_is_not_asked_for_again(database: Database, companies: list[int], asked: list[str]) -> None:
    with database.write() as session:
        assert [name_of(session, companies[0]) for _ in range(3)] == ["Было 0"] * 3
        assert len(asked) == 1
        assert {row.name for row in rows_of(session, Company, companies).values()} == {"Было 0", "Было 1", "Было 2"}
        assert len(asked) == 2
        assert rows_of(session, Company, [*companies, 10**9]).keys() == set(companies)
        assert rows_of(session, Company, companies).keys() == set(companies)
        assert len(asked) == 3  # one that isn't there is looked for, others are at hand
    with database.write() as session:
        name_of(session, companies[0])
    assert len(asked) == 4


def test_what_is_locked_is_read_anew(database: Database, companies: list[int]) -> None:
    with database.write() as session:
        name_of(session, companies[0])
        table = Company.__table__  # type: ignore[attr-defined]  # as another process changes it
        session.connection().execute(table.update().where(table.c.id == companies[0]).values(name="Стало"))
        locked = lock(session, Company, companies[0])
        assert locked is not None
        assert locked.name == name_of(session, companies[0]) == "Стало"


def test_a_session_keeps_nothing_past_its_transaction(database: Database, companies: list[int]) -> None:
    with Session(database.engine, expire_on_commit=False) as session:
        for end in (session.commit, session.rollback):
            name_of(session, companies[0])
            with session.begin_nested():
                pass
            assert list(session.identity_map.values())  # a savepoint is no end
            end()
            gc.collect()
            assert not list(session.identity_map.values())


def test_a_job_over_many_keeps_a_bounded_number(
    database: Database, companies: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeping, "AT_MOST", 2)
    with database.write() as session:
        session.exec(select(Company).where(col(Company.id).in_(companies))).all()
        gc.collect()
        assert len(session.identity_map.values()) == 2
