"""Every way a client says something into a ticket, and where it arrives (R1.8, R1.9)."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from sqlmodel import col, select

from bot.kb.articles.sync import sync_articles
from bot.messaging.outgoing import receipts
from bot.messaging.outgoing.models import Outbox, OutboxState
from bot.tickets.dispatch.take import go_to_client, start_work, take_ticket
from bot.tickets.life.models import Appeal, AppealEnd, DeliveryState, TicketState
from bot.tickets.opening.cancel import cancel_ticket
from bot.tickets.thread.asked import PlacedAlready, place_by_itself, say_into
from bot.tickets.thread.writing import ticket_of_message
from bot.tickets.work.accept import accept_work
from bot.tickets.work.finish import finish_work, say_time
from tests.builders.jobs import opened
from tests.builders.spoken import (
    FILES,
    METHODS,
    albums_go,
    deliver,
    file_of,
    nobody_answers,
    queued_for,
    reply_to,
    thread,
)
from tests.builders.stories import GROUP, begun, in_group, learn, ticket
from tests.builders.talk import BOT_ID, Talk
from tests.kb.articles.test_sync import write

CODE = "код домофона 35К"


def on_the_way(talk: Talk, firm: Any, ticket_id: int) -> None:
    with talk.office.work() as uow:
        take_ticket(uow, ticket_id, firm.engineer)
        go_to_client(uow, ticket_id, firm.engineer)
    deliver(talk)
    learn(talk)


def closed(talk: Talk, firm: Any, ticket_id: int) -> None:
    with talk.office.work() as uow:
        take_ticket(uow, ticket_id, firm.engineer)
        start_work(uow, ticket_id, firm.engineer)
        say_time(uow, ticket_id, 30, "настройка", firm.engineer)
        finish_work(uow, ticket_id, firm.engineer)
        accept_work(uow, ticket_id, None)
    deliver(talk)
    learn(talk)


def told_of(talk: Talk, person: int, word: str) -> int:
    """The newest message to a person with these words in it."""
    rows = [row for row in queued_for(talk, talk.account(person)) if word in str(row.params.get("text", ""))]
    return rows[-1].message_id or 0


def heard_by(talk: Talk, chat: int, what: str) -> int:
    return sum(what in str(row.params).replace("\\xa0", "\u00a0") for row in queued_for(talk, chat))


def last_appeal(talk: Talk, person: int) -> Appeal:
    with talk.database.read() as session:
        query = select(Appeal).where(Appeal.person_id == person).order_by(col(Appeal.id).desc())
        return session.exec(query.limit(1)).one()


@pytest.mark.parametrize("kind", ["text", "voice", *sorted(FILES.keys() - {"voice"})])
async def test_a_reply_to_the_engineer_is_on_the_way_goes_to_the_engineer_as_what_it_is(talk: Talk, kind: str) -> None:
    firm, ticket_id = begun(talk, minutes=300)
    on_the_way(talk, firm, ticket_id)
    content = {"text": CODE} if kind == "text" else FILES[kind]
    replied = reply_to(talk, firm.requester, told_of(talk, firm.requester, "выехал"))
    assert "Записал в заявку №\u00a01, передаю" in await talk.send(firm.requester, **content, **replied)
    method, parameter = METHODS.get(kind, ("sendMessage", "text"))
    for chat in (GROUP, talk.account(firm.engineer)):
        said = [row for row in queued_for(talk, chat) if (row.carries or "").startswith("said:")]
        shown = [row for row in said if row.method == method and parameter in row.params]
        assert len(shown) == 1
        if kind != "text":
            assert shown[0].params[parameter] == file_of(kind)
    kept = thread(talk, ticket_id)[-1]
    assert (kept.kind, kept.from_staff, kept.internal) == (kind, False, False)
    assert last_appeal(talk, firm.requester).end is AppealEnd.ATTACHED
    deliver(talk)
    assert "✅ Передал в заявку №\u00a01" in queued_for(talk, talk.account(firm.requester))[-1].params["text"]
    assert thread(talk, ticket_id)[-1].delivery is DeliveryState.SENT


async def test_whatever_tells_a_client_of_a_ticket_leads_a_reply_there(talk: Talk) -> None:
    firm, ticket_id = begun(talk, minutes=300)
    on_the_way(talk, firm, ticket_id)
    for button in ("💬 Написать", "📜 История", "✖️ Отменить"):
        learn(talk)
        await talk.press(firm.requester, button)
    await talk.say(firm.requester, "📋 Мои заявки")
    deliver(talk)
    told = [
        row for row in queued_for(talk, talk.account(firm.requester)) if "№\u00a01" in str(row.params.get("text", ""))
    ]
    assert len(told) > 5
    with talk.database.read() as session:
        for row in told:
            found = ticket_of_message(session, row.chat, row.message_id or 0)
            is_list = "Ваши заявки" in row.params["text"] or "Мои заявки" in row.params["text"]
            assert (found == ticket_id) is not is_list, row.params["text"]


async def test_a_screen_that_became_another_is_no_more_about_the_ticket(talk: Talk) -> None:
    firm, ticket_id = begun(talk, minutes=300)
    chat = talk.account(firm.requester)
    with talk.office.work() as uow:
        for carries in (f"ticket:{ticket_id}", None):
            edit = Outbox(
                bot_id=BOT_ID, chat_id=chat, method="editMessageText", params={}, carries=carries, created_at=uow.now
            )
            receipts.remember_copies(uow.session, edit, chat, [4242])
            about = ticket_of_message(uow.session, edit.chat, 4242)
            assert about == (ticket_id if carries is not None else None)


async def test_a_line_while_the_engineer_is_on_the_way_is_asked_about_and_a_press_passes_it_on(talk: Talk) -> None:
    firm, ticket_id = begun(talk, minutes=300)
    on_the_way(talk, firm, ticket_id)
    assert "Это к заявке №\u00a01" in await talk.say(firm.requester, CODE)
    assert talk.buttons(firm.requester) == ["Да, к №\u00a01", "Другой вопрос"]
    assert heard_by(talk, talk.account(firm.engineer), CODE) == 0
    assert "Записал в заявку №\u00a01" in await talk.press(firm.requester, "Да, к №\u00a01")
    assert heard_by(talk, talk.account(firm.engineer), CODE) == 1
    assert "уже передано" in await talk.press(firm.requester, "Да, к №\u00a01") + str(talk.heard)
    nobody_answers(talk)
    assert heard_by(talk, talk.account(firm.engineer), CODE) == heard_by(talk, GROUP, CODE) == 1
    assert last_appeal(talk, firm.requester).end is AppealEnd.ATTACHED


@pytest.mark.parametrize(
    ("word", "goes"), [("да", True), ("Да, к ней!", True), ("к заявке №\u00a01", True), ("#1", True), ("нет", False)]
)
async def test_the_question_whose_words_they_are_is_answered_in_words_as_well(
    talk: Talk, word: str, goes: bool
) -> None:
    firm, ticket_id = begun(talk, minutes=300)
    on_the_way(talk, firm, ticket_id)
    await talk.say(firm.requester, CODE)
    await talk.say(firm.requester, word)
    nobody_answers(talk)
    assert heard_by(talk, talk.account(firm.engineer), CODE) == int(goes)
    assert (last_appeal(talk, firm.requester).end is AppealEnd.ATTACHED) is goes


@pytest.mark.parametrize("kind", ["text", "photo", "voice"])
async def test_what_nobody_says_more_about_goes_into_the_ticket_at_work_by_itself(talk: Talk, kind: str) -> None:
    firm, ticket_id = begun(talk, minutes=300)
    on_the_way(talk, firm, ticket_id)
    await talk.send(firm.requester, **({"text": CODE} if kind == "text" else FILES[kind]))
    assert thread(talk, ticket_id)[-1:] == [] or thread(talk, ticket_id)[-1].kind != kind
    nobody_answers(talk)
    said = thread(talk, ticket_id)[-1]
    assert (said.kind, said.delivery) == (kind, DeliveryState.KEPT)
    engineer = queued_for(talk, talk.account(firm.engineer))[-1]
    assert engineer.method == METHODS.get(kind, ("sendMessage", ""))[0]
    assert heard_by(talk, talk.account(firm.requester), "Записал в заявку №\u00a01") == 1
    nobody_answers(talk)
    assert len([each for each in thread(talk, ticket_id) if each.kind == kind and not each.from_staff]) == 1


async def test_an_album_is_asked_about_once_and_arrives_as_one(talk: Talk) -> None:
    firm, ticket_id = begun(talk, minutes=300)
    on_the_way(talk, firm, ticket_id)
    parts = [{**FILES["photo"], "media_group_id": "a"} for _ in range(3)]
    told = await talk.burst(firm.requester, {**parts[0], "caption": "вот"}, parts[1], parts[2])
    assert told.count("Это к заявке №\u00a01") == 1
    await talk.press(firm.requester, "Да, к №\u00a01")
    albums_go(talk)
    for chat in (GROUP, talk.account(firm.engineer)):
        albums = [row for row in queued_for(talk, chat) if row.method == "sendMediaGroup"]
        assert [len(row.params["media"]) for row in albums] == [3]
    assert last_appeal(talk, firm.requester).end is AppealEnd.ATTACHED


async def test_a_burst_is_asked_about_once_and_arrives_whole(talk: Talk) -> None:
    firm, ticket_id = begun(talk, minutes=300)
    on_the_way(talk, firm, ticket_id)
    told = await talk.burst(firm.requester, *({"text": word} for word in ("подъезд второй", "домофон", "35К")))
    assert told.count("Это к заявке №\u00a01") == 1
    await talk.press(firm.requester, "Да, к №\u00a01")
    assert [each.text for each in thread(talk, ticket_id) if not each.from_staff] == [
        "подъезд второй",
        "домофон",
        "35К",
    ]


async def test_of_two_open_tickets_it_is_asked_which_and_the_one_at_work_gets_what_nobody_places(talk: Talk) -> None:
    firm, first = begun(talk, minutes=600)
    with talk.office.work() as uow:
        second = opened(uow, firm).id
    on_the_way(talk, firm, second)
    assert "К какой заявке" in await talk.say(firm.requester, CODE)
    assert talk.buttons(firm.requester) == ["№\u00a02 · АТОЛ 91Ф · 77", "№\u00a01 · АТОЛ 91Ф · 77", "Другой вопрос"]
    await talk.press(firm.requester, "№\u00a01 · АТОЛ 91Ф · 77")
    assert [each.text for each in thread(talk, first) if not each.from_staff] == [CODE]
    await talk.say(firm.requester, "этаж третий")
    nobody_answers(talk)
    assert [each.text for each in thread(talk, second) if not each.from_staff] == ["этаж третий"]


async def test_between_two_jobs_at_work_people_decide(talk: Talk) -> None:
    firm, first = begun(talk, minutes=600)
    with talk.office.work() as uow:
        second = opened(uow, firm).id
    on_the_way(talk, firm, first)
    on_the_way(talk, firm, second)
    await talk.say(firm.requester, CODE)
    nobody_answers(talk)
    appeal = last_appeal(talk, firm.requester)
    assert (appeal.end, appeal.end_reason) == (AppealEnd.TRIAGE, "which_ticket")
    assert "Передал диспетчеру" in queued_for(talk, talk.account(firm.requester))[-1].params["text"]


async def test_another_question_is_answered_as_one_and_nothing_takes_it_away(talk: Talk) -> None:
    firm, ticket_id = begun(talk, minutes=300)
    on_the_way(talk, firm, ticket_id)
    await talk.say(firm.requester, "а у вас есть сканеры")
    assert "оформим заявку" in await talk.press(firm.requester, "Другой вопрос")
    nobody_answers(talk)
    assert [each for each in thread(talk, ticket_id) if not each.from_staff] == []
    assert last_appeal(talk, firm.requester).end is None


async def test_a_draft_that_is_begun_instead_keeps_the_words(talk: Talk) -> None:
    firm, ticket_id = begun(talk, minutes=300)
    on_the_way(talk, firm, ticket_id)
    await talk.say(firm.requester, "ещё не работает сканер")
    await talk.say(firm.requester, "📝 Новая заявка")
    nobody_answers(talk)
    assert [each for each in thread(talk, ticket_id) if not each.from_staff] == []


async def test_a_reply_to_a_ticket_that_is_over_is_asked_about_and_not_lost(talk: Talk) -> None:
    firm, ticket_id = begun(talk, unlimited=True)
    closed(talk, firm, ticket_id)
    replied = reply_to(talk, firm.requester, told_of(talk, firm.requester, "№\u00a01"))
    assert "уже закрыта" in await talk.say(firm.requester, "снова не печатает", **replied)
    assert {"Да, к №\u00a01", "📝 Новая заявка"} <= set(talk.buttons(firm.requester))
    nobody_answers(talk)
    assert [each.text for each in thread(talk, ticket_id) if not each.from_staff] == ["снова не печатает"]
    assert heard_by(talk, GROUP, "снова не печатает") == 1
    deliver(talk)
    assert "Она закрыта" in queued_for(talk, talk.account(firm.requester))[-1].params["text"]


async def test_a_reply_to_a_cancelled_ticket_goes_to_people_unless_a_new_one_is_opened(talk: Talk) -> None:
    firm, ticket_id = begun(talk, unlimited=True)
    deliver(talk)
    with talk.office.work() as uow:
        cancel_ticket(uow, ticket_id, firm.requester)
    deliver(talk)
    replied = reply_to(talk, firm.requester, told_of(talk, firm.requester, "№\u00a01"))
    assert "отменена" in await talk.say(firm.requester, "всё-таки приезжайте", **replied)
    assert talk.buttons(firm.requester) == ["📝 Новая заявка"]
    nobody_answers(talk)
    assert last_appeal(talk, firm.requester).end is AppealEnd.TRIAGE


async def test_a_reply_of_somebody_else_s_client_goes_nowhere_near(talk: Talk) -> None:
    firm, ticket_id = begun(talk, minutes=300)
    on_the_way(talk, firm, ticket_id)
    replied = reply_to(talk, firm.outsider, told_of(talk, firm.requester, "выехал"))
    await talk.say(firm.outsider, CODE, **replied)
    assert [each for each in thread(talk, ticket_id) if not each.from_staff] == []
    assert ticket(talk, ticket_id).state is TicketState.ON_THE_WAY


async def test_a_reply_keeps_its_ticket_though_a_draft_is_open(talk: Talk) -> None:
    firm, ticket_id = begun(talk, minutes=300)
    on_the_way(talk, firm, ticket_id)
    await talk.say(firm.requester, "📝 Новая заявка")
    replied = reply_to(talk, firm.requester, told_of(talk, firm.requester, "выехал"))
    await talk.say(firm.requester, CODE, **replied)
    assert [each.text for each in thread(talk, ticket_id) if not each.from_staff] == [CODE]
    assert "Это про то же?" in await talk.say(firm.requester, "Не включается монитор")  # the draft goes on


async def test_what_reaches_nobody_is_told_as_such(talk: Talk) -> None:
    firm, ticket_id = begun(talk, minutes=300)
    on_the_way(talk, firm, ticket_id)
    replied = reply_to(talk, firm.requester, told_of(talk, firm.requester, "выехал"))
    await talk.say(firm.requester, CODE, **replied)
    deliver(talk, OutboxState.REFUSED, GROUP)
    deliver(talk, OutboxState.REFUSED, talk.account(firm.engineer))
    assert "не дошло" in queued_for(talk, talk.account(firm.requester))[-1].params["text"]
    assert thread(talk, ticket_id)[-1].delivery is DeliveryState.REFUSED


@pytest.mark.parametrize("line", ["Хорошо, ждём!", "спасибо", "Здравствуйте", "ок"])
async def test_a_courtesy_is_asked_about_no_ticket(talk: Talk, line: str) -> None:
    firm, ticket_id = begun(talk, minutes=300)
    on_the_way(talk, firm, ticket_id)
    assert "Это к заявке" not in await talk.say(firm.requester, line)


async def test_what_an_answer_surely_fits_is_answered_and_asked_about_no_ticket(talk: Talk, tmp_path: Path) -> None:
    write(tmp_path, "scanner", "Сканер не читает штрихкод", "сканер пищит")
    firm, ticket_id = begun(talk, minutes=300)
    on_the_way(talk, firm, ticket_id)
    with talk.office.work() as uow:
        sync_articles(uow, tmp_path)
    told = await talk.say(firm.requester, "Сканер не читает штрихкод")
    assert ("Это к заявке" in told) is ("👍 Помогло" not in talk.buttons(firm.requester))
    nobody_answers(talk)


async def test_a_danger_and_a_person_come_before_the_ticket(talk: Talk) -> None:
    firm, ticket_id = begun(talk, minutes=300)
    on_the_way(talk, firm, ticket_id)
    replied = reply_to(talk, firm.requester, told_of(talk, firm.requester, "выехал"))
    assert "Передал сотруднику" in await talk.say(firm.requester, "позовите человека", **replied)
    assert [each for each in thread(talk, ticket_id) if not each.from_staff] == []


async def test_whatever_tells_staff_of_a_ticket_leads_a_reply_there(talk: Talk) -> None:
    firm, ticket_id = begun(talk, minutes=300)
    on_the_way(talk, firm, ticket_id)
    await talk.say(firm.requester, CODE, **reply_to(talk, firm.requester, told_of(talk, firm.requester, "выехал")))
    for button in ("📜 История", "💬 Что сказать", "↩️ Не могу", "Занят"):
        learn(talk)
        await in_group(talk, firm.engineer, button)
    deliver(talk)
    chats = (GROUP, talk.account(firm.engineer))
    told = [row for chat in chats for row in queued_for(talk, chat) if "№\u00a01" in str(row.params.get("text", ""))]
    assert len(told) > 6
    with talk.database.read() as session:
        lost = [row.params["text"] for row in told if ticket_of_message(session, row.chat, row.message_id or 0) is None]
    assert [text for text in lost if "Мои наряды" not in text] == []


async def test_a_press_and_the_timer_at_once_pass_it_on_once(talk: Talk) -> None:
    firm, ticket_id = begun(talk, minutes=300)
    on_the_way(talk, firm, ticket_id)
    await talk.say(firm.requester, CODE)
    appeal = last_appeal(talk, firm.requester).id
    start = Barrier(2)

    def pressed() -> None:
        start.wait()
        with suppress(PlacedAlready), talk.office.work() as uow:
            say_into(uow, appeal, ticket_id, firm.requester)

    def timed() -> None:
        start.wait()
        with talk.office.work() as uow:
            place_by_itself(uow, {"appeal": appeal})

    with ThreadPoolExecutor(2) as both:
        for done in [both.submit(pressed), both.submit(timed)]:
            done.result()
    assert heard_by(talk, GROUP, CODE) == heard_by(talk, talk.account(firm.engineer), CODE) == 1


@pytest.mark.parametrize("kind", ["text", "photo"])
async def test_before_anybody_sets_out_what_nothing_answers_goes_into_the_open_ticket_by_a_press(
    talk: Talk, kind: str
) -> None:
    firm, ticket_id = begun(talk, minutes=300)
    with talk.office.work() as uow:
        take_ticket(uow, ticket_id, firm.engineer)
    await talk.send(firm.requester, **({"text": CODE} if kind == "text" else FILES[kind]))
    assert "Добавил к заявке №\u00a01" in await talk.press(firm.requester, "💬 К заявке №\u00a01")
    assert [each.kind for each in thread(talk, ticket_id)] == [kind]
    for chat in (GROUP, talk.account(firm.engineer)):
        assert len([row for row in queued_for(talk, chat) if (row.carries or "").startswith("said:")]) == 1
    assert last_appeal(talk, firm.requester).end is AppealEnd.ATTACHED
