"""What an engineer says while on the way or at work: asked about, kept on the job, pictures apart from talk (R1.8,
R1.9)."""

from typing import Any

import pytest

from bot.tickets.dispatch.take import go_to_client, take_ticket
from bot.tickets.life.models import SHOT
from bot.tickets.offers.proof import proven_work
from bot.tickets.thread.writing import messages_of
from tests.builders.jobs import opened
from tests.builders.spoken import FILES, METHODS, deliver, nobody_answers, queued_for, reply_to, thread
from tests.builders.stories import begun, learn, ticket
from tests.builders.talk import Talk

LINE = "взял с собой новый блок"


def away(talk: Talk, firm: Any, ticket_id: int) -> None:
    with talk.office.work() as uow:
        take_ticket(uow, ticket_id, firm.engineer)
        go_to_client(uow, ticket_id, firm.engineer)
    deliver(talk)
    learn(talk)


def reached_client(talk: Talk, firm: Any) -> list[str]:
    rows = queued_for(talk, talk.account(firm.requester))
    return [row.method for row in rows if (row.carries or "").startswith("said:") and "_card" not in row.params]


@pytest.mark.parametrize("kind", ["text", "photo", "voice", "video", "document", "location"])
async def test_what_an_engineer_says_to_nobody_is_asked_about_and_kept_on_the_job_by_itself(
    talk: Talk, kind: str
) -> None:
    firm, ticket_id = begun(talk, minutes=300)
    away(talk, firm, ticket_id)
    assert "Это к заявке №\u00a01" in await talk.send(
        firm.engineer, **({"text": LINE} if kind == "text" else FILES[kind])
    )
    assert ("📷 До работ" in talk.buttons(firm.engineer)) is (kind in ("photo", "video", "document"))
    assert thread(talk, ticket_id) == []
    nobody_answers(talk)
    (kept,) = thread(talk, ticket_id)
    assert (kept.kind, kept.internal, kept.from_staff, kept.person_id) == (kind, True, True, firm.engineer)
    assert "для своих" in queued_for(talk, talk.account(firm.engineer))[-1].params["text"]
    assert reached_client(talk, firm) == []


@pytest.mark.parametrize("kind", ["text", "photo", "voice"])
async def test_a_press_sends_it_to_the_client_as_what_it_is_once(talk: Talk, kind: str) -> None:
    firm, ticket_id = begun(talk, minutes=300)
    away(talk, firm, ticket_id)
    await talk.send(firm.engineer, **({"text": LINE} if kind == "text" else FILES[kind]))
    for _ in range(2):
        await talk.press(firm.engineer, "💬 Клиенту")
    nobody_answers(talk)
    assert reached_client(talk, firm) == [METHODS.get(kind, ("sendMessage", ""))[0]]
    assert [each.internal for each in thread(talk, ticket_id)] == [False]


async def test_pictures_before_and_after_stand_apart_in_the_thread_the_files_and_the_proof(talk: Talk) -> None:
    firm, ticket_id = begun(talk, minutes=300)
    away(talk, firm, ticket_id)
    await talk.send(firm.engineer, **FILES["photo"])
    assert "до работ" in await talk.press(firm.engineer, "📷 До работ")
    await talk.send(firm.engineer, **FILES["video"], caption="всё чисто")
    assert "после работ" in await talk.press(firm.engineer, "📷 После работ")
    await talk.send(firm.engineer, **FILES["document"])
    nobody_answers(talk)
    assert reached_client(talk, firm) == []
    assert [each.file.get(SHOT) for each in thread(talk, ticket_id)] == ["before", "after", None]
    deliver(talk)
    learn(talk)
    history = await talk.press(firm.requester, "📜 История")
    assert "Фото (до работ)" in history and "всё чисто (после работ)" in history and "Файл" not in history
    with talk.database.read() as session:
        proven = proven_work(session, ticket(talk, ticket_id), "ru")
        assert len(messages_of(session, ticket_id)) == 3
    assert [what for _, _, what in proven.files] == ["Фото, до работ", "Видео, после работ"]
    await talk.say(firm.engineer, "🧰 Мои наряды")
    await talk.press(firm.engineer, "№\u00a01 · АТОЛ 91Ф · 77")
    await talk.press(firm.engineer, "📎 Вложения")
    shown = [(call["_method"], call.get("caption", "")) for call in talk.heard if call["_method"].startswith("send")]
    assert [method for method, _ in shown] == ["sendDocument", "sendPhoto", "sendVideo"]
    assert "до работ" in shown[1][1] and "после работ" in shown[2][1] and "всё чисто" in shown[2][1]


