"""R5.2: work is priced by the version of the price list in force on its date, whatever was imported since."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import select
from typer.testing import CliRunner

from bot.billing.prices.models import PriceList
from bot.billing.scope.explain import explained
from bot.cli import commands
from bot.handlers.client.prices.screens import PriceListPage
from bot.messaging.notices.texts import render
from bot.tickets.life.models import Ticket
from bot.tickets.offers.answer import approve_paid_work
from bot.tickets.work.accept import accept_work
from tests.builders.bills import (
    AFTER_DECEMBER,
    AFTER_NOVEMBER,
    DECEMBER,
    NOVEMBER,
    PRESS,
    billed_firm,
    close,
    lines_of,
    quote_of,
    statement_of,
    work,
)
from tests.builders.jobs import Firm, opened
from tests.conftest import TestOffice
from tests.imports.folder import load

LAST_OF_NOVEMBER = datetime(2026, 11, 30, 9, 0, tzinfo=UTC)
FIRST_OF_DECEMBER = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)


@pytest.fixture
def firm(office: TestOffice) -> Firm:
    with office.work() as uow:
        return billed_firm(uow)


def raised(office: TestOffice, folder: Path, since: str | None, price: str) -> Any:
    """The firm's price list with another hourly rate, brought in as a manager would."""
    with office.work() as uow:
        code = uow.session.exec(select(PriceList.code)).first()
    folder.mkdir(exist_ok=True)
    (folder / "price_lists.csv").write_text(f"код;название;для кого;действует с\n{code};Основной;все;{since or ''}\n")
    (folder / "price_lines.csv").write_text(f"прейскурант;работа;цена\n{code};hour:repair;{price}\n")
    return load(office, folder)


def repaired(office: TestOffice, firm: Firm, at: datetime) -> Ticket:
    """An hour of paid repair, asked for, agreed, done and accepted at one moment."""
    office.moment = at
    with office.work() as uow:
        ticket = opened(uow, firm)
    with office.work() as uow:
        approve_paid_work(uow, quote_of(uow, ticket).id, 1, firm.approver, PRESS)
        work(uow, firm, ticket, 60)
        accept_work(uow, ticket.id, firm.requester)
        return ticket


def test_work_before_the_first_day_of_a_new_list_is_priced_and_billed_by_the_old_one(
    office: TestOffice, session: Any, tmp_path: Path, firm: Firm
) -> None:
    done = raised(office, tmp_path, "01.12.2026", "3 000,00")
    assert "действует с 1 декабря 2026" in done.text("ru", preview=True)
    before = repaired(office, firm, LAST_OF_NOVEMBER)
    after = repaired(office, firm, FIRST_OF_DECEMBER)
    close(office, NOVEMBER, AFTER_NOVEMBER)
    close(office, DECEMBER, AFTER_DECEMBER)
    (old,) = lines_of(session, statement_of(session, firm.contract, NOVEMBER))
    (new,) = lines_of(session, statement_of(session, firm.contract, DECEMBER))
    assert (old.gross, new.gross) == (250_000, 300_000)
    names = [dict(check.facts)["price_list"] for ticket in (before, after) for each in explained(session, ticket.id)
             for check in each.checks if check.name == "price_found"]  # fmt: skip
    assert [name.rsplit(" ", 1)[1] for name in names] == ["v1", "v2"]
    assert [each.again for ticket in (before, after) for each in explained(session, ticket.id)] == ["same", "same"]


def test_a_list_without_a_first_day_holds_from_the_day_of_its_import(
    office: TestOffice, session: Any, tmp_path: Path, firm: Firm
) -> None:
    office.moment = LAST_OF_NOVEMBER
    raised(office, tmp_path, None, "3 000,00")
    rows = session.exec(select(PriceList).where(PriceList.code == session.exec(select(PriceList.code)).first())).all()
    days = {row.version: (row.valid_from, row.valid_to) for row in rows}
    assert days == {1: (None, date(2026, 11, 29)), 2: (date(2026, 11, 30), None)}


def test_a_corrected_list_of_the_same_first_day_takes_its_place(
    office: TestOffice, session: Any, tmp_path: Path, firm: Firm
) -> None:
    raised(office, tmp_path, "01.12.2026", "3 000,00")
    raised(office, tmp_path, "01.12.2026", "2 800,00")
    again = raised(office, tmp_path, "01.12.2026", "2 800,00")
    assert again.changed_nothing
    repaired(office, firm, LAST_OF_NOVEMBER)
    repaired(office, firm, FIRST_OF_DECEMBER)
    close(office, DECEMBER, AFTER_DECEMBER)
    lines = lines_of(session, statement_of(session, firm.contract, DECEMBER))
    assert [line.gross for line in lines] == [250_000, 280_000]


def test_a_list_that_begins_in_the_past_says_so_before_it_is_taken(
    office: TestOffice, tmp_path: Path, firm: Firm
) -> None:
    office.moment = FIRST_OF_DECEMBER
    done = raised(office, tmp_path, "01.11.2026", "3 000,00")
    assert "действует с 1 ноября 2026, задним числом" in done.text("ru", preview=True)


def test_the_history_of_a_price_is_read_by_command(
    office: TestOffice, database_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, firm: Firm
) -> None:
    raised(office, tmp_path, "01.12.2026", "3 000,00")
    monkeypatch.setenv("DATABASE_URL", database_url)
    with office.work() as uow:
        code = uow.session.exec(select(PriceList.code)).first()
    ran = CliRunner().invoke(commands, ["bill", "prices", code, "--item", "hour:repair"])
    assert ran.exit_code == 0, ran.output
    plain = ran.output.replace("\u00a0", " ")
    assert "версия 1: по 30 ноября 2026, 3 строки\n  hour:repair: 2 500 ₽" in plain
    assert "версия 2: с 1 декабря 2026, 1 строка\n  hour:repair: 3 000 ₽" in plain
    missing = CliRunner().invoke(commands, ["bill", "prices", "nothing"])
    assert "there is no such price list" in str(missing.exception)


def test_the_price_list_in_chat_says_since_when_and_until_when_it_holds() -> None:
    days = {"since": date(2026, 11, 1), "changes": date(2026, 12, 1)}
    text = render("price/list", "ru", PriceListPage(company_id=0, items=[], count=0, page=0, pages=1, **days))
    assert "Цены действуют с 1 ноября 2026." in text and "С 1 декабря 2026 цены изменятся" in text
