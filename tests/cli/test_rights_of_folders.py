"""Folders and files that the bot's user may not write or read: one line says which and what to do, at once."""

import shutil
from pathlib import Path

import pytest

from tests.cli.conftest import Call

pytestmark = [pytest.mark.timeout(120), pytest.mark.usefixtures("rights_hold")]
READ_ONLY = "the database is read-only: let the bot's user write to it"
CLOSED = "the database file can't be opened: check DATABASE_URL and the folder's rights"
NO_RIGHT = "Permission denied: give this user the right to it, or name another path"


@pytest.fixture
def data(tmp_path: Path, sqlite_template: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a database that has its schema."""
    folder = tmp_path / "data"
    folder.mkdir()
    shutil.copy(sqlite_template, folder / "firstline.db")
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{folder}/firstline.db")
    return folder


def closed(path: Path, mode: int = 0o555) -> Path:
    path.chmod(mode)
    return path


def test_rights_hold_here(tmp_path: Path) -> None:
    """Else nothing below would prove anything."""
    closed(tmp_path)
    with pytest.raises(PermissionError):
        (tmp_path / "file").touch()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("migrate",), f"firstline.db.migrate.lock: {NO_RIGHT}"),
        (("import", "tables"), READ_ONLY),
        (("init", "--no-input", "--name", "X", "--inn", "7707083893", "--phone", "+7 495 123-45-67"), READ_ONLY),
        (("run",), f"firstline.db.lock: {NO_RIGHT}"),
    ],
    ids=lambda each: each[0] if isinstance(each, tuple) else "",
)
def test_a_data_folder_that_is_read_only(
    words: tuple[str, ...], said: str, call: Call, data: Path, tmp_path: Path
) -> None:
    (tmp_path / "tables").mkdir()
    (tmp_path / "tables/companies.csv").write_text("code;name\nshop;Магазин\n", "utf-8")
    closed(data)
    code, told = call(*words)
    assert (code, len(told.strip().splitlines())) == (2, 1), told
    assert said in told


@pytest.mark.parametrize("words", ["run", "import tables"])
def test_a_database_that_is_read_only_is_told_before_anything_starts(
    words: str, call: Call, data: Path, tmp_path: Path
) -> None:
    (tmp_path / "tables").mkdir()
    (tmp_path / "tables/companies.csv").write_text("code;name\nshop;Магазин\n", "utf-8")
    closed(data / "firstline.db", 0o444)
    code, told = call(*words.split())
    assert (code, told.strip()) == (2, READ_ONLY)


@pytest.mark.parametrize(("mode", "mend"), [(0o444, READ_ONLY), (0o000, CLOSED)], ids=["read-only", "closed"])
def test_doctor_finds_a_database_that_can_not_be_written(mode: int, mend: str, call: Call, data: Path) -> None:
    closed(data / "firstline.db", mode)
    code, told = call("doctor")
    assert code == 1
    assert "BAD  database: " in told and f"→ {mend}" in told
    assert "Traceback" not in told


def test_no_database_and_no_right_to_make_one(call: Call, data: Path) -> None:
    (data / "firstline.db").unlink()
    closed(data)
    for words in ("run", "migrate"):
        code, told = call(words)
        assert (code, len(told.strip().splitlines())) == (2, 1), told
        assert "Permission denied" in told or CLOSED in told


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("backup", "shut/copy.db"), "shut/copy.db was not made: Permission denied"),
        (("bill", "export", "2026-10", "shut/accounts"), f"shut/accounts: {NO_RIGHT}"),
    ],
    ids=["backup", "export"],
)
def test_a_place_for_what_is_written_that_is_read_only(
    words: tuple[str, ...], said: str, call: Call, data: Path, tmp_path: Path
) -> None:
    assert data.is_dir()
    (tmp_path / "shut").mkdir()
    closed(tmp_path / "shut")
    code, told = call(*words)
    assert (code, len(told.strip().splitlines())) == (2, 1), told
    assert said in told
    assert list((tmp_path / "shut").iterdir()) == []


def test_a_table_that_can_not_be_read(call: Call, data: Path, tmp_path: Path) -> None:
    assert data.is_dir()
    (tmp_path / "tables").mkdir()
    for name, mode in (("companies.csv", 0o644), ("people.csv", 0o000)):
        (tmp_path / "tables" / name).write_text("code;name\nshop;Магазин\n", "utf-8")
        closed(tmp_path / "tables" / name, mode)
    code, told = call("import", "tables")
    assert (code, told.strip()) == (2, f"tables/people.csv: {NO_RIGHT}")


@pytest.mark.parametrize("words", ["run", "doctor", "migrate"])
def test_settings_that_can_not_be_read(words: str, call: Call, data: Path, tmp_path: Path) -> None:
    assert data.is_dir()
    (tmp_path / ".env").write_text("LOG_FORMAT=json\n")
    closed(tmp_path / ".env", 0o000)
    code, told = call(words)
    assert (code, len(told.strip().splitlines())) == (2, 1), told
    assert ".env: Permission denied: it must be a file that the bot may read" in told
