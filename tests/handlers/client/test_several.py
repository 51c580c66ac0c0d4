"""Several problems in one message: each is answered, or made a ticket of its own, in one press (R1.1, R1.4)."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from sqlmodel import col, select

from bot.clients.models import Membership, Person, StaffChat
from bot.db.engine import Database
from bot.handlers.client.several.presses import AnswerProblem, DraftProblem
from bot.kb.articles.sync import sync_articles
from bot.kb.learning.models import Feedback
from bot.tickets.intake.appeals import said
from bot.tickets.intake.record import present_appeal
from bot.tickets.intake.triage import triage_card
from bot.tickets.life.models import Appeal, AppealEnd, Message, Ticket, TicketState
from tests.builders.appeals import Town, ticket_on
from tests.builders.held_tickets import run_due
from tests.builders.stories import GROUP, learn
from tests.builders.talk import Talk, talking
from tests.conftest import NOON
from tests.kb.articles.test_sync import write

LINE = "Здравствуйте! Принтер жуёт бумагу и интернета нет и смена не закрывается"
JAM, NET, SHIFT = "1. Замяло бумагу в принтере", "2. Не работает интернет в офисе", "3. Смена не закрывается"
FIRST, SECOND, THIRD = "📝 1 — в заявку", "📝 2 — в заявку", "📝 3 — в заявку"
SEND, TILL = "✅ Отправить", "АТОЛ 91Ф · Тверская"


@pytest.fixture
def talk(database: Database, tmp_path: Path) -> Iterator[Talk]:
    for code, title, question in (
        ("jam", JAM[3:], "принтер жуёт бумагу"),
        ("net", NET[3:], "интернета нет"),
        ("shift", SHIFT[3:], "смена не закрывается"),
        ("mail", "Не отправляется почта", "письма не уходят"),
        ("till", "Касса не включается", "касса не реагирует"),
        ("screen", "Не работает монитор", "экран чёрный"),
    ):
        write(tmp_path, code, title, question)
    write(tmp_path, "jam", "Paper jam in the printer", "the printer is jammed", lang="en")
    write(tmp_path, "net", "No internet in the office", "the internet is down", lang="en")
    with talking(database) as found:
        with found.office.work() as uow:
            sync_articles(uow, tmp_path)
        learn(found)
        yield found


def appeals(talk: Talk, person: int) -> list[Appeal]:
    with talk.database.read() as session:
        return list(session.exec(select(Appeal).where(Appeal.person_id == person).order_by(col(Appeal.id))).all())


def tickets(talk: Talk) -> list[Ticket]:
    with talk.database.read() as session:
        return list(session.exec(select(Ticket).order_by(col(Ticket.id))).all())


def what_is_due(talk: Talk) -> None:
    with talk.office.work() as uow:
        run_due(uow, "appeal_silence")


async def press(talk: Talk, by: int, data: str) -> str:
    talk._buttons[talk.account(by), "it"] = data
    return await talk.press(by, "it")


async def into_ticket(talk: Talk, town: Town, button: str, words: str) -> str:
    """A problem's own button, the object, «Отправить»; returns what is said then."""
    shown = await talk.press(town.client, button)
    if "Отправить" not in str(talk.buttons(town.client)):
        shown = await press(talk, town.client, f"v1bo:{appeals(talk, town.client)[-1].id}:{town.till}")
    if SEND not in talk.buttons(town.client):
        shown = await talk.press(town.client, "Нет, новая заявка")
    assert words in shown
    return await talk.press(town.client, SEND)


def popup(talk: Talk) -> str:
    return " ".join(str(call.get("text", "")) for call in talk.heard if "callback_query_id" in call)


async def test_several_problems_are_seen_as_several(talk: Talk, town: Town) -> None:
    shown = await talk.say(town.client, LINE)
    assert "Вижу несколько вопросов" in shown
    assert "<b>1.</b> Принтер жуёт бумагу" in shown and "<b>3.</b> смена не закрывается" in shown
    assert "Здравствуйте" not in shown
    assert talk.buttons(town.client) == [
        *(JAM, FIRST, NET, SECOND, SHIFT, THIRD),
        *("📝 Всё одной заявкой", "🙋 Человек"),
    ]


