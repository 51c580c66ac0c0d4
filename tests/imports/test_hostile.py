"""Whatever stands in a file, it is loaded or refused with its places; nothing crashes, nothing is loaded by half."""

import csv
import io
import random
from collections.abc import Sequence
from pathlib import Path

import pytest

from bot.db.engine import Database
from bot.imports.bring_in import bring_in
from bot.imports.files.findings import BadImportError, Mistake
from tests.conftest import TestOffice
from tests.imports.folder import SMALL, small
from tests.imports.test_bring_in import count

HOSTILE = [
    "",
    " ",
    "0",
    "-1",
    "99999999999999999999",
    "1e9",
    "NaN",
    "<b>&amp;",
    "'; DROP TABLE person; --",
    "я" * 5000,
    "\u202e",
    "🙃",
    "31.02.2026",
    "2026-13-45",
    "0001-01-01",
    "9999-12-31",
    "да",
    "hour:",
    "hour:repair",
    "shop",
    "cafe",
    "сегодня-9999",
    "=1+1",
    "№",
    "٣٤",
    "1,5 ч",
    "99999 ч",
    "100000%",
    ",",
    "owner,owner",
    "%",
    "+7",
    "\t",
]


def broken(rng: random.Random) -> dict[str, str]:
    """The small folder with a few cells replaced."""
    changed = {}
    for name in rng.sample(sorted(SMALL), 3):
        rows = list(csv.reader(io.StringIO(SMALL[name]), delimiter=";"))
        for _ in range(rng.randrange(1, 3)):
            line = rng.randrange(0 if rng.random() < 0.1 else 1, len(rows))
            rows[line][rng.randrange(len(rows[line]))] = rng.choice(HOSTILE)
        out = io.StringIO()
        csv.writer(out, delimiter=";").writerows(rows)
        changed[name.removesuffix(".csv")] = out.getvalue()
    return changed


class UndoneError(Exception):
    """Takes back what was loaded, so that the next folder meets an empty database."""


def findings(office: TestOffice, folder: Path) -> Sequence[Mistake]:
    """What is wrong with a folder; nothing when it can be loaded."""
    try:
        with office.work() as uow:
            bring_in(uow, folder)
            raise UndoneError
    except UndoneError:
        return ()
    except BadImportError as error:
        return error.findings


@pytest.mark.sampled(7)
@pytest.mark.parametrize("seed", range(6))
def test_nothing_crashes_and_nothing_is_half_loaded(
    seed: int, office: TestOffice, database: Database, tmp_path: Path
) -> None:
    rng = random.Random(seed)
    with database.read() as before:
        empty = count(before)
    refused = 0
    for turn in range(40):
        told = findings(office, small(tmp_path / f"in{turn}", **broken(rng)))
        assert all(finding.text("ru") and finding.text("en") for finding in told)
        refused += bool(told)
    assert refused > 10
    with database.read() as after:
        assert count(after) == empty
