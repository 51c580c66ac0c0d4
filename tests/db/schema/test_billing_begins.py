"""A base from before billing had a beginning goes on from its history."""

from datetime import date
from typing import Any

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import text
from sqlmodel import select

from bot.clients.models import Contract, Seller
from bot.db.engine import Database
from bot.db.schema.migrating import config
from tests.builders.bills import billed_firm, close
from tests.conftest import TestOffice


def brought_back(database: Database) -> None:
    """The base as the revision before left it, filled as the revision does."""
    revision = ScriptDirectory.from_config(config()).get_revision("0003")
    assert revision is not None
    with database.engine.begin() as connection:
        connection.execute(text("UPDATE seller SET billing_from = NULL"))
        connection.execute(text("UPDATE contract SET billed_until = NULL"))
        revision.module.fill(connection)


@pytest.fixture
def old(office: TestOffice, session: Any) -> Any:
    """Two firms billed for November, one without anything to bill, one that begins later."""
    with office.work() as uow:
        firms = [billed_firm(uow, fee=fee, unlimited=True) for fee in (100_000, 100_000, 0, 100_000)]
        uow.session.get_one(Contract, firms[3].contract).starts = date(2026, 12, 10)
    close(office)
    session.rollback()
    return [firm.contract for firm in firms]


def test_billing_began_with_the_first_statement_and_each_contract_was_looked_at_up_to_its_last(
    office: TestOffice, old: list[int]
) -> None:
    brought_back(office.database)
    with office.database.read() as session:
        assert session.exec(select(Seller.billing_from)).one() == date(2026, 11, 1)
        seen = [session.get_one(Contract, contract).billed_until for contract in old]
    november, october = date(2026, 11, 30), date(2026, 10, 31)
    assert seen == [november, november, october, None]


def test_without_statements_billing_begins_with_a_month_to_come(office: TestOffice) -> None:
    with office.work() as uow:
        billed_firm(uow, fee=100_000, unlimited=True)
    brought_back(office.database)
    with office.database.read() as session:
        begins = session.exec(select(Seller.billing_from)).one()
        assert begins is not None and begins.day == 1 and begins > date(2026, 11, 1)
        assert session.exec(select(Contract.billed_until)).all() == [None]
