"""Rows are locked in one home and in one order."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlmodel import SQLModel

from bot.clients.models import Company
from bot.db.locks import ORDER, LockOrderError, lock, lock_ids, lock_where, order_watched
from bot.tickets.life.models import Ticket
from tests.builders.appeals import build_town, ticket_on
from tests.conftest import TestOffice


@pytest.fixture(autouse=True)
def each_test_is_one_act() -> Iterator[None]:
    with order_watched(lambda: None):
        yield


BOT = Path(__file__).parents[2] / "bot"
HOME = BOT / "db" / "locks.py"


def test_no_other_module_locks_rows() -> None:
    """Only the home says with_for_update, as a call or as an argument of get and refresh."""
    found = []
    for path in BOT.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            named = isinstance(node, ast.Attribute) and node.attr == "with_for_update"
            given = isinstance(node, ast.keyword) and node.arg in {"with_for_update", "with_lockmode"}
            said = isinstance(node, ast.Constant) and isinstance(node.value, str) and "FOR UPDATE" in node.value
            if (named or given or said) and path != HOME:
                found.append(f"{path.relative_to(BOT)}:{node.lineno}")
    assert found == []


def test_the_order_names_tables_that_there_are() -> None:
    tables = {name for name in ORDER if not name.startswith("counter:")}
    assert tables <= set(SQLModel.metadata.tables)


def test_the_order_is_the_designs() -> None:
    """Each of these stands before the next (design.md, "Said once")."""
    said = "inbox person company serviceobject contract appeal phonecall ticket quote topup pool document"
    names = [*said.split(), "linedispute", "staffchat", "timer"]
    assert sorted(names, key=ORDER.index) == names


def test_a_lock_against_the_order_raises(office: TestOffice) -> None:
    with office.work() as uow:
        town = build_town(uow.session)
        ticket_on(uow.session, town, town.till)
    with office.work() as uow:
        lock(uow.session, Company, town.shop)
        (ticket,) = lock_where(uow.session, Ticket)
        assert lock(uow.session, Company, town.shop), "what is held already may be asked for again"
        with pytest.raises(LockOrderError):
            lock(uow.session, Company, town.cafe)
        lock(uow.session, Ticket, ticket.id)


def test_rows_of_one_table_are_locked_by_their_ids(office: TestOffice) -> None:
    with office.work() as uow:
        town = build_town(uow.session)
    with office.work() as uow:
        assert [row.id for row in lock_ids(uow.session, Company, [town.cafe, town.shop])] == [town.shop, town.cafe]
    with office.work() as uow:
        lock(uow.session, Company, town.cafe)
        with pytest.raises(LockOrderError):
            lock(uow.session, Company, town.shop)


def test_each_transaction_begins_anew(office: TestOffice) -> None:
    with office.work() as uow:
        town = build_town(uow.session)
    for company in (town.cafe, town.shop):
        with office.work() as uow:
            lock(uow.session, Company, company)


def test_a_locked_row_is_read_as_it_is_now(office: TestOffice) -> None:
    with office.work() as uow:
        town = build_town(uow.session)
    with office.work() as uow:
        company = uow.session.get_one(Company, town.shop)
        uow.session.connection().exec_driver_sql("UPDATE company SET name = 'Иначе'")
        assert company.name != "Иначе"
        assert lock(uow.session, Company, town.shop) is company
        assert company.name == "Иначе"
