"""A close that lacks something waits, says what and where, and goes on by itself once it is there (R11.2)."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlmodel import select
from typer.testing import CliRunner

from bot.billing.documents.credit_note import issue_credit
from bot.billing.documents.issue import BadRequisitesError
from bot.billing.seller.needs import close_needs
from bot.billing.statements.models import StatementLine
from bot.cli import commands
from bot.cli import database as command_database
from bot.cli.doctor import _billing
from bot.cli.failing import CommandError
from bot.clients.models import Company, Contract, Seller, StaffRole
from bot.messaging.models import Alarm, Timer
from bot.messaging.notices.texts import label, render
from bot.tickets.month.close import MonthsWait, watch_periods
from tests.builders.bills import accepted, billed_firm, close
from tests.builders.jobs import worker
from tests.conftest import TestOffice
from tests.tickets.month.test_missed_months import NOVEMBER, begins, months_of, tick

FIFTH = datetime(2026, 12, 5, 9, tzinfo=UTC)
WAITS = "documents/close_waits"


@pytest.fixture
def command(database_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> Any:
    """Runs `python -m bot …` on the test's database."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.delenv("BOT_TOKEN", raising=False)
    monkeypatch.setattr(command_database, "require_schema", lambda _database: None)
    return lambda *words: CliRunner().invoke(commands, list(words))


def said(office: TestOffice) -> list[dict[str, Any]]:
    return [notice.values for notice in office.told if notice.template == WAITS]


@pytest.mark.sampled(5)
@pytest.mark.parametrize(
    ("field", "value", "need"),
    [
        ("bic", None, "missing_bic"),
        ("bic", "044525226", "wrong_account"),
        ("account", None, "missing_account"),
        ("corr_account", None, "missing_corr_account"),
        ("corr_account", "30101810965770000413", "wrong_corr_account"),
        ("bank", None, "missing_bank"),
        ("inn", "7701234567", "wrong_inn"),
        ("billing_from", None, "missing_billing_from"),
    ],
)
def test_whatever_is_missing_is_told_once_a_day_and_the_months_go_on_once_it_is_there(
    office: TestOffice, session: Any, field: str, value: str | None, need: str
) -> None:
    with office.work() as uow:
        firm = billed_firm(uow, fee=100_000, unlimited=True)
        seller = begins(uow, NOVEMBER.start)
        right = getattr(seller, field)
        setattr(seller, field, value)
        watch_periods(uow)
    for hours in range(0, 50, 2):
        tick(office, FIFTH + timedelta(hours=hours))
    assert len(said(office)) == 3, "on three days, each once"
    assert f"close_need.{need}" in [each.key for each in said(office)[0]["needs"]]
    assert session.exec(select(Alarm)).all() == []
    assert session.exec(select(Timer.error).where(Timer.key == "close_period")).one() is None
    with office.work() as uow:
        setattr(uow.session.get_one(Seller, 1), field, right)
    tick(office, datetime(2027, 1, 20, 9, tzinfo=UTC))
    assert months_of(session, firm.contract) == ["2026-11", "2026-12"]


def test_nobody_is_told_at_night_nor_while_no_month_is_due(office: TestOffice) -> None:
    with office.work() as uow:
        billed_firm(uow, fee=100_000, unlimited=True)
        begins(uow, NOVEMBER.start).bic = None
        watch_periods(uow)
    tick(office, FIFTH - timedelta(days=1))
    assert said(office) == []
    tick(office, FIFTH.replace(hour=3))  # 06:00 in Moscow
    assert said(office) == []
    tick(office, FIFTH.replace(hour=6))
    assert len(said(office)) == 1


def test_the_words_name_what_is_needed_and_who_can_fill_it_in_and_no_command() -> None:
    needs = close_needs(Seller(name="Сервис", inn="7707083893", phone="+7", billing_from=NOVEMBER.start))
    text = render(WAITS, "ru", MonthsWait(needs, NOVEMBER.start, NOVEMBER.start))
    assert "БИК банка" in text and "расчётный счёт" in text and "название банка" in text
    for lang, who in (("ru", "администратор"), ("en", "administrator")):
        told = render(WAITS, lang, MonthsWait(needs, NOVEMBER.start, NOVEMBER.start))
        assert who in told and "python" not in told and "--" not in told


def test_the_command_refuses_in_words_and_init_fills_it_in_later(
    office: TestOffice, session: Any, command: Any
) -> None:
    with office.work() as uow:
        firm = billed_firm(uow, fee=100_000, unlimited=True)
        seller = begins(uow, NOVEMBER.start.replace(month=1))
        account, bic, corr, bank = seller.account, seller.bic, seller.corr_account, seller.bank
        seller.account = seller.bic = seller.corr_account = seller.bank = None
    refused = command("bill", "close", "2026-01")
    assert isinstance(refused.exception, CommandError)
    assert "the BIC of the bank is missing" in str(refused.exception)
    assert "python -m bot init --bic … --account … --corr-account … --bank …" in str(refused.exception)
    assert "Invoices wait" in command("init", "--no-input").output
    filled = command(
        *("init", "--no-input", "--bic", bic, "--account", account, "--corr-account", corr, "--bank", bank)
    )
    assert filled.exit_code == 0 and "Invoices wait" not in filled.output
    done = command("bill", "close", "2026-01")
    assert done.exit_code == 0 and "2026-01: 1 statements, 1 lines, 1000.00" in done.output
    assert months_of(session, firm.contract) == ["2026-01"]
    again = command("bill", "close", "2026-01")
    assert again.exit_code == 0
    assert "2026-01 is closed already: 1 statements, 1000.00; nothing is left to bill" in again.output


