"""Copies of an SQLite base: made while it is in use, looked at, and put into its place at one stroke.

At each moment the base's name has a whole base, the one before or the one after, and what was there stays beside it.
"""

import errno
import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import create_engine

from bot.db.schema.recognising import CORE, SchemaError, recognise, tables_of

MAGIC = b"SQLite format 3\0"
PG_MAGIC = b"PGDMP"
TAILS = ("", "-wal", "-shm", "-journal")
_STEP = 256  # pages at a time, so that a writer of the base is not held up


class CopyError(RuntimeError):
    """A copy can't be made or put back; the message says why, and that nothing was changed."""


@dataclass(frozen=True, slots=True)
class PutBack:
    """What a restore did: the revision of the base that is there now, and where the one before it is kept."""

    revision: str
    before: Path | None


def make_copy(base: Path, target: Path) -> None:
    """Write a whole, checked copy of a base that may be in use; it gets its name at the end. Raises CopyError."""
    if not base.is_file():
        raise CopyError(f"there is no database at {base}: check DATABASE_URL")
    with finished(target) as part:
        _copy(base, part)
        _require_whole(part, base, newer=True)
        _belongs_like(part, base)


@contextmanager
def finished(target: Path) -> Iterator[Path]:
    """A file to be written, which gets its name when the block is done; nothing is left of it otherwise.

    Raises CopyError where the name is taken, and for what the disk says.
    """
    if os.path.lexists(target):
        raise CopyError(f"{target} exists already: name a new file")
    with _words(f"the copy {target} was not made"):
        target.parent.mkdir(parents=True, exist_ok=True)
        part = target.with_name(f"{target.name}.part")
        part.unlink(missing_ok=True)
        with _gone_afterwards(part):
            yield part
            _sync(part)
            _name(part, target)


def put_back(file: Path, base: Path) -> PutBack:
    """Put a copy into the place of a base that nobody uses; what was there is kept beside it. Raises CopyError."""
    base = base.resolve()
    _require_copy(file, base)
    with _words(f"{file} was not put back, the database is as it was"):
        part = base.with_name(f"{base.name}.restoring")
        with _gone_afterwards(part):
            _copy(file, part)
            revision = _require_whole(part, file)
            if base.exists():
                _belongs_like(part, base)
            _sync(part)
            with _held(base) as whole, _kept(base) as before:
                if not whole:  # what lies in the files beside a damaged base belongs to none other
                    for tail in TAILS[1:]:
                        Path(f"{base}{tail}").unlink(missing_ok=True)
                os.replace(part, base)
            _sync(base.parent)
    return PutBack(revision, before)


def looks_like(file: Path) -> str:
    """`sqlite`, `postgresql` or an empty word, by a file's first bytes. Raises CopyError where it can't be read."""
    if not os.path.lexists(file):
        raise CopyError(f"{file}: no such file")
    if not file.is_file():
        raise CopyError(f"{file} is {'a folder' if file.is_dir() else 'no file'}: name a file that `backup` made")
    try:
        with file.open("rb") as opened:
            first = opened.read(len(MAGIC))
    except OSError as error:
        raise CopyError(f"{file} can't be read: {error.strerror}") from error
    if first.startswith(PG_MAGIC):
        return "postgresql"
    return "sqlite" if first == MAGIC else ""


def _require_copy(file: Path, base: Path) -> None:
    kind = looks_like(file)
    if base.is_dir():
        raise CopyError(f"DATABASE_URL names a folder: {base}")
    if base.exists() and os.path.samefile(file, base):
        raise CopyError(f"{file} is the database itself: name a copy of it")
    if kind == "postgresql":
        raise CopyError(f"{file} is a copy of a PostgreSQL database, and DATABASE_URL names an SQLite one")
    if not kind:
        raise CopyError(f"{file} is {'empty' if file.stat().st_size == 0 else 'no backup of ours'}")


def _copy(source: Path, part: Path) -> None:
    """A base with what is in the files beside it, in one plain file."""
    for tail in TAILS:
        Path(f"{part}{tail}").unlink(missing_ok=True)
    # With nothing beside it the file is all there is, and may lie where nothing can be written.
    alone = not any(Path(f"{source}{tail}").exists() for tail in TAILS[1:])
    address = f"{source.resolve().as_uri()}?{'immutable=1' if alone else 'mode=ro'}"
    os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))  # what is in it is nobody else's business
    with closing(sqlite3.connect(address, uri=True)) as held, closing(sqlite3.connect(part)) as copied:
        held.backup(copied, pages=_STEP, sleep=0.005)
        copied.execute("PRAGMA journal_mode=DELETE")


