"""A path or a disk that fails is told in one line that says what to do, whichever command met it."""

import errno
import sqlite3

import pytest

from bot.cli.failing import words_of


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (FileExistsError(errno.EEXIST, "File exists", "act.xlsx"), "act.xlsx: File exists: name another path"),
        (
            PermissionError(errno.EACCES, "Permission denied", "/out"),
            "/out: Permission denied: give this user",
        ),
        (OSError(errno.EROFS, "Read-only file system", "/x.lock"), "/x.lock: Read-only file system: give this user"),
        (OSError(errno.ENOSPC, "No space left on device"), "the disk is full or failing: free space on it"),
        (OSError(errno.ENOSPC, "No space left on device", "x"), "x: the disk is full or failing: free space on it"),
        (sqlite3.OperationalError("disk I/O error"), "the disk is full or failing: free space on it"),
        (sqlite3.OperationalError("database or disk is full"), "the disk is full or failing: free space on it"),
        (sqlite3.DatabaseError("file is not a database"), "the database file is damaged or none at all"),
    ],
)
def test_a_failing_path_or_disk_is_one_line(error: Exception, said: str) -> None:
    assert (words_of(error) or "").startswith(said)


def test_what_is_a_fault_of_ours_keeps_its_traceback() -> None:
    assert words_of(sqlite3.OperationalError("no such column: x")) is None
    assert words_of(ConnectionRefusedError(errno.ECONNREFUSED, "Connection refused")) is None
    assert words_of(ValueError("x")) is None
