"""`migrate`, `backup`, `restore`."""

import os
import shutil
import sqlite3
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from bot.cli.failing import CommandError
from bot.settings import load

if TYPE_CHECKING:
    from bot.db.engine import Database


def open_database() -> "Database":
    """The database of the settings."""
    from bot.db.engine import Database

    return Database(load().database_url)


def require_schema(database: "Database") -> None:
    """Raises SchemaError unless the schema, its revision and every table, is the code's own."""
    from bot.db.migrating import is_blank, require_present, upgrade

    if database.is_sqlite and is_blank(database):
        upgrade(database)  # a first start on the embedded database needs no ceremony
    require_present(database)


def migrate() -> None:
    """Bring the schema up to date; safe to repeat and to run from several processes at once."""
    from bot.db.migrating import upgrade

    typer.echo(f"schema {upgrade(open_database())}")


def backup(file: Path) -> None:
    """Write a consistent copy while the bot runs (SQLite: its backup API; PostgreSQL: pg_dump).

    It gets its name only when it is whole.
    """
    database = open_database()
    if file.exists():
        raise CommandError(f"{file} exists already: name a new file")
    file.parent.mkdir(parents=True, exist_ok=True)
    part = file.with_name(f"{file.name}.part")
    part.unlink(missing_ok=True)
    if database.path is not None:
        source = sqlite3.connect(f"file:{database.path}?mode=ro", uri=True)
        target = sqlite3.connect(part)
        with target:
            source.backup(target, pages=256, sleep=0.005)
        target.close()
        source.close()
    else:
        _pg(database, "pg_dump", "--format=custom", f"--file={part}")
    part.rename(file)
    typer.echo(f"saved to {file}")


def restore(file: Path) -> None:
    """Put a copy back; the bot must be stopped. The present SQLite file is kept beside it as `.before`."""
    database = open_database()
    if not file.is_file():
        raise CommandError(f"{file}: no such file")
    if database.path is not None:
        _check_copy(file)
        database.dispose()
        before = database.path.with_suffix(".before")
        for tail in ("", "-wal", "-shm"):  # what is only in the -wal file belongs to the base that is put aside
            present, kept = Path(f"{database.path}{tail}"), Path(f"{before}{tail}")
            kept.unlink(missing_ok=True)
            if present.exists():
                shutil.move(present, kept)
        shutil.copy(file, database.path)
    else:
        _pg(database, "pg_restore", "--clean", "--if-exists", "--no-owner", "--single-transaction", str(file))
    typer.echo(f"restored from {file}")


def _check_copy(file: Path) -> None:
    try:
        copy = sqlite3.connect(f"file:{file}?mode=ro", uri=True)
        verdict = copy.execute("PRAGMA integrity_check").fetchone()[0]
        copy.close()
    except sqlite3.DatabaseError as error:
        raise CommandError(f"{file} is no backup of ours: {error}") from error
    if verdict != "ok":
        raise CommandError(f"{file} is damaged: {verdict}")


def _pg(database: "Database", program: str, *options: str) -> None:
    """Run one of PostgreSQL's client programs; the password goes by the environment, which other users can't list."""
    from sqlalchemy.engine import URL

    url = database.url
    address = URL.create("postgresql", url.username, None, url.host, url.port, url.database, url.query)
    secret = {"PGPASSWORD": url.password} if url.password else {}
    try:
        subprocess.run(  # noqa: S603 - a fixed program with our own arguments
            [program, f"--dbname={address.render_as_string()}", *options],
            check=True,
            env=os.environ | secret,
            stderr=subprocess.PIPE,
            text=True,
        )
    except FileNotFoundError as error:
        raise CommandError(f"{program} is not installed: install PostgreSQL's client programs") from error
    except subprocess.CalledProcessError as error:
        said = error.stderr.strip()
        of_another = "server version mismatch" in said or "unsupported version" in said
        mend = f"\ninstall {program} of the server's version, or run it beside the server" if of_another else ""
        raise CommandError(f"{program} failed:\n{said}{mend}") from error
