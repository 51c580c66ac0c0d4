"""Out of hours: when work resumes, the emergency way, and who is left to sleep."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from sqlmodel import col, select

from bot.clients.models import Seller
from bot.db.engine import Database
from bot.messaging.outgoing.models import Outbox
from bot.tickets.intake.record import Incoming
from bot.tickets.intake.triage import answer_from_staff, close_appeal
from bot.tickets.life.models import Appeal
from tests.builders.appeals import Town, add, build_town
from tests.builders.talk import Talk, talking

NIGHT = datetime(2026, 11, 24, 21, 30, tzinfo=UTC)  # half past midnight in Moscow, a Wednesday by then
MORNING = datetime(2026, 11, 25, 5, 0, tzinfo=UTC)  # 8:00 there


@pytest.fixture
def talk(database: Database) -> Iterator[Talk]:
    with talking(database) as found:
        found.office.clock = lambda: NIGHT
        yield found


@pytest.fixture
def town(talk: Talk) -> Town:
    with talk.office.work() as uow:
        add(
            uow.session,
            Seller(name="Сервис", inn="7707083893", phone="+7 495 000-00-00", emergency_phone="+7 495 000-00-01"),
        )
        return build_town(uow.session)


def last_to(talk: Talk, person: int) -> Outbox:
    account = talk.account(person)
    with talk.database.read() as session:
        query = select(Outbox).where(Outbox.chat_id == account).order_by(col(Outbox.id).desc()).limit(1)
        return session.exec(query).one()


async def test_who_calls_a_person_at_night_hears_when_and_how_else(talk: Talk, town: Town) -> None:
    said = await talk.say(town.client, "🙋 Человек")
    assert "ответим после 25 ноября, 09:00" in said and "+7 495 000-00-01" in said
    assert last_to(talk, town.client).not_before is None, "what they asked for is said at once"


async def test_a_ticket_sent_at_night_says_when_it_is_taken_up(talk: Talk, town: Town) -> None:
    await talk.say(town.client, "абракадабра")
    await talk.press(town.client, "📝 Оформить заявку")
    await talk.press(town.client, "АТОЛ 91Ф · Тверская")
    said = await talk.press(town.client, "✅ Отправить")
    assert "после 25 ноября, 09:00" in said and "+7 495 000-00-01" in said


async def test_staff_s_answer_comes_at_night_and_other_news_in_the_morning(talk: Talk, town: Town) -> None:
    await talk.say(town.client, "🙋 Человек")
    with talk.office.work() as uow:
        appeal = uow.session.exec(select(Appeal)).one()
        answer_from_staff(uow, appeal.id, Incoming("text", "Уже смотрим"), town.dispatcher)
    assert last_to(talk, town.client).not_before is None
    with talk.office.work() as uow:
        close_appeal(uow, appeal.id, "решено", town.dispatcher)
    assert last_to(talk, town.client).not_before == MORNING


async def test_by_day_nothing_is_said_of_hours(talk: Talk, town: Town) -> None:
    talk.office.clock = lambda: datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
    assert "нерабочее" not in await talk.say(town.client, "🙋 Человек")