@pytest.mark.parametrize(
    "line", ["принтер жуёт бумагу и пищит", "мышка и клавиатура не работают", "смена не закрывается"]
)
async def test_one_problem_is_answered_as_ever(talk: Talk, town: Town, line: str) -> None:
    assert "нескольк" not in await talk.say(town.client, line)


async def test_of_two_answers_no_one_stands_for_both(talk: Talk, town: Town) -> None:
    """Where the whole line has a sure answer as well."""
    assert "нескольк" in await talk.say(town.client, "принтер жуёт бумагу, а ещё не закрывается смена")


async def test_a_person_comes_first_and_gets_the_whole_message(talk: Talk, town: Town) -> None:
    assert "нескольк" not in await talk.say(town.client, f"позовите человека, {LINE}")
    await talk.say(town.other, LINE)
    await talk.press(town.other, "🙋 Человек")
    with talk.office.work() as uow:
        appeal = uow.session.exec(select(Appeal).where(Appeal.person_id == town.other)).one()
        assert appeal.end is AppealEnd.TRIAGE
        assert said(uow.session, appeal.id).text == LINE
    await talk.press(town.other, FIRST)
    assert "у диспетчера" in popup(talk)
    assert len(appeals(talk, town.other)) == 1


async def test_who_calls_a_person_from_the_draft_of_one_shows_the_whole_message_too(talk: Talk, town: Town) -> None:
    await talk.say(town.client, LINE)
    await talk.press(town.client, FIRST)
    await talk.say(town.client, "🙋 Человек")
    own = appeals(talk, town.client)[-1]
    assert own.end is AppealEnd.TRIAGE
    with talk.database.read() as session:
        talked = [each.text for each in triage_card(session, session.get_one(Appeal, own.id)).talk]
    assert talked[:2] == [LINE, "Принтер жуёт бумагу"]
    await talk.press(town.client, FIRST)
    assert "у диспетчера" in popup(talk)


async def test_danger_is_said_before_it(talk: Talk, town: Town) -> None:
    await talk.say(town.client, "из розетки идёт дым, принтер жуёт бумагу и интернета нет")
    danger, several = [call["text"] for call in talk.heard if "text" in call]
    assert "нескольк" not in danger and "обесточьте" in danger.lower()
    assert "Вижу несколько вопросов" in several


async def test_on_a_running_job_it_is_asked_first_and_then_shown(talk: Talk, town: Town) -> None:
    with talk.office.work() as uow:
        ticket_on(uow.session, town, town.till, state=TicketState.IN_WORK)
    assert "нескольк" not in await talk.say(town.client, LINE)
    shown = await talk.press(town.client, next(each for each in talk.buttons(town.client) if "ругой вопрос" in each))
    assert "Вижу несколько вопросов" in shown


async def test_help_with_one_leaves_the_others_open(talk: Talk, town: Town) -> None:
    await talk.say(town.client, LINE)
    assert f"<b>{JAM[3:]}</b>" in await talk.press(town.client, JAM)
    shown = await talk.press(town.client, "👍 Помогло")
    assert "Остальное из вашего сообщения" in shown and "интернета нет" in shown and "бумагу" not in shown
    assert appeals(talk, town.client)[0].end is None
    assert "Не работает интернет" in await talk.press(town.client, NET)
    await talk.press(town.client, "👍 Помогло")
    assert appeals(talk, town.client)[0].end is None
    await talk.press(town.client, SHIFT)
    assert "Остальное" not in await talk.press(town.client, "👍 Помогло")
    [appeal] = appeals(talk, town.client)
    assert (appeal.end, appeal.articles) == (AppealEnd.ANSWERED, ["jam", "net", "shift"])
    with talk.database.read() as session:
        assert [each.query for each in session.exec(select(Feedback).order_by(col(Feedback.id))).all()] == [
            "Принтер жуёт бумагу",
            "интернета нет",
            "смена не закрывается",
        ]


