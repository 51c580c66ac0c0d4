"""`doctor` on an installation in trouble: each thing that is wrong has a line with its reason and a mend."""

from collections.abc import AsyncIterator, Iterator
from datetime import date, timedelta
from typing import Any

import pytest

from bot.billing.debts.report import bring_report, keep_own
from bot.billing.hours.life import TIMER as POOL_LIFE
from bot.billing.hours.models import Pool
from bot.calendar import workdays
from bot.cli.doctor import Finding, Standing, alarms_of, calendars, jobs_of, payments_of
from bot.cli.telegram_check import telegram_findings
from bot.clients.models import Company
from bot.db.engine import Database
from bot.db.presence import is_running, running
from bot.jobs.ticker import Ticker
from bot.jobs.timers import TIMERS
from bot.messaging.models import Alarm
from bot.messaging.runner import Bell
from bot.messaging.timers import set_timer
from bot.sandbox.client import BotHandle, SandboxClient
from bot.sandbox.server import Sandbox, serve_in_thread
from bot.settings import Settings
from bot.telegram.ids import bot as telegram_bot
from tests.builders.jobs import build_firm
from tests.conftest import NOON, TestOffice
from tests.messaging.outgoing.test_start_waits import ME, TOKEN, Rough, serving
from tests.messaging.test_routes import a_proxy


@pytest.fixture(scope="module")
def server() -> Iterator[Sandbox]:
    with serve_in_thread() as found:
        yield found


@pytest.fixture
async def sandbox(server: Sandbox) -> AsyncIterator[SandboxClient]:
    async with SandboxClient(server.url) as client:
        yield client


def settings(token: str, url: str, **more: Any) -> Settings:
    return Settings(bot_token=token, telegram_api_url=url, _env_file=None, **more)


async def looked(bot: BotHandle, url: str, chat: int | None = None, **more: Any) -> dict[str, Finding]:
    found = await telegram_findings(settings(bot.token, url, **more), Standing(chat))
    for finding in found:
        assert finding.fine or finding.mend, finding
    return {finding.what: finding for finding in found}


async def test_a_dead_first_proxy_is_seen_beside_one_that_works(sandbox: SandboxClient, server: Sandbox) -> None:
    async with a_proxy() as (port, _):
        proxies = f"socks5://user:s3cret-word@127.0.0.1:1,socks5://127.0.0.1:{port}"
        found = await looked(await sandbox.bot(), server.url, telegram_proxies=proxies)
    dead, alive = found["proxy 1 of 2"], found["proxy 2 of 2"]
    assert (dead.fine, dead.mend) == (False, "start it, or take it out of TELEGRAM_PROXIES")
    assert "s3cret-word" not in dead.said
    assert alive.fine and found["token"].fine


async def test_a_bot_in_charge_of_its_group_has_no_trouble_with_privacy(
    sandbox: SandboxClient, server: Sandbox
) -> None:
    bot, boss = await sandbox.bot(), await sandbox.person("Игорь")
    group = await sandbox.group("Инженеры", boss, bot, forum=True)
    found = await looked(bot, server.url, group.id)
    assert all(finding.fine for finding in found.values()), found
    assert "reads everything as an administrator" in found["group privacy"].said


@pytest.mark.parametrize(
    ("status", "said"),
    [
        ("member", "no administrator: it opens no topics"),
        ("restricted", "not enough rights"),
        ("left", ""),
        ("kicked", ""),
    ],
)
async def test_a_bot_that_was_demoted_is_seen(sandbox: SandboxClient, server: Sandbox, status: str, said: str) -> None:
    bot, boss = await sandbox.bot(), await sandbox.person("Игорь")
    group = await sandbox.group("Инженеры", boss, bot, forum=True)
    await group.takes(bot, status, boss)
    found = await looked(bot, server.url, group.id)
    assert not found["rights in the group"].fine
    assert said in found["rights in the group"].said
    assert not found["group privacy"].fine


async def test_a_missing_right_to_manage_topics_is_seen() -> None:
    admin = b'{"ok":true,"result":{"status":"administrator","can_manage_topics":false}}'
    forum = b'{"ok":true,"result":{"id":-1001,"type":"supergroup","is_forum":true}}'
    rough = Rough(getMe=[(200, ME)], getChat=[(200, forum)], getChatMember=[(200, admin)])
    async with serving(rough) as url:
        found = await telegram_findings(settings(TOKEN, url), Standing(-1001))
    (rights,) = [each for each in found if each.what == "rights in the group"]
    assert (rights.fine, "Manage topics is missing" in rights.said) == (False, True)


