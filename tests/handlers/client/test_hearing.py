"""A client who asks for a person, speaks of danger or is in haste is heard first of all (R1.8, R1.10, R1.12)."""

from collections.abc import Iterator

import pytest
from sqlmodel import Session, select

from bot.clients.models import StaffRole
from bot.db.engine import Database
from bot.tickets.life.models import Appeal, AppealEnd, Ticket
from tests.builders.appeals import Town, staff
from tests.builders.talk import Talk, talking


@pytest.fixture
def talk(database: Database) -> Iterator[Talk]:
    with talking(database) as found:
        yield found


def the_appeal(session: Session) -> Appeal:
    session.rollback()  # the next look sees what came since
    return session.exec(select(Appeal)).one()


@pytest.mark.parametrize("line", ["позовите человека", "ПЕРЕЗВОНИТЕ МНЕ!!", "jgthfnjh", "тупой бот"])
async def test_a_person_asked_for_in_own_words_is_the_press_of_the_button(
    talk: Talk, town: Town, session: Session, line: str
) -> None:
    assert "Передал сотруднику" in await talk.say(town.client, line)
    appeal = the_appeal(session)
    assert (appeal.end, appeal.end_reason, appeal.wants_human) == (AppealEnd.TRIAGE, "human", True)


async def test_a_stranger_gets_a_person_too(talk: Talk, town: Town, session: Session) -> None:
    assert "Передал сотруднику" in await talk.say(town.stranger, "оператор")
    assert the_appeal(session).wants_human


async def test_a_complaint_after_a_request_is_marked_and_an_easier_word_does_not_unmark_it(
    talk: Talk, town: Town, session: Session
) -> None:
    for line, marked in (
        ("оператор", "human"),
        ("инженер не приехал", "nobody_came"),
        ("хочу расторгнуть договор", "leaving"),
        ("позовите человека", "leaving"),
    ):
        assert "Передал сотруднику" in await talk.say(town.client, line)
        assert the_appeal(session).end_reason == marked


async def test_managers_hear_of_who_wants_to_leave_once(talk: Talk, town: Town) -> None:
    with talk.office.work() as uow:
        manager = staff(uow.session, 777, "Мария", StaffRole.MANAGER)
    await talk.say(town.client, "хочу расторгнуть договор")
    assert "Хочет уйти от нас" in talk.words(manager)
    await talk.say(town.client, "позовите человека")
    assert "Хочет уйти от нас" not in talk.words(manager)


async def test_a_person_comes_before_a_draft(talk: Talk, town: Town, session: Session) -> None:
    await talk.say(town.client, "не печатает чеки")
    await talk.press(town.client, "📝 Оформить заявку")
    assert "Передал сотруднику" in await talk.say(town.client, "дайте живого человека")
    assert the_appeal(session).end is AppealEnd.TRIAGE


async def test_danger_says_what_to_do_and_opens_the_urgent_way(talk: Talk, town: Town, session: Session) -> None:
    said = await talk.say(town.client, "из кассы идет дым")
    assert said.index("Обесточьте") < said.index("ответа у меня нет")
    await talk.press(town.client, "🔥 Срочная заявка")
    await talk.press(town.client, "АТОЛ 91Ф · Тверская")
    await talk.press(town.client, "✅ Отправить")
    ticket = session.exec(select(Ticket)).one()
    assert (ticket.description, ticket.emergency) == ("из кассы идет дым", True)


async def test_haste_is_offered_the_urgent_way_beside_the_answer(talk: Talk, town: Town, session: Session) -> None:
    assert "срочную заявку" in await talk.say(town.client, "касса встала, очередь стоит")
    await talk.press(town.client, "🔥 Срочная заявка")
    assert the_appeal(session).emergency


async def test_an_ordinary_line_about_an_operator_is_a_question(talk: Talk, town: Town, session: Session) -> None:
    assert "Передал" not in await talk.say(town.client, "оператор ОФД не отвечает")
    assert the_appeal(session).end is None