async def test_the_ticket_below_an_article_is_of_its_problem_alone(talk: Talk, town: Town) -> None:
    await talk.say(town.client, LINE)
    await talk.press(town.client, NET)
    await talk.press(town.client, "👎 Не помогло")
    shown = await talk.press(town.client, "📝 Оформить заявку")
    own = appeals(talk, town.client)[-1]
    assert own.summary == "интернета нет"
    assert "интернета нет" in shown and "бумагу" not in shown


async def test_each_becomes_a_ticket_of_its_own_and_the_appeal_ends_with_the_last(talk: Talk, town: Town) -> None:
    await talk.say(town.client, LINE)
    after = await into_ticket(talk, town, FIRST, "Принтер жуёт бумагу")
    assert "Остальное из вашего сообщения" in after and "<b>2.</b> интернета нет" in after
    what_is_due(talk)
    assert appeals(talk, town.client)[0].end is None
    await into_ticket(talk, town, SECOND, "интернета нет")
    assert "Остальное" not in await into_ticket(talk, town, THIRD, "смена не закрывается")
    assert [each.description for each in tickets(talk)] == [
        "Принтер жуёт бумагу",
        "интернета нет",
        "смена не закрывается",
    ]
    what_is_due(talk)
    whole, *own = appeals(talk, town.client)
    assert [each.end for each in own] == [AppealEnd.TICKET] * 3
    assert (whole.end, whole.ticket_id) == (AppealEnd.ATTACHED, tickets(talk)[-1].id)
    with talk.database.read() as session:
        kept = session.exec(select(Message).where(col(Message.chat_id).is_not(None))).all()
        assert [each.text for each in kept] == [LINE], "what was written once is recorded once"


async def test_pressed_again_it_is_the_same_draft_and_then_the_same_ticket(talk: Talk, town: Town) -> None:
    await talk.say(town.client, LINE)
    await talk.press(town.client, FIRST)
    await talk.press(town.client, FIRST)
    assert len(appeals(talk, town.client)) == 2
    await into_ticket(talk, town, FIRST, "Принтер жуёт бумагу")
    await talk.press(town.client, FIRST)
    assert str(tickets(talk)[0].number) in popup(talk)
    assert len(appeals(talk, town.client)) == 2 and len(tickets(talk)) == 1
    assert f"<b>{JAM[3:]}</b>" in await talk.press(town.client, JAM), "its article may still be read"


async def test_what_is_written_next_belongs_to_the_draft_that_was_pressed_last(talk: Talk, town: Town) -> None:
    await talk.say(town.client, LINE)
    for button in (FIRST, SECOND, FIRST):
        await talk.press(town.client, button)
    await talk.say(town.client, "лист застрял внутри")
    _, first, second = appeals(talk, town.client)
    with talk.database.read() as session:
        assert said(session, first.id).text == "Принтер жуёт бумагу\nлист застрял внутри"
        assert said(session, second.id).text == "интернета нет"
        assert present_appeal(session, town.client, NOON).id == first.id


async def test_a_dropped_draft_may_be_begun_anew(talk: Talk, town: Town) -> None:
    await talk.say(town.client, LINE)
    await talk.press(town.client, FIRST)
    await talk.press(town.client, "✖️ Отмена")
    await into_ticket(talk, town, FIRST, "Принтер жуёт бумагу")
    assert [each.end for each in appeals(talk, town.client)] == [None, AppealEnd.CLOSED, AppealEnd.TICKET]


async def test_files_go_with_the_first_ticket_and_back_from_a_dropped_draft(talk: Talk, town: Town) -> None:
    await talk.say(town.client, LINE)
    await talk.send(town.client, photo=[{"file_id": "p", "file_unique_id": "u", "width": 1, "height": 1}])
    await talk.press(town.client, SECOND)
    await talk.press(town.client, "✖️ Отмена")
    await into_ticket(talk, town, FIRST, "Принтер жуёт бумагу")
    await into_ticket(talk, town, SECOND, "интернета нет")
    with talk.database.read() as session:
        [photo] = session.exec(select(Message).where(Message.kind == "photo")).all()
    assert photo.ticket_id == tickets(talk)[0].id