async def test_a_wrong_id_of_the_group_is_seen(sandbox: SandboxClient, server: Sandbox) -> None:
    found = await looked(await sandbox.bot(), server.url, -100_555)
    assert not found["rights in the group"].fine
    assert "chat not found" in found["rights in the group"].said


@pytest.mark.parametrize(("code", "mend"), [(409, "another process polls"), (401, "BotFather")])
async def test_refused_updates_are_seen_and_nothing_is_acknowledged(
    sandbox: SandboxClient, server: Sandbox, code: int, mend: str
) -> None:
    bot, anna = await sandbox.bot(), await sandbox.person("Анна")
    await anna.says(bot, "есть кто?")
    assert (await looked(bot, server.url))["updates"].said == "some wait for the bot's start"
    assert (await looked(bot, server.url))["updates"].said == "some wait for the bot's start"
    await bot.fails("refuse", method="getUpdates", code=code, description="No", count=None)
    found = (await looked(bot, server.url))["updates"]
    assert (found.fine, mend in found.mend) == (False, True)


async def test_a_running_bot_is_not_cut_short(sandbox: SandboxClient, server: Sandbox) -> None:
    bot = await sandbox.bot()
    found = await telegram_findings(settings(bot.token, server.url, web_port=1), Standing(runs=True))
    assert await bot.calls("getUpdates") == []
    assert "a bot runs on this database" in found[-1].said


def test_whether_a_bot_runs_is_known(database: Database, database_url: str) -> None:
    assert not is_running(database)
    bot = Database(database_url)
    with running(bot):
        bot.engine.connect().close()
        assert is_running(database)
    bot.dispose()
    assert not is_running(database)


def test_a_year_without_its_calendar_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    last = max(workdays.production_calendar().years)
    assert [finding.fine for finding in calendars(date(last, 9, 30))] == [True]
    this, following = calendars(date(last, 10, 1))
    assert (this.fine, following.fine) == (True, False)
    assert f"{last + 1}.toml" in following.mend
    (gone,) = calendars(date(last + 1, 2, 1))
    assert f"deadlines of {last + 1} are not calculated" in gone.mend


def test_an_alarm_that_staff_heard_of_is_told_for_a_day_and_one_that_nobody_did_for_ever(office: TestOffice) -> None:
    with office.work() as uow:
        uow.session.add(Alarm(kind="poison", raised_at=NOON, told_at=NOON))
    with office.work() as uow:
        assert not alarms_of(uow.session, NOON + timedelta(hours=23)).fine
        assert alarms_of(uow.session, NOON + timedelta(hours=25)).fine
        uow.session.add(Alarm(kind="refused", raised_at=NOON))
        uow.session.flush()
        later = alarms_of(uow.session, NOON + timedelta(days=30))
        assert (later.fine, later.said) == (False, "1 untold or of the last 24 h")


def test_a_job_that_fails_is_named_as_long_as_it_does(office: TestOffice) -> None:
    with office.work() as uow:
        assert jobs_of(uow.session).fine
        firms = [build_firm(uow.session, minutes=600) for _ in range(2)]
        bad = uow.session.get_one(Pool, firms[0].pool)
        bad.ends = NOON.date() - timedelta(days=3)
        for firm in firms:
            set_timer(uow.session, f"pool:{firm.pool}", POOL_LIFE, NOON, pool_id=firm.pool)
        uow.session.get_one(Company, firms[0].company).timezone = "Mars/Phobos"
    for tries in (1, 2):
        Ticker(office, TIMERS, telegram_bot(1), Bell(), Bell()).tick()
        office.moment += timedelta(hours=1)
        with office.database.read() as session:
            found = jobs_of(session)
        assert not found.fine and found.mend
        assert found.said == f"1 fail: pool:{bad.id} ({tries} times, NoSuchZoneError)"
    with office.work() as uow:
        uow.session.get_one(Company, firms[0].company).timezone = "Europe/Moscow"
    Ticker(office, TIMERS, telegram_bot(1), Bell(), Bell()).tick()
    with office.database.read() as session:
        assert jobs_of(session).fine


def test_invoices_that_nothing_tells_of_are_no_proof_of_debt(office: TestOffice) -> None:
    with office.work() as uow:
        company = build_firm(uow.session).company
        due, now = NOON.date() - timedelta(days=31), uow.now
        keep_own(uow, company, "1", due, due, 100, paid_on=None)
        (told,) = payments_of(uow.session, now)
        assert not told.fine and "invoices of ours are overdue: 1" in told.said
        assert list(payments_of(uow.session, now - timedelta(days=2))) == [], "not late enough to hold anybody"
        bring_report(uow, now.date(), [])
        assert list(payments_of(uow.session, now)) == []
