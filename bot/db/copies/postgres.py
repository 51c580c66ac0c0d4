"""Copies of a PostgreSQL database by the server's own programs: checked before anything is touched."""

import os
import re
import subprocess
import tempfile
from collections.abc import Iterable
from pathlib import Path

from sqlalchemy.engine import URL

from bot.db.copies.sqlite import CopyError, finished, looks_like
from bot.db.engine import Database
from bot.db.schema.migrating import script, table_names
from bot.db.schema.recognising import CORE, VERSION_TABLE, SchemaError, recognise, tables_of

_TABLE = re.compile(r"^\d+; \d+ \d+ TABLE \S+ (\S+) ", re.MULTILINE)
_VERSION = re.compile(rf"^COPY \S*{VERSION_TABLE} \(version_num\) FROM stdin;\n(.*?)^\\\.$", re.MULTILINE | re.DOTALL)


def make_copy(database: Database, target: Path) -> None:
    """Write a consistent copy while the database is in use; it gets its name when it is whole. Raises CopyError."""
    with database.read() as session:
        connection = session.connection()
        if not tables_of(connection) >= CORE and recognise(connection, script()) is None:
            raise CopyError("the database is empty: check DATABASE_URL")
    with finished(target) as part:
        _run(database, "pg_dump", "--format=custom", f"--file={part}")
        _tables_in(part, target)


def put_back(database: Database, file: Path) -> str:
    """Put a copy into the place of a database that nobody uses, in one transaction; returns its revision.

    Raises CopyError, with nothing changed.
    """
    kind = looks_like(file)
    if kind == "sqlite":
        raise CopyError(f"{file} is a copy of an SQLite database, and DATABASE_URL names a PostgreSQL one")
    if not kind:
        raise CopyError(f"{file} is {'empty' if file.stat().st_size == 0 else 'no backup of ours'}")
    there = _tables_in(file, file)
    revision = _revision_in(file)
    drops = _drops(database, there)
    with tempfile.TemporaryDirectory(prefix="firstline-restore-") as folder:
        # The whole copy is read before anything is touched: one that is cut off is found out here.
        statements, first = Path(folder, "copy.sql"), Path(folder, "first.sql")
        _program("pg_restore", "--no-owner", "--no-privileges", f"--file={statements}", str(file))
        first.write_text(drops, "utf-8")
        options = ("--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--single-transaction", "--output=/dev/null")
        _run(database, "psql", *options, f"--file={first}", f"--file={statements}")
    return revision


def _tables_in(file: Path, named: Path) -> set[str]:
    there = set(_TABLE.findall(_program("pg_restore", "--list", str(file))))
    if not there >= CORE:
        raise CopyError(f"{named} is no backup of ours")
    return there


def _revision_in(file: Path) -> str:
    said = _program("pg_restore", "--data-only", f"--table={VERSION_TABLE}", "--file=-", str(file))
    found = _VERSION.search(said)
    heads = found.group(1).split() if found else []
    known = [revision.revision for revision in script().walk_revisions()]
    if len(heads) != 1:
        raise CopyError(f"{file} doesn't say of which version it is")
    if heads[0] not in known:
        raise CopyError(
            f"{file} was made by a newer version of Firstline (schema {heads[0]}; this one knows {known[0]}): "
            "update the program first"
        )
    return heads[0]


def _drops(database: Database, there: Iterable[str]) -> str:
    """What makes place for the copy: our tables, and those of a newer version of ours; others' tables stay."""
    with database.read() as session:
        connection = session.connection()
        present = tables_of(connection)
        try:
            recognise(connection, script())
            ours = present & (table_names(connection) | set(there))
        except SchemaError as error:
            if not present >= CORE:
                raise CopyError(f"nothing was put back: {error}") from error
            ours = present
    quoted = ", ".join(f'"{name}"' for name in sorted({*ours, VERSION_TABLE}))
    # No CASCADE: what others hang on our tables is not ours to drop, and then nothing is done.
    return f"DROP TABLE IF EXISTS {quoted};\n"


def _run(database: Database, program: str, *options: str) -> str:
    """A client program with the database's address; the password goes by the environment, which others can't list."""
    url = database.url
    address = URL.create("postgresql", url.username, None, url.host, url.port, url.database, url.query)
    secret = {"PGPASSWORD": url.password} if url.password else {}
    return _program(program, f"--dbname={address.render_as_string()}", *options, **secret)


def _program(program: str, *options: str, **secret: str) -> str:
    try:
        done = subprocess.run(  # noqa: S603 - a fixed program with our own arguments
            [program, *options],
            check=True,
            env=os.environ | secret,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
        )
    except FileNotFoundError as error:
        raise CopyError(f"{program} is not installed: install PostgreSQL's client programs") from error
    except subprocess.CalledProcessError as error:
        said = error.stderr.strip()
        of_another = "server version mismatch" in said or "unsupported version" in said
        mend = f"\ninstall {program} of the server's version, or run it beside the server" if of_another else ""
        raise CopyError(f"{program} failed, and nothing was changed:\n{said}{mend}") from error
    return done.stdout
