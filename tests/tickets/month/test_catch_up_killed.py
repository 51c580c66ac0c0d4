"""Several missed months, the process killed with SIGKILL in the middle of them: each is billed once, in order."""

import random
from datetime import date
from typing import Any

from sqlmodel import col, select

from bot.billing.documents.models import Document
from bot.billing.statements.models import Statement
from bot.clients.models import Contract
from tests.builders.bills import billed_firm
from tests.conftest import TestOffice
from tests.tickets.month.test_close_killed import PERIOD, killed_after, started
from tests.tickets.month.test_missed_months import begins, months_of

MONTHS = ["2025-10", "2025-11", "2025-12", PERIOD]
CONTRACTS = 4


def test_a_killed_catch_up_goes_on_in_order(office: TestOffice, database_url: str, session: Any) -> None:
    with office.work() as uow:
        firms = [billed_firm(uow, fee=100_000, unlimited=True) for _ in range(CONTRACTS)]
        for contract in uow.session.exec(select(Contract)).all():
            contract.starts = date(2025, 1, 1)
        begins(uow, date(2025, 10, 1))
    seed = random.randrange(10**6)
    print(f"seed {seed}")
    killed_after(database_url, random.Random(seed).randint(1, len(MONTHS) * CONTRACTS - 2))
    process = started(database_url)
    out, err = process.communicate(timeout=90)
    assert process.returncode == 0, err
    assert out.splitlines()[-1].startswith(f"{PERIOD}: ")
    for firm in firms:
        assert months_of(session, firm.contract) == MONTHS
    periods = session.exec(select(Statement.period_start).order_by(col(Statement.id))).all()
    assert list(periods) == sorted(periods), "each month is complete before the next begins"
    for year, count in ((2025, 3 * CONTRACTS), (2026, CONTRACTS)):
        acts = session.exec(select(Document.number).where(Document.kind == "act", Document.year == year)).all()
        assert sorted(acts) == list(range(1, count + 1))
