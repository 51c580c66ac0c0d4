"""Which database it is, is told before anything is done to it: in words, and with nothing changed."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Column, Connection, Integer, inspect, text
from typer.testing import CliRunner

from bot.cli import commands
from bot.cli.failing import words_of
from bot.db.engine import Database
from bot.db.schema.migrating import is_blank, newest, require_present, upgrade
from bot.db.schema.recognising import SchemaError


@contextmanager
def changing(database: Database) -> Iterator[Connection]:
    """Somebody's hand in the database."""
    with database.engine.connect() as connection:
        yield connection
        connection.commit()


def told(database: Database) -> tuple[str, str]:
    """What the start and what `migrate` say; the latter leaves everything as it was."""
    before = schema_of(database)
    with pytest.raises(SchemaError) as at_start:
        require_present(database)
    with pytest.raises(SchemaError) as at_migrate:
        upgrade(database)
    assert schema_of(database) == before
    return str(at_start.value), str(at_migrate.value)


def schema_of(database: Database) -> list[str]:
    with database.read() as session:
        found = inspect(session.connection())
        columns = found.get_multi_columns()
        return sorted(f"{key} {[(c['name'], str(c['type']), c['nullable']) for c in columns[key]]}" for key in columns)


def test_an_empty_database_waits_for_migrate(empty: Database) -> None:
    assert is_blank(empty)
    with pytest.raises(SchemaError, match="is empty: run `python -m bot migrate`"):
        require_present(empty)
    assert upgrade(empty) == newest() == require_present(empty)


@pytest.mark.parametrize("version", [None, "0001", "5f2d8e"])
def test_another_program_s_database_is_left_alone(empty: Database, version: str | None) -> None:
    with changing(empty) as connection:
        for table in ("customers", "orders", "ticket"):
            connection.execute(text(f"CREATE TABLE {table} (id INTEGER PRIMARY KEY)"))
        if version is not None:
            connection.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)"))
            connection.execute(text(f"INSERT INTO alembic_version VALUES ('{version}')"))
    for said in told(empty):
        assert "belongs to another program" in said
        assert "customers, orders, ticket" in said
    with pytest.raises(SchemaError):
        is_blank(empty)


def test_a_version_with_no_tables_is_told(empty: Database) -> None:
    with changing(empty) as connection:
        connection.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)"))
        connection.execute(text("INSERT INTO alembic_version VALUES ('0001')"))
    for said in told(empty):
        assert "has no tables: restore a backup" in said


def test_a_newer_version_s_database_is_told_plainly(database: Database) -> None:
    with changing(database) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0999'"))
    for said in told(database):
        assert f"made by a newer version of Firstline (schema 0999; this one knows {newest()}): update" in said


@pytest.mark.parametrize("change", ["DELETE FROM alembic_version", "INSERT INTO alembic_version VALUES ('0998')"])
def test_a_base_with_no_version_or_two_is_told(database: Database, change: str) -> None:
    with changing(database) as connection:
        connection.execute(text(change))
    for said in told(database):
        assert "not written down of which version" in said


@pytest.mark.sampled(2)
@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("DROP TABLE feedback", "table feedback is missing"),
        ("ALTER TABLE company DROP COLUMN category", "column company.category is missing"),
        ("ALTER TABLE company ADD COLUMN region VARCHAR(9) NOT NULL", "column company.region must be filled"),
    ],
)
def test_what_no_version_of_ours_ever_was_is_refused(database: Database, change: str, said: str) -> None:
    with changing(database) as connection:
        if "region" in change:
            with Operations(MigrationContext.configure(connection)).batch_alter_table("company") as batch:
                batch.add_column(Column("region", Integer, nullable=False))
        else:
            connection.execute(text(change))
    at_start, at_migrate = told(database)
    assert said in at_start
    assert said in at_migrate
    assert "restore a backup" in at_migrate


def test_a_column_that_became_another_is_told(database: Database) -> None:
    with (
        changing(database) as connection,
        Operations(MigrationContext.configure(connection)).batch_alter_table("company") as batch,
    ):
        batch.alter_column("name", nullable=True)
        batch.alter_column("code", type_=Integer(), postgresql_using="0")
    at_start, at_migrate = told(database)
    for said in (at_start, at_migrate):
        assert "column company.name should refuse empty values" in said
        assert "column company.code is INTEGER() and should be" in said


def test_an_index_that_was_lost_is_made_again(database: Database) -> None:
    with changing(database) as connection:
        connection.execute(text("DROP INDEX ix_ticket_company_id"))
        connection.execute(text("DROP INDEX ix_inbox_waiting"))
    with pytest.raises(SchemaError, match="index ix_ticket_company_id of ticket is missing"):
        require_present(database)
    assert upgrade(database) == require_present(database)


def test_what_somebody_keeps_beside_ours_hinders_nobody(database: Database) -> None:
    with changing(database) as connection:
        connection.execute(text("CREATE TABLE their_report (id INTEGER PRIMARY KEY)"))
        connection.execute(text("ALTER TABLE company ADD COLUMN their_note VARCHAR(20)"))
        connection.execute(text("CREATE INDEX their_index ON company (name)"))
    assert upgrade(database) == require_present(database)


@pytest.mark.parametrize(
    ("empty", "words"),
    [("sqlite", ("migrate",)), ("sqlite", ("run",)), ("postgres", ("kb", "stats")), ("postgres", ("init",))],
    indirect=["empty"],
)
def test_commands_say_it_in_a_line(empty: Database, words: tuple[str, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    with changing(empty) as connection:
        connection.execute(text("CREATE TABLE customers (id INTEGER PRIMARY KEY)"))
    monkeypatch.setenv("DATABASE_URL", empty.url.render_as_string(hide_password=False))
    monkeypatch.setenv("BOT_TOKEN", "123456789:" + "a" * 35)
    done = CliRunner().invoke(commands, words)
    assert "belongs to another program" in (words_of(done.exception) or "")


def test_doctor_says_what_and_what_to_do(
    database: Database, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with changing(database) as connection:
        connection.execute(text("DROP TABLE feedback"))
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("BOT_TOKEN", "")
    done = CliRunner().invoke(commands, ["doctor"])
    assert done.exit_code == 1
    assert "BAD  schema: the database says it has schema" in done.output
    assert "table feedback is missing" in done.output
    assert "→ run `python -m bot migrate`" in done.output
