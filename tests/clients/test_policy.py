"""Numbers of the business: an installation's own take effect, and what can't be is refused in words."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlmodel import select
from typer.testing import CliRunner

from bot.answers.digest import open_gaps
from bot.answers.learning import next_lesson
from bot.answers.writing import article_card
from bot.billing.debts.handle import promise_payment, promises_offered
from bot.billing.quotes.models import QuoteVersion
from bot.cli import commands
from bot.cli.doctor import _policies, _queue
from bot.cli.failing import CommandError
from bot.clients.models import Policy
from bot.clients.policy import BadPolicyError, defaults, policy, quiet_hours, set_policy
from bot.db.clock import utc_now
from bot.kb.articles.sync import write_article
from bot.kb.learning.feedback import record_miss
from bot.messaging.models import Timer
from bot.messaging.outgoing.models import Outbox
from bot.tickets.offers.estimate import send_estimate
from bot.tickets.work.finish import silence_until
from tests.builders.jobs import Firm, build_firm, opened
from tests.conftest import TestOffice

MOSCOW = ZoneInfo("Europe/Moscow")
NO_CALENDAR = datetime(2040, 5, 15, 9, tzinfo=UTC)
Measure = Callable[[Any, Firm, TestOffice], object]


def night(hour: int) -> Measure:
    """When somebody is written to about what happens at this hour in Moscow; None: at once."""

    def measured(uow: Any, _firm: Firm, _office: TestOffice) -> object:
        moment = datetime(2026, 11, 24, hour, 30, tzinfo=MOSCOW).astimezone(UTC)
        until = quiet_hours(uow.session).over(moment, "Europe/Moscow")
        return until and until.astimezone(MOSCOW).strftime("%d %H:%M")

    return measured


def reminder(uow: Any, firm: Firm, _office: TestOffice) -> object:
    send_estimate(uow, opened(uow, firm).id, 400_000, "Замена блока", firm.dispatcher)
    timers = uow.session.exec(select(Timer).where(Timer.kind == "quote_remind").order_by(Timer.id)).all()
    return timers[-1].due_at.astimezone(MOSCOW).strftime("%d %H:%M")


def silence(uow: Any, firm: Firm, _office: TestOffice) -> object:
    return silence_until(uow, opened(uow, firm), 3).strftime("%d %H:%M")


def silence_without_calendar(uow: Any, firm: Firm, _office: TestOffice) -> object:
    ticket = opened(uow, firm)
    uow.now = NO_CALENDAR
    return silence_until(uow, ticket, 3).date() - NO_CALENDAR.date()


def quote_without_calendar(uow: Any, firm: Firm, _office: TestOffice) -> object:
    uow.now = NO_CALENDAR
    send_estimate(uow, opened(uow, firm).id, 400_000, "Замена блока", firm.dispatcher)
    version = uow.session.exec(select(QuoteVersion).order_by(QuoteVersion.id)).all()[-1]
    return version.valid_until.astimezone(MOSCOW).date() - NO_CALENDAR.date()


def gaps_of_sixty_days(uow: Any, firm: Firm, _office: TestOffice) -> object:
    record_miss(uow, "сканер не читает штрихкод", "ru", "none", person_id=None)
    uow.session.flush()
    return len(open_gaps(uow.session, uow.now + timedelta(days=60), firm.dispatcher))


def figures(uow: Any, firm: Firm, _office: TestOffice) -> object:
    article = write_article(uow, "ru", "a", "Принтер", "Включите.", by=None)
    return article_card(uow.session, article.id, uow.now, firm.dispatcher).days


def lesson(uow: Any, _firm: Firm, _office: TestOffice) -> object:
    return next_lesson(uow.session, uow.now) - uow.now


def promised(uow: Any, _firm: Firm, _office: TestOffice) -> object:
    return promises_offered(uow.session)


def exempt(uow: Any, firm: Firm, office: TestOffice) -> object:
    promise_payment(uow, firm.company, len(office.told) + 1, firm.boss)
    return [told.values["exempt"] for told in office.told if told.template == "debts/staff"][-1]


def late_queue(uow: Any, _firm: Firm, _office: TestOffice) -> object:
    old = utc_now() - timedelta(minutes=10)
    uow.session.add(Outbox(bot_id=1, chat_id=1, method="sendMessage", params={}, created_at=old))
    uow.session.flush()
    return _queue(uow.session).fine


CASES: list[tuple[str, int, Measure, object, object]] = [
    ("quiet_from_hour", 20, night(21), None, "25 08:00"),
    ("quiet_from_hour", 0, night(23), "25 08:00", None),
    ("quiet_from_hour", 0, night(3), "24 08:00", "24 08:00"),
    ("quiet_from_hour", 8, night(3), "24 08:00", None),
    ("quiet_to_hour", 10, night(9), None, "24 10:00"),
    ("quiet_to_hour", 23, night(22), "25 08:00", "24 23:00"),
    ("approval_reminder_hour", 9, reminder, "25 10:00", "25 09:00"),
    ("accept_until_hour", 20, silence, "27 18:00", "27 20:00"),
    ("no_calendar_days", 5, silence_without_calendar, timedelta(days=7), timedelta(days=5)),
    ("no_calendar_days", 5, quote_without_calendar, timedelta(days=7), timedelta(days=5)),
    ("kb_gaps_days", 50, gaps_of_sixty_days, 1, 0),
    ("kb_figures_days", 14, figures, 30, 14),
    ("kb_refit_hours", 6, lesson, timedelta(days=1), timedelta(hours=6)),
    ("debt_promise_short_days", 2, promised, [3, 7, 14], [2, 7, 14]),
    ("debt_promise_middle_days", 5, promised, [3, 7, 14], [3, 5, 14]),
    ("debt_promise_long_days", 21, promised, [3, 7, 14], [3, 7, 21]),
    ("debt_exempt_short_days", 5, exempt, [7, 14, 30], [5, 14, 30]),
    ("debt_exempt_middle_days", 10, exempt, [7, 14, 30], [7, 10, 30]),
    ("debt_exempt_long_days", 60, exempt, [7, 14, 30], [7, 14, 60]),
    ("queue_late_minutes", 15, late_queue, False, True),
]


@pytest.mark.parametrize(
    ("name", "own", "measure", "was", "becomes"),
    [pytest.param(*case, id=f"{case[0]}={case[1]}-{n}") for n, case in enumerate(CASES)],
)
def test_an_own_value_takes_effect_and_the_shipped_one_comes_back(
    name: str, own: int, measure: Measure, was: object, becomes: object, office: TestOffice
) -> None:
    with office.work() as uow:
        firm = build_firm(uow.session, debt=5)
        assert measure(uow, firm, office) == was
    with office.work() as uow:
        set_policy(uow.session, name, own)
        assert measure(uow, firm, office) == becomes
        set_policy(uow.session, name, None)
        assert policy(uow.session, name) == defaults()[name]


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("quiet_from_hour", 24, "quiet_from_hour: from 0 to 23, not 24"),
        ("close_day", 31, "close_day: from 1 to 28, not 31"),
        ("project_from_kopecks", 10**12, "project_from_kopecks: from 0 to 2000000000, not 1000000000000"),
        ("debt_prepay_days", 40, "debt_prepay_days: debt_prepay_days, 40, would be more than debt_hold_days, 30"),
        ("debt_hold_days", 10, "debt_hold_days: debt_prepay_days, 15, would be more than debt_hold_days, 10"),
        ("quite_from_hour", 21, "quite_from_hour: there is no such policy; quiet_from_hour?"),
        ("weather", None, "weather: there is no such policy"),
    ],
)
def test_a_value_that_can_not_be_is_refused_in_words(
    name: str, value: int | None, said: str, office: TestOffice
) -> None:
    with office.work() as uow:
        with pytest.raises(BadPolicyError) as refused:
            set_policy(uow.session, name, value)
        assert str(refused.value) == said
        assert uow.session.exec(select(Policy)).all() == []


def test_every_shipped_value_may_be_set_as_it_is(office: TestOffice) -> None:
    with office.work() as uow:
        for name, value in defaults().items():
            set_policy(uow.session, name, value)
        assert len(uow.session.exec(select(Policy)).all()) == len(defaults())


def test_the_command_shows_sets_and_refuses(office: TestOffice, database_url: str, monkeypatch: Any) -> None:
    monkeypatch.setenv("DATABASE_URL", database_url)

    def run(*words: str) -> str:
        done = CliRunner().invoke(commands, ["policy", *words])
        if done.exception is not None and not isinstance(done.exception, SystemExit):
            raise done.exception
        return done.output

    assert [line.split(" = ")[0] for line in run().splitlines()] == list(defaults())
    assert run("quiet_from_hour", "21") == "quiet_from_hour = 21  (shipped 22, from 0 to 23)\n"
    assert run("quiet_from_hour") == "quiet_from_hour = 21  (shipped 22, from 0 to 23)\n"
    assert run("quiet_from_hour", "default") == "quiet_from_hour = 22  (shipped 22, from 0 to 23)\n"
    for words, said in (
        (("quiet_from_hour", "22:00"), "quiet_from_hour: a whole number is needed, or `default`, not 22:00"),
        (("quiet_from_hour", "24"), "quiet_from_hour: from 0 to 23, not 24"),
        (("quiet",), "quiet: there is no such policy"),
    ):
        with pytest.raises(CommandError) as refused:
            run(*words)
        assert str(refused.value) == said


def test_doctor_names_what_was_written_past_the_command(office: TestOffice) -> None:
    with office.work() as uow:
        uow.session.add_all([Policy(name="close_day", value=31), Policy(name="gone", value=1)])
        uow.session.flush()
        bad, unknown = _policies(uow.session)
        assert (bad.fine, bad.said) == (False, "close_day: from 1 to 28, not 31")
        assert (unknown.said, unknown.mend) == ("gone: there is no such policy", "python -m bot policy gone default")
        set_policy(uow.session, "gone", None)
        set_policy(uow.session, "close_day", 3)
        assert list(_policies(uow.session)) == []