async def test_all_in_one_ticket_takes_what_has_none_yet(talk: Talk, town: Town) -> None:
    await talk.say(town.client, LINE)
    await into_ticket(talk, town, SECOND, "интернета нет")
    shown = await talk.press(town.client, "📝 Всё одной заявкой")
    shown = (
        shown
        if SEND in talk.buttons(town.client)
        else await press(talk, town.client, f"v1bo:{appeals(talk, town.client)[0].id}:{town.printer}")
    )
    await talk.press(town.client, SEND)
    assert [each.description for each in tickets(talk)] == [
        "интернета нет",
        "Принтер жуёт бумагу\nсмена не закрывается",
    ]
    await talk.press(town.client, THIRD)
    assert str(tickets(talk)[1].number) in popup(talk)
    assert len(tickets(talk)) == 2


async def test_late_after_silence_it_still_becomes_a_ticket(talk: Talk, town: Town) -> None:
    await talk.say(town.client, LINE)
    with talk.office.work() as uow:
        appeal = uow.session.exec(select(Appeal)).one()
        appeal.end, appeal.ended_at, appeal.end_reason = AppealEnd.CLOSED, NOON, "silence"
    await into_ticket(talk, town, SECOND, "интернета нет")
    assert [each.description for each in tickets(talk)] == ["интернета нет"]


async def test_others_press_in_vain(talk: Talk, town: Town) -> None:
    await talk.say(town.client, LINE)
    with talk.database.read() as session:
        message = session.exec(select(Message.id).where(Message.text == LINE)).one()
    for by in (town.other, town.stranger, town.dispatcher):
        for press_of in (AnswerProblem(said=message, part=1), DraftProblem(said=message, part=1)):
            assert "бумаг" not in await press(talk, by, press_of.pack())
            assert "Не нахожу" in popup(talk)
    for number in (0, 4, 99):
        await press(talk, town.client, DraftProblem(said=message, part=number).pack())
        assert "Не нахожу" in popup(talk)
    assert len(appeals(talk, town.client)) == 1 and not appeals(talk, town.other)


async def test_who_is_of_no_company_any_more_opens_no_ticket(talk: Talk, town: Town) -> None:
    await talk.say(town.client, LINE)
    with talk.office.work() as uow:
        uow.session.exec(select(Membership).where(Membership.person_id == town.client)).one().ended_at = NOON
    await talk.press(town.client, FIRST)
    assert not tickets(talk)
    assert appeals(talk, town.client)[-1].end is AppealEnd.TRIAGE, "with people, as any draft of a stranger"
    await talk.press(town.client, FIRST)
    assert "у диспетчера" in popup(talk)


async def test_in_a_burst_there_is_one_screen(talk: Talk, town: Town) -> None:
    lines: Sequence[dict[str, str]] = [{"text": LINE} for _ in range(12)]
    await talk.burst(town.client, *lines)
    cards = [call["_card"] for call in talk.heard if "несколько вопросов" in str(call.get("text"))]
    assert len(cards) == len(set(cards)) == 1


async def test_an_edit_is_told_where_its_problems_went(talk: Talk, town: Town) -> None:
    message = talk.message(town.client, text=LINE)
    await talk._run(talk._store(town.client, [message]))
    await into_ticket(talk, town, FIRST, "Принтер жуёт бумагу")

    with talk.office.work() as uow:
        uow.session.add(StaffChat(chat_id=GROUP, title="Инженеры", linked_at=NOON))
    await talk.edit(town.client, message, f"{LINE}, третий этаж")
    assert [call for call in talk.heard if call.get("chat_id") == GROUP and "третий этаж" in str(call.get("text"))]


async def test_in_english(talk: Talk, town: Town) -> None:
    with talk.office.work() as uow:
        uow.session.get_one(Person, town.client).language = "en"
    shown = await talk.say(town.client, "the printer is jammed, and also the internet is down")
    assert "I see several questions" in shown
    assert "📝 2: open a ticket" in talk.buttons(town.client)
