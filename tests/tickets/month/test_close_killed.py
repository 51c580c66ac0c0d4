"""A close killed with SIGKILL at a random batch goes on where it stopped: every invoice once, no number lost."""

import os
import random
import signal
import subprocess
import sys
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

from sqlmodel import select

from bot.billing.documents.models import Document
from bot.billing.statements.models import Statement, StatementLine
from bot.clients.models import Contract
from tests.builders.bills import billed_firm
from tests.conftest import TestOffice

ROOT = Path(__file__).resolve().parents[3]
CONTRACTS = 24
PERIOD = "2026-01"  # over, whatever day this test runs on


def started(url: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "bot", "bill", "close", PERIOD, "--batch", "1"]
    env = {**os.environ, "DATABASE_URL": url}
    return subprocess.Popen(command, cwd=ROOT, env=env, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def killed_after(url: str, batches: int) -> None:
    """Run a real process and kill it as soon as it has told of so many transactions."""
    process = started(url)
    assert process.stderr is not None
    for _ in range(batches):
        assert process.stderr.readline(), "it ended before it was killed"
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    process.stderr.close()
    if process.stdout is not None:
        process.stdout.close()


def test_a_killed_close_goes_on_and_every_invoice_exists_once(
    office: TestOffice, database_url: str, session: Any
) -> None:
    with office.work() as uow:
        firms = [billed_firm(uow, fee=100_000 + n, unlimited=True) for n in range(CONTRACTS)]
        for contract in uow.session.exec(select(Contract)).all():
            contract.starts = date(2025, 1, 1)
    seed = random.randrange(10**6)
    print(f"seed {seed}")
    rng = random.Random(seed)
    for _ in range(2):
        killed_after(database_url, rng.randint(1, 8))
    for last in [started(database_url), started(database_url)]:  # two go on at once
        out, err = last.communicate(timeout=60)
        assert last.returncode == 0, err
        assert PERIOD in out
    per_contract = Counter(row.contract_id for row in session.exec(select(Statement)).all())
    assert per_contract == Counter({firm.contract: 1 for firm in firms})
    for kind in ("invoice", "act"):
        rows = session.exec(select(Document).where(Document.kind == kind)).all()
        assert sorted(row.number for row in rows) == list(range(1, CONTRACTS + 1))
        assert Counter(row.contract_id for row in rows) == per_contract
    assert sum(line.gross for line in session.exec(select(StatementLine)).all()) == sum(
        100_000 + n for n in range(CONTRACTS)
    )
