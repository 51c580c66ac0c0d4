"""`init` as the first person of a new installation runs it."""

from pathlib import Path

import pytest
import typer
from sqlmodel import select
from typer.testing import CliRunner

from bot.cli import database as command_database
from bot.cli.failing import CommandError
from bot.cli.init import init
from bot.clients.dispatch_chat import link_by_setting
from bot.clients.models import Employment, Invitation, Person, Seller, StaffChat, StaffRole
from bot.db.engine import Database
from bot.telegram.ids import chat as telegram_chat
from tests.conftest import TestOffice

app = typer.Typer()
app.command()(init)

SELLER = ("--no-input", "--name", "ООО «Сервис»", "--inn", "7707083893", "--phone", "+7 495 123-45-67")
BIC, CORR = "044525225", "30101810400000000225"


@pytest.fixture(autouse=True)
def at_home(database: Database, database_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.delenv("BOT_TOKEN", raising=False)
    monkeypatch.setattr(command_database, "require_schema", lambda _database: None)


def seller(database: Database) -> Seller | None:
    with database.read() as session:
        return session.exec(select(Seller)).first()


def test_a_person_answers_the_questions_and_mends_a_typo(database: Database) -> None:
    answers = ["ООО «Сервис»", "7701234567", "7707083893", "", BIC, "30101810965770000413", CORR, "", "Банк"]
    answers += [
        "позвоните",
        "+7 495 123-45-67",
        "",
        "Москва, ул. Речная, 5",
        "",
        "",
        "10:00-19:30",
        "22",
        "",
        "Анна +7 900 123-45-67",
    ]
    done = CliRunner().invoke(app, [], input="\n".join(answers) + "\n")
    assert done.exit_code == 0, done.output
    assert "whose control digits fit" in done.output and "doesn't fit BIC" in done.output
    found = seller(database)
    assert found is not None
    assert (found.inn, found.account, found.vat_bp) == ("7707083893", CORR, 2200)
    assert (found.workday_start, found.workday_end, found.timezone) == (600, 19 * 60 + 30, "Europe/Moscow")
    with database.read() as session:
        invitation = session.exec(select(Invitation)).one()
        role = session.exec(select(Employment.role).where(Employment.person_id == invitation.person_id)).one()
        assert (role, session.get(Person, invitation.person_id).phone) == (StaffRole.ADMIN, "+79001234567")
    assert f"/start i_{invitation.code}" in done.output, "no Telegram at hand: what to send to the bot"
    assert "/dispatch" in done.output


def test_a_script_gives_options_and_runs_it_again(database: Database) -> None:
    runner = CliRunner()
    assert runner.invoke(app, [*SELLER, "--admin", "Анна, 8 900 123-45-67"]).exit_code == 0
    again = runner.invoke(app, ["--no-input", "--emergency-phone", "+7 495 000-00-01"])
    assert again.exit_code == 0 and "Admins: Анна" in again.output and "ООО «Сервис»" in again.output
    assert seller(database).emergency_phone == "+7 495 000-00-01"
    shown = runner.invoke(app, [])
    assert shown.exit_code == 0 and "INN 7707083893" in shown.output, "nothing is asked when all is set"
    with database.read() as session:
        assert len(session.exec(select(Invitation)).all()) == 1


def test_an_admin_whose_link_ran_out_gets_another(database: Database) -> None:
    runner = CliRunner()
    line = ["--admin", "Анна +7 900 123-45-67"]
    assert runner.invoke(app, [*SELLER, *line]).exit_code == 0
    assert runner.invoke(app, ["--no-input", *line]).exit_code == 0
    with database.read() as session:
        assert len(session.exec(select(Person)).all()) == len(session.exec(select(Employment)).all()) == 1
        assert len(session.exec(select(Invitation)).all()) == 2


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--no-input"], "give --name, --inn and --phone"),
        (["--no-input", "--name", "X"], "still needed: inn, phone"),
        ([*SELLER, "--inn", "7701234567"], "control digits"),
        ([*SELLER, "--bic", BIC, "--account", "30101810965770000413"], "doesn't fit BIC"),
        ([*SELLER, "--account", CORR], "needs the bank's BIC"),
        ([*SELLER, "--timezone", "Mars/Phobos"], "timezone"),
        ([*SELLER, "--hours", "9:00-9:00"], "hours"),
        ([*SELLER, "--hours", "9:70-18:00"], "hours"),
        ([*SELLER, "--vat", "18"], "vat"),
        ([*SELLER, "--phone", ""], "can't be empty"),
        ([*SELLER, "--admin", "Анна"], "no phone number"),
    ],
)
def test_what_can_not_be_right_is_named(options: list[str], said: str, database: Database) -> None:
    done = CliRunner().invoke(app, options)
    assert isinstance(done.exception, CommandError)
    assert said in str(done.exception)
    with database.read() as session:
        assert session.exec(select(Person)).all() == []


def test_the_setting_links_the_dispatch_chat(office: TestOffice) -> None:
    with office.work() as uow:
        link_by_setting(uow, telegram_chat(-1001), {"title": "Инженеры", "is_forum": True})
        link_by_setting(uow, telegram_chat(-1002), None)
    with office.database.read() as session:
        assert [(c.chat_id, c.title, c.is_forum) for c in session.exec(select(StaffChat)).all()] == [
            (-1001, "Инженеры", True)
        ], "an id that Telegram does not know changes nothing: the group may have moved"
    with office.work() as uow:
        link_by_setting(uow, telegram_chat(-1003), {"title": "Другая"})
    with office.database.read() as session:
        assert [c.chat_id for c in session.exec(select(StaffChat)).all()] == [-1003]