async def test_a_picture_said_as_a_reply_is_named_by_a_press(talk: Talk) -> None:
    firm, ticket_id = begun(talk, minutes=300)
    away(talk, firm, ticket_id)
    await talk.say(firm.engineer, "🧰 Мои наряды")
    await talk.press(firm.engineer, "№\u00a01 · АТОЛ 91Ф · 77")
    deliver(talk)
    card = queued_for(talk, talk.account(firm.engineer))[-1]
    await talk.send(firm.engineer, **FILES["photo"], **reply_to(talk, firm.engineer, card.message_id))
    for _ in range(2):
        await talk.press(firm.engineer, "📷 После работ")
    assert [(each.file.get(SHOT), each.internal) for each in thread(talk, ticket_id)] == [("after", False)]
    assert "нет прав" in await talk.press(firm.outsider, "📷 После работ", shown_to=firm.engineer)


async def test_an_album_of_the_job_is_named_whole_with_its_late_part(talk: Talk) -> None:
    firm, ticket_id = begun(talk, minutes=300)
    away(talk, firm, ticket_id)
    part = {**FILES["photo"], "media_group_id": "a"}
    await talk.send(firm.engineer, **part)
    await talk.send(firm.engineer, **part)
    await talk.press(firm.engineer, "📷 До работ")
    await talk.send(firm.engineer, **part)
    assert [each.file.get(SHOT) for each in thread(talk, ticket_id)] == ["before"] * 3
    assert reached_client(talk, firm) == []


async def test_of_two_jobs_at_once_it_is_asked_on_which(talk: Talk) -> None:
    firm, first = begun(talk, minutes=600)
    with talk.office.work() as uow:
        second = opened(uow, firm).id
    away(talk, firm, first)
    away(talk, firm, second)
    assert "К какой заявке" in await talk.say(firm.engineer, LINE)
    await talk.press(firm.engineer, "№\u00a01 · АТОЛ 91Ф · 77")
    assert [[each.text for each in thread(talk, one)] for one in (first, second)] == [[LINE], []]


async def test_what_is_about_no_job_stays_out_of_it_and_nobody_else_decides(talk: Talk) -> None:
    firm, ticket_id = begun(talk, minutes=300)
    away(talk, firm, ticket_id)
    await talk.say(firm.engineer, LINE)
    assert "Не нахожу" in await talk.press(firm.other_engineer, "📝 Для своих", shown_to=firm.engineer)
    await talk.press(firm.engineer, "Не к заявке")
    nobody_answers(talk)
    assert thread(talk, ticket_id) == []


async def test_who_is_at_no_job_is_asked_nothing(talk: Talk) -> None:
    firm, _ = begun(talk, minutes=300)
    assert "Не понял, кому это" in await talk.send(firm.engineer, **FILES["photo"])


async def test_a_reply_about_another_job_is_said_there_though_a_line_is_awaited_on_this_one(talk: Talk) -> None:
    firm, first = begun(talk, minutes=600)
    with talk.office.work() as uow:
        second = opened(uow, firm).id
    away(talk, firm, first)
    away(talk, firm, second)
    await talk.say(firm.engineer, "🧰 Мои наряды")
    await talk.press(firm.engineer, "№\u00a02 · АТОЛ 91Ф · 77")
    deliver(talk)
    card = queued_for(talk, talk.account(firm.engineer))[-1]
    await talk.say(firm.engineer, "🧰 Мои наряды")
    await talk.press(firm.engineer, "№\u00a01 · АТОЛ 91Ф · 77")
    await talk.press(firm.engineer, "💬 Клиенту")
    await talk.say(firm.engineer, LINE, **reply_to(talk, firm.engineer, card.message_id))
    assert [[each.text for each in thread(talk, one)] for one in (first, second)] == [[], [LINE]]
    await talk.say(firm.engineer, "буду в три")
    assert [each.text for each in thread(talk, first)] == ["буду в три"]