def _require_whole(part: Path, source: Path, *, newer: bool = False) -> str:
    """The revision of a copy that is undamaged, ours, and not of a newer version, unless that is no matter."""
    from bot.db.schema.migrating import script

    with closing(sqlite3.connect(part)) as opened:
        verdict = opened.execute("PRAGMA integrity_check").fetchone()[0]
    if verdict != "ok":
        raise CopyError(f"{source} is damaged: {' '.join(verdict.split())[:200]}")
    engine = create_engine(f"sqlite:///{part}")
    try:
        with engine.connect() as connection:
            if newer and tables_of(connection) >= CORE:
                return ""
            revision = recognise(connection, script())
    except SchemaError as error:
        raise CopyError(f"{source}: {error}") from error
    finally:
        engine.dispose()
    if revision is None:
        raise CopyError(f"{source} is an empty database")
    return revision


@contextmanager
def _held(base: Path) -> Iterator[bool]:
    """Nobody else uses the base meanwhile, and all of it is in its one file; False where it is damaged.

    Raises CopyError while anybody has it open.
    """
    if not base.exists():
        yield not any(Path(f"{base}{tail}").exists() for tail in TAILS[1:])
        return
    with closing(sqlite3.connect(base, timeout=0, isolation_level=None)) as held:
        whole = True
        try:
            held.execute("PRAGMA journal_mode=DELETE")
            held.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as error:
            if "locked" in str(error):
                raise CopyError("another program has the database open: end it, and restore again") from error
            raise
        except sqlite3.DatabaseError:
            whole = False
        yield whole


@contextmanager
def _kept(base: Path) -> Iterator[Path | None]:
    """The present base has a second name beside its own, one that was free: what was kept earlier is never overwritten.

    The name is given up again if the block fails: then the base is still the base.
    """
    present = [tail for tail in TAILS if tail != "-shm" and Path(f"{base}{tail}").exists()]
    if not present:
        yield None
        return
    before = _free_name(base)
    try:
        for tail in present:
            _second_name(Path(f"{base}{tail}"), Path(f"{before}{tail}"))
        _sync(base.parent)
        yield before
    except BaseException:
        for tail in present:
            with suppress(OSError):
                Path(f"{before}{tail}").unlink(missing_ok=True)
        raise


def _free_name(base: Path) -> Path:
    number = 1
    while True:
        before = base.with_suffix(".before" if number == 1 else f".before.{number}")
        if before.exists() and base.exists() and os.path.samefile(before, base):
            before.unlink()  # of a restore that was killed: the base itself by another name
        if not any(os.path.lexists(f"{before}{tail}") for tail in TAILS):
            return before
        number += 1


def _second_name(path: Path, name: Path) -> None:
    try:
        os.link(path, name)
    except OSError as error:
        if error.errno in {errno.ENOSPC, errno.EEXIST, errno.EDQUOT}:
            raise
        part = name.with_name(f"{name.name}.part")  # a file system with no links
        with _gone_afterwards(part):
            shutil.copy2(path, part)
            _sync(part)
            _name(part, name)


def _name(part: Path, target: Path) -> None:
    """Give a finished file its name, which nobody else may have taken meanwhile."""
    if os.path.lexists(target):
        raise CopyError(f"{target} exists already: name a new file")
    os.rename(part, target)
    _sync(target.parent)


def _belongs_like(part: Path, base: Path) -> None:
    """The same rights and, where we may give it away, the same owner: root's restore is the bot's base."""
    shutil.copymode(base, part)
    with suppress(PermissionError):
        owner = base.stat()
        os.chown(part, owner.st_uid, owner.st_gid)


def _sync(path: Path) -> None:
    """What was written, or named in a folder, outlives a power cut."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _gone_afterwards(part: Path) -> Iterator[None]:
    try:
        yield
    finally:
        for tail in TAILS:
            with suppress(OSError):
                Path(f"{part}{tail}").unlink(missing_ok=True)


@contextmanager
def _words(outcome: str) -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        full = "full" in str(error) or "I/O" in str(error)
        raise CopyError(f"{outcome}: {error}{' (free space on the disk)' if full else ''}") from error
    except OSError as error:
        raise CopyError(f"{outcome}: {error.strerror or error}") from error
