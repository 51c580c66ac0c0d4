"""`backup` and `restore` on SQLite: whatever is given, wherever it ends, a whole base has the name and none is lost."""

import errno
import os
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from bot.cli.database import backup, restore
from bot.cli.failing import CommandError
from bot.db.copies import sqlite as copies
from bot.db.copies.sqlite import CopyError, make_copy, put_back
from bot.db.engine import Database
from bot.db.presence import BusyDatabaseError, lock_path, running, stopped

CALLS = ("open", "link", "rename", "replace", "fsync", "unlink", "close", "chown")


@pytest.fixture
def base(tmp_path: Path, sqlite_template: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A base with a mark in it, in a folder of its own, which is the one of the settings."""
    path = tmp_path / "data" / "firstline.db"
    path.parent.mkdir()
    shutil.copy(sqlite_template, path)
    mark(path, "live")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{path}")
    return path


@pytest.fixture
def copy(tmp_path: Path, sqlite_template: Path) -> Path:
    """A backup with another mark."""
    path = tmp_path / "copy.db"
    shutil.copy(sqlite_template, path)
    mark(path, "copy")
    return path


def mark(path: Path, word: str) -> None:
    with closing(sqlite3.connect(path)) as opened, opened:
        opened.execute("INSERT INTO alarm (kind, details, raised_at) VALUES (?, '{}', '2026-11-24 09:00:00')", (word,))


def marks(path: Path) -> list[str]:
    """What marks a base has, which must be whole."""
    with closing(sqlite3.connect(path)) as opened:
        assert opened.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        return [row[0] for row in opened.execute("SELECT kind FROM alarm ORDER BY id")]


def beside(base: Path) -> list[str]:
    return sorted(path.name for path in base.parent.iterdir() if path.name not in {base.name, f"{base.name}.lock"})


def test_a_restore_is_undone_by_restoring_what_was_before(base: Path, copy: Path, capsys: object) -> None:
    restore(copy)
    assert (marks(base), beside(base)) == (["copy"], ["firstline.before"])
    restore(base.with_name("firstline.before"))
    assert marks(base) == ["live"]
    assert marks(base.with_name("firstline.before")) == ["live"]
    assert marks(base.with_name("firstline.before.2")) == ["copy"]
    mark(base, "later")
    restore(Path("data/firstline.before.2"))
    assert [marks(base.with_name(f"firstline.before{tail}")) for tail in ("", ".2", ".3")] == [
        ["live"],
        ["copy"],
        ["live", "later"],
    ]
    assert marks(base) == ["copy"]


def foreign(path: Path) -> None:
    with closing(sqlite3.connect(path)) as opened, opened:
        opened.execute("CREATE TABLE customers (id INTEGER PRIMARY KEY)")


def blank(path: Path) -> None:
    with closing(sqlite3.connect(path)) as opened:
        opened.execute("VACUUM")


def changed(statement: str) -> Callable[[Path], None]:
    def change(path: Path) -> None:
        with closing(sqlite3.connect(path)) as opened, opened:
            opened.execute(statement)

    return change


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def scratched(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[4096 * 3 : 4096 * 9] = b"\xa5" * (4096 * 6)
    path.write_bytes(content)


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda path: path.unlink(), "no such file"),
        (lambda path: (path.unlink(), path.symlink_to("nowhere")), "is no file"),
        (lambda path: (path.unlink(), path.mkdir()), "is a folder"),
        (lambda path: (path.unlink(), os.mkfifo(path)), "is no file"),
        (lambda path: path.write_bytes(b""), "is empty"),
        (lambda path: path.write_text("это не копия"), "no backup of ours"),
        (lambda path: path.write_bytes(b"PGDMP\x01\x0f" + bytes(100)), "copy of a PostgreSQL database"),
        (lambda path: (path.unlink(), foreign(path)), "belongs to another program"),
        (lambda path: (path.unlink(), blank(path)), "is an empty database|is empty"),
        (cut, "damaged|malformed"),
        (scratched, "damaged|malformed"),
        (changed("UPDATE alembic_version SET version_num = '0999'"), "made by a newer version"),
        (changed("DELETE FROM alembic_version"), "not written down of which version"),
        (changed("DROP TABLE ticket"), "only a part of ours"),
    ],
)
def test_what_is_no_whole_copy_of_ours_is_refused(
    base: Path, copy: Path, spoil: Callable[[Path], object], said: str
) -> None:
    spoil(copy)
    before = base.read_bytes()
    with pytest.raises(CommandError, match=said):
        restore(copy)
    assert base.read_bytes() == before
    assert beside(base) == []


@pytest.mark.parametrize("other", ["data/firstline.db", "data/../data/firstline.db", "soft.db", "hard.db"])
def test_a_base_is_not_restored_onto_itself(base: Path, tmp_path: Path, other: str) -> None:
    (tmp_path / "soft.db").symlink_to(base)
    (tmp_path / "hard.db").hardlink_to(base)
    with pytest.raises(CommandError, match="is the database itself"):
        restore(Path(other))
    assert (marks(base), beside(base)) == (["live"], [])


def test_a_link_to_the_base_stays_a_link(
    base: Path, copy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "link.db").symlink_to(base)
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/link.db")
    os.chmod(base, 0o640)
    restore(copy)
    assert (tmp_path / "link.db").is_symlink()
    assert marks(base) == ["copy"]
    assert base.stat().st_mode & 0o777 == 0o640, "the bot's user reads it as before"


def test_a_restore_waits_for_no_bot_and_meets_none(base: Path, copy: Path) -> None:
    database = Database(f"sqlite:///{base}")
    with running(database):
        with pytest.raises(CommandError, match="the bot runs on this database: stop it first"):
            restore(copy)
        with pytest.raises(BusyDatabaseError, match="another bot runs"), running(database):
            pass
    with stopped(database), pytest.raises(BusyDatabaseError, match="put back just now"), running(database):
        pass
    assert marks(base) == ["live"]
    restore(copy)
    assert marks(base) == ["copy"]


def test_a_killed_bot_holds_nothing(base: Path, copy: Path) -> None:
    hold = "import filelock, sys; lock = filelock.FileLock(sys.argv[1]); lock.acquire(); print(1, flush=True); input()"
    process = subprocess.Popen(
        [sys.executable, "-c", hold, lock_path(base)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    process.stdout.readline()
    with pytest.raises(CommandError, match="stop it first"):
        restore(copy)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    restore(copy)
    assert marks(base) == ["copy"]


def test_a_program_that_has_the_base_open_is_waited_for_by_nobody(base: Path, copy: Path) -> None:
    with closing(sqlite3.connect(base)) as other:
        other.execute("PRAGMA journal_mode=WAL")
        other.execute("SELECT count(*) FROM alarm").fetchone()
        with pytest.raises(CommandError, match="another program has the database open"):
            restore(copy)
    assert (marks(base), beside(base)) == (["live"], [])


@pytest.mark.parametrize("spoil", [cut, scratched, lambda path: path.write_text("мусор"), lambda path: path.unlink()])
def test_a_damaged_base_gives_way_and_is_kept(base: Path, copy: Path, spoil: Callable[[Path], object]) -> None:
    spoil(base)
    Path(f"{base}-wal").write_bytes(b"of another base")
    there = base.read_bytes() if base.exists() else None
    restore(copy)
    assert marks(base) == ["copy"]
    before = base.with_name("firstline.before")
    if there is not None and there.startswith(b"SQLite"):
        assert len(before.read_bytes()) == len(there)
    assert not Path(f"{base}-wal").exists(), "what is left of the old base would spoil the new one"


def test_what_lies_in_a_copy_s_wal_is_put_back_too(base: Path, copy: Path, tmp_path: Path) -> None:
    with closing(sqlite3.connect(copy, isolation_level=None)) as opened:
        opened.execute("PRAGMA journal_mode=WAL")
        opened.execute("UPDATE alarm SET kind = 'in the wal'")
        for tail in ("", "-wal"):
            shutil.copy(f"{copy}{tail}", f"{tmp_path}/killed.db{tail}")
    restore(tmp_path / "killed.db")
    assert marks(base) == ["in the wal"]


class Faulty:
    """The `os` of `copies`, whose Nth call of those that matter does what it is told."""

    def __init__(self, number: int, fault: Callable[[], None]) -> None:
        self.left = number
        self.fault = fault

    def __getattr__(self, name: str) -> object:
        real = getattr(os, name)
        if name not in CALLS:
            return real

        def counted(*args: object, **more: object) -> object:
            self.left -= 1
            if self.left == 0:
                self.fault()
            return real(*args, **more)

        return counted


def full() -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def each_step(monkeypatch: pytest.MonkeyPatch, fault: Callable[[], None], act: Callable[[], None]) -> Iterator[bool]:
    """Do it again and again, with the fault one step later each time; whether it was done. Ends with the steps."""
    for number in range(1, 60):
        faulty = Faulty(number, fault)
        with monkeypatch.context() as patch:
            patch.setattr(copies, "os", faulty)
            try:
                act()
            except CopyError:
                yield False
                continue
        yield True
        if faulty.left > 0:
            return
    raise AssertionError("it never ends")


def test_a_full_disk_at_each_step_of_a_restore(base: Path, copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    good = base.with_name("firstline.before")
    shutil.copy(copy, good)
    mark(good, "earlier")
    steps = 0
    for done in each_step(monkeypatch, full, lambda: put_back(copy, base)):
        steps += 1
        assert marks(base) in (["live"], ["copy"])
        assert marks(good) == ["copy", "earlier"]
        if not done and marks(base) == ["live"]:
            assert beside(base) == ["firstline.before"], "nothing half done is left"
        if marks(base) == ["copy"]:
            kept = base.with_name("firstline.before.2")
            assert marks(kept) == ["live"]
            os.replace(kept, base)
    assert steps > 8


def test_a_kill_at_each_step_of_a_restore(base: Path, copy: Path) -> None:
    good = base.with_name("firstline.before")
    shutil.copy(copy, good)
    mark(good, "earlier")
    for number in range(1, 60):
        child = os.fork()
        if child == 0:
            copies.os = Faulty(number, lambda: os._exit(9))
            put_back(copy, base)
            os._exit(0)
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        assert code in {0, 9}
        assert marks(base) in (["live"], ["copy"])
        assert marks(good) == ["copy", "earlier"]
        put_back(copy, base)  # a second try
        kept = sorted(base.parent.glob("firstline.before.*"))
        assert marks(base) == ["copy"]
        assert ["live"] in [marks(path) for path in kept]
        assert all(not os.path.samefile(path, base) for path in kept)
        os.replace(next(path for path in kept if marks(path) == ["live"]), base)
        for path in base.parent.glob("firstline.before.*"):
            path.unlink()
        if code == 0:
            return
    raise AssertionError("it never ends")


@contextmanager
def small_disk(folder: Path, size: int) -> Iterator[Path | None]:
    """A disk of a few bytes where we may make one (root), else None: then files may not grow over the size."""
    folder.mkdir(exist_ok=True)
    mounted = (
        shutil.which("mount") is not None
        and subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", folder], check=False, capture_output=True
        ).returncode
        == 0
    )
    try:
        yield folder if mounted else None
    finally:
        if mounted:
            subprocess.run(["umount", folder], check=True)


@pytest.mark.parametrize("share", [0.05, 0.5, 0.95])
def test_files_that_may_not_grow_are_a_full_disk(base: Path, copy: Path, share: float) -> None:
    limit = int(copy.stat().st_size * share)
    for act in (lambda: put_back(copy, base), lambda: make_copy(base, base.parent / "saved.db")):
        child = os.fork()
        if child == 0:
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
            try:
                act()
            except CopyError as error:
                os._exit(3 if "free space" in str(error) else 4)
            os._exit(0)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 3
        assert (marks(base), beside(base)) == (["live"], [])


def test_a_disk_that_is_really_full(tmp_path: Path, sqlite_template: Path, copy: Path) -> None:
    size = sqlite_template.stat().st_size
    with small_disk(tmp_path / "small", int(size * 1.6)) as disk:
        home = disk or tmp_path / "large"
        home.mkdir(exist_ok=True)
        base = home / "firstline.db"
        shutil.copy(sqlite_template, base)
        mark(base, "live")
        if disk is not None:
            for act in (lambda: put_back(copy, base), lambda: make_copy(base, home / "saved.db")):
                with pytest.raises(CopyError, match=r"free space|No space"):
                    act()
                assert (marks(base), beside(base)) == (["live"], [])
            saved = tmp_path / "elsewhere.db"
            make_copy(base, saved)
            assert marks(saved) == ["live"]
        else:
            put_back(copy, base)
            assert marks(base) == ["copy"]


def test_a_backup_is_one_whole_file(base: Path, tmp_path: Path) -> None:
    with closing(sqlite3.connect(base, isolation_level=None)) as bot:
        bot.execute("PRAGMA journal_mode=WAL")
        bot.execute("UPDATE alarm SET kind = 'in the wal'")
        backup(Path("new/folder/copy.db"))
    assert marks(tmp_path / "new/folder/copy.db") == ["in the wal"]
    assert [path.name for path in (tmp_path / "new/folder").iterdir()] == ["copy.db"]


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ("data/firstline.db", "exists already"),
        ("copy.db", "exists already"),
        ("data", "exists already"),
        ("dangling.db", "exists already"),
        ("copy.db/inside.db", "was not made"),
    ],
)
def test_a_backup_overwrites_nothing(base: Path, copy: Path, tmp_path: Path, target: str, said: str) -> None:
    (tmp_path / "dangling.db").symlink_to("nowhere")
    there = copy.read_bytes()
    with pytest.raises(CommandError, match=said):
        backup(Path(target))
    assert (marks(base), copy.read_bytes(), beside(base)) == (["live"], there, [])


def test_a_full_disk_at_each_step_of_a_backup(base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "saved" / "copy.db"
    for done in each_step(monkeypatch, full, lambda: make_copy(base, target)):
        if target.exists():
            assert marks(target) == ["live"]
            target.unlink()
        else:
            assert not done
        assert not target.parent.exists() or list(target.parent.iterdir()) == []
    assert marks(base) == ["live"]


def test_a_wrong_address_makes_no_backup(base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/typo.db")
    with pytest.raises(CommandError, match="there is no database at"):
        backup(Path("saved.db"))
    foreign(tmp_path / "typo.db")
    with pytest.raises(CommandError, match="belongs to another program"):
        backup(Path("saved.db"))
    assert not (tmp_path / "saved.db").exists()