def test_the_command_says_why_a_month_can_not_be_closed(office: TestOffice, command: Any) -> None:
    with office.work() as uow:
        billed_firm(uow, fee=100_000, unlimited=True)
        begins(uow, NOVEMBER.start.replace(month=1))
    early, ahead = command("bill", "close", "2025-12"), command("bill", "close", "2099-01")
    assert "billing begins on 2026-01-01" in str(early.exception)
    assert "is not over yet" in str(ahead.exception)


def test_a_month_that_was_passed_over_in_former_times_is_named_with_its_contracts(
    office: TestOffice, command: Any
) -> None:
    with office.work() as uow:
        firm = billed_firm(uow, fee=100_000, unlimited=True)
        begins(uow, date(2026, 1, 1))
    assert command("bill", "close", "2026-01").exit_code == 0
    with office.work() as uow:
        contract = uow.session.get_one(Contract, firm.contract)
        contract.billed_until = date(2026, 2, 28)
        number = contract.number
    assert command("bill", "close", "2026-03").exit_code == 0
    said = command("bill", "close", "2026-02")
    assert said.exit_code == 0 and "2026-02 is closed already: 0 statements, 0.00" in said.output
    assert f"1 contracts have a later statement and none of this month: {number}" in said.output


def test_the_beginning_can_be_moved_until_something_is_issued(office: TestOffice, session: Any, command: Any) -> None:
    with office.work() as uow:
        billed_firm(uow, fee=100_000, unlimited=True)
        begins(uow, NOVEMBER.start)
    assert "Billing begins on 2026-01-01" in command("init", "--no-input", "--billing-from", "2026-01").output
    assert command("bill", "close", "2026-01").exit_code == 0
    refused = command("init", "--no-input", "--billing-from", "01.12.2025")
    assert "can't be moved" in str(refused.exception)
    assert "first day of a month" in str(command("init", "--no-input", "--billing-from", "2026-01-15").exception)
    session.rollback()
    assert session.exec(select(Seller.billing_from)).one().isoformat() == "2026-01-01"


def test_a_new_seller_bills_from_the_next_month_on_and_init_says_so(office: TestOffice, command: Any) -> None:
    office.moment = datetime(2026, 11, 29, 9, tzinfo=UTC)
    made = command("init", "--no-input", "--name", "С", "--inn", "7707083893", "--phone", "+7 495 123-45-67")
    assert made.exit_code == 0
    with office.database.read() as session:
        begun = session.exec(select(Seller.billing_from)).one()
    assert begun.day == 1
    assert f"Billing begins on {begun}" in made.output


def test_a_credit_note_without_requisites_is_refused_in_words(office: TestOffice, session: Any) -> None:
    with office.work() as uow:
        billed_firm(uow, fee=100_000, unlimited=True)
    close(office)
    with office.work() as uow:
        uow.session.get_one(Seller, 1).bank = None
        manager = worker(uow.session, "Оксана", StaffRole.MANAGER)
    line = session.exec(select(StatementLine.id)).one()
    with pytest.raises(BadRequisitesError) as refused, office.work() as uow:
        issue_credit(uow, [line], "Ошибка", manager)
    words = label(refused.value.key, "ru", **refused.value.values)
    assert words == "Сначала нужны наши реквизиты: название банка. Их заполняет администратор."


def test_a_contract_that_can_not_be_closed_stops_only_itself(office: TestOffice, session: Any) -> None:
    with office.work() as uow:
        good, bad, other = (billed_firm(uow, fee=100_000, unlimited=True) for _ in range(3))
        begins(uow, NOVEMBER.start)
        accepted(uow, bad)
        company = uow.session.get_one(Company, bad.company)
        zone, company.timezone = company.timezone, "Mars/Phobos"
        watch_periods(uow)
    for hours in range(4):
        tick(office, datetime(2027, 1, 20, 9 + 2 * hours, tzinfo=UTC))
    for firm in (good, other):
        assert months_of(session, firm.contract) == ["2026-11", "2026-12"]
    assert months_of(session, bad.contract) == []
    (told,) = [notice.values for notice in office.told if notice.template == "documents/close_failed"]
    assert [each.number for each in told["contracts"]] == [session.get_one(Contract, bad.contract).number]
    assert len([notice for notice in office.told if notice.template == "documents/closed"]) == 2
    with office.work() as uow:
        uow.session.get_one(Company, bad.company).timezone = zone
    tick(office, datetime(2027, 1, 21, 9, tzinfo=UTC))
    assert months_of(session, bad.contract) == ["2026-11", "2026-12"]


def test_doctor_says_what_a_close_needs_and_which_month_waits(office: TestOffice) -> None:
    with office.work() as uow:
        billed_firm(uow, fee=100_000, unlimited=True)
        begins(uow, NOVEMBER.start.replace(month=1)).bank = None
    with office.database.read() as session:
        seller = session.exec(select(Seller)).one()
        needed, waits = _billing(session, seller)
    assert (needed.fine, needed.said, needed.mend) == (
        False,
        "the name of the bank is missing",
        "python -m bot init --bank …",
    )
    assert not waits.fine and "2026-01 is not closed yet" in waits.said
    with office.work() as uow:
        begins(uow, date(2099, 1, 1)).bank = "Банк"
    with office.database.read() as session:
        (fine,) = _billing(session, session.exec(select(Seller)).one())
    assert fine.fine and fine.said == "begins on 2099-01-01"
