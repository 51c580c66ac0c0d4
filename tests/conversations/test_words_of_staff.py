"""Every way a word or file of staff can reach a client, and every way it must not (R1.8, R1.9)."""

from typing import Any

import pytest
from sqlmodel import select

from bot.messaging.messengers import ChatId, Messenger
from bot.messaging.outgoing.models import OutboxState, Topic
from bot.tickets.intake.said import message_of_copy
from bot.tickets.life.models import DeliveryState, Ticket
from bot.tickets.offers.proof import proven_work
from tests.builders.spoken import (
    ANONYMOUS,
    FILES,
    METHODS,
    TOPIC,
    albums_go,
    deliver,
    file_of,
    group_message,
    in_group,
    queued_for,
    thread,
)
from tests.builders.stories import GROUP, begun, learn
from tests.builders.stories import in_group as press_in_group
from tests.builders.talk import BOT_ID, Talk

WORD = "Только для вас"


async def arranged(talk: Talk, *, forum: bool = True) -> tuple[Any, int]:
    """A ticket in the group (in its topic), taken by its engineer."""
    firm, ticket_id = begun(talk, minutes=300, forum=forum)
    if forum:
        with talk.office.work() as uow:
            uow.session.add(Topic(bot_id=BOT_ID, chat_id=GROUP, topic_key=f"ticket:{ticket_id}", thread_id=TOPIC))
    await press_in_group(talk, firm.engineer, "✋ Беру")
    return firm, ticket_id


async def client_says(talk: Talk, firm: Any, text: str = "Код от двери 15") -> int:
    """The client writes into the ticket; the id of the group's message that carries it."""
    learn(talk)
    await talk.press(firm.requester, "💬 Написать")
    await talk.say(firm.requester, text)
    deliver(talk)
    return copies(talk)[-1]


def copies(talk: Talk) -> list[int]:
    return [row.message_id or 0 for row in queued_for(talk, GROUP) if (row.carries or "").startswith("said:")]


def reached(talk: Talk, firm: Any) -> list[str]:
    """Methods of the calls to the client that carry a word or file of staff."""
    rows = [row for row in queued_for(talk, talk.account(firm.requester)) if (row.carries or "").startswith("said:")]
    return [row.method for row in rows]


@pytest.mark.sampled(1)
@pytest.mark.parametrize("forum", [True, False])
async def test_only_a_reply_to_the_client_s_own_words_goes_out_of_all_that_the_bot_says(
    talk: Talk, forum: bool
) -> None:
    firm, ticket_id = await arranged(talk, forum=forum)
    await client_says(talk, firm)
    with talk.office.work() as uow:
        own = uow.session.exec(select(type(thread(talk, ticket_id)[0]))).first()
        assert own is not None
        message = {"message": {"message_id": own.message_id, "date": 1, "chat": {"id": own.chat_id, "type": "private"}}}
    message["message"]["from"] = talk._user(own.chat_id)
    await talk.edit(firm.requester, message, "Код от двери 16")
    await press_in_group(talk, firm.engineer, "📜 История")
    await press_in_group(talk, firm.engineer, "↩️ Не могу")
    await press_in_group(talk, firm.engineer, "Занят")
    await press_in_group(talk, firm.other_engineer, "✋ Беру")
    learn(talk)
    await talk.press(firm.requester, "✖️ Отменить")
    await talk.press(firm.requester, "Да, отменить")
    deliver(talk)
    told = [row for row in queued_for(talk, GROUP) if row.method == "sendMessage" and row.message_id]
    assert len({row.params["text"] for row in told}) > 5
    engineer, before = talk.account(firm.engineer), 0
    for row in told:
        heard = await in_group(talk, engineer, reply_to=row.message_id, topic=forum, text=WORD)
        carried_words = (row.carries or "").startswith("said:")
        assert (len(reached(talk, firm)) > before) is carried_words, row.params["text"]
        assert ("клиент этого не увидит" in str(heard).lower()) is not carried_words, row.params["text"]
        before = len(reached(talk, firm))
    assert before == 2  # what the client said, and said anew
    inside = [each for each in thread(talk, ticket_id) if each.internal]
    assert len(inside) >= (len(told) - 2 if forum else 1)
    assert all(each.text == WORD and each.delivery is None for each in inside)


async def test_a_plain_line_of_a_topic_stays_inside_without_a_word(talk: Talk) -> None:
    firm, ticket_id = await arranged(talk)
    assert await in_group(talk, talk.account(firm.engineer), topic=True, text=WORD) == []
    kept = thread(talk, ticket_id)[-1]
    assert (kept.text, kept.internal, kept.person_id) == (WORD, True, firm.engineer)


@pytest.mark.sampled(3)
@pytest.mark.parametrize("kind", sorted(FILES))
async def test_a_file_of_a_topic_is_kept_inside_and_as_a_reply_goes_as_what_it_is(talk: Talk, kind: str) -> None:
    firm, ticket_id = await arranged(talk)
    said = await client_says(talk, firm)
    engineer = talk.account(firm.engineer)
    await in_group(talk, engineer, topic=True, **FILES[kind])
    assert (thread(talk, ticket_id)[-1].kind, thread(talk, ticket_id)[-1].internal) == (kind, True)
    assert reached(talk, firm) == []
    await in_group(talk, engineer, topic=True, reply_to=said, **FILES[kind])
    method, parameter = METHODS[kind]
    sent = [row for row in queued_for(talk, talk.account(firm.requester)) if (row.carries or "").startswith("said:")][
        -1
    ]
    assert (sent.method, sent.params[parameter]) == (method, file_of(kind))
    assert (thread(talk, ticket_id)[-1].kind, thread(talk, ticket_id)[-1].internal) == (kind, False)


@pytest.mark.sampled(3)
@pytest.mark.parametrize("kind", sorted(FILES))
async def test_after_the_press_a_file_with_its_caption_goes_and_is_confirmed_when_it_left(
    talk: Talk, kind: str
) -> None:
    firm, ticket_id = await arranged(talk)
    deliver(talk)
    await press_in_group(talk, firm.engineer, "💬 Клиенту")
    learn(talk)
    await talk.press(firm.engineer, "💬 Клиенту")
    caption = {"caption": "Нужна эта деталь"} if kind not in ("sticker", "video_note", "location") else {}
    waiting = await talk.send(firm.engineer, **FILES[kind], **caption)
    assert "передаю клиенту" in waiting
    assert "Отправил" not in waiting
    calls = [row for row in queued_for(talk, talk.account(firm.requester)) if row.state is OutboxState.NEW]
    assert METHODS[kind][0] in [row.method for row in calls]
    assert caption.get("caption", "") in str([row.params for row in calls])
    deliver(talk)
    assert "✅ Отправил клиенту в заявку №\u00a01" in queued_for(talk, talk.account(firm.engineer))[-1].params["text"]
    kept = thread(talk, ticket_id)[-1]
    assert (kept.kind, kept.text, kept.delivery) == (kind, caption.get("caption", ""), DeliveryState.SENT)
    assert await talk.say(firm.engineer, WORD) != ""  # one message a press: the next line goes nowhere
    assert WORD not in str([row.params for row in queued_for(talk, talk.account(firm.requester))])


@pytest.mark.sampled(2)
@pytest.mark.parametrize("kind", ["photo", "text"])
async def test_what_the_messenger_refuses_is_told_as_refused(talk: Talk, kind: str) -> None:
    firm, ticket_id = await arranged(talk)
    said = await client_says(talk, firm)
    content = FILES["photo"] if kind == "photo" else {"text": WORD}
    heard = await in_group(talk, talk.account(firm.engineer), topic=True, reply_to=said, **content)
    assert "Отправил" not in str(heard)
    deliver(talk, OutboxState.REFUSED, chat_id=talk.account(firm.requester))
    assert "Клиент не получил" in queued_for(talk, GROUP)[-1].params["text"]
    assert thread(talk, ticket_id)[-1].delivery is DeliveryState.REFUSED


@pytest.mark.sampled(2)
@pytest.mark.parametrize("place", ["topic", "private"])
async def test_an_album_goes_as_one_to_whom_its_first_part_went(talk: Talk, place: str) -> None:
    firm, ticket_id = await arranged(talk)
    said = await client_says(talk, firm)
    engineer = talk.account(firm.engineer)
    if place == "private":
        await press_in_group(talk, firm.engineer, "💬 Клиенту")
        learn(talk)
        await talk.press(firm.engineer, "💬 Клиенту")
    for number in range(10):
        part = {**FILES["photo"], "media_group_id": "A", **({"caption": "Вот так"} if number == 0 else {})}
        if place == "topic":
            await in_group(talk, engineer, topic=True, reply_to=said if number == 0 else None, **part)
        else:
            await talk.send(firm.engineer, **part)
    assert reached(talk, firm) == []
    albums_go(talk)
    sent = [row for row in queued_for(talk, talk.account(firm.requester)) if row.method == "sendMediaGroup"]
    assert [len(row.params["media"]) for row in sent] == [10]
    assert "Вот так" in str([row.params for row in queued_for(talk, talk.account(firm.requester))])
    deliver(talk)
    told = queued_for(talk, GROUP if place == "topic" else engineer)[-1].params["text"]
    assert "✅ Отправил клиенту в заявку №\u00a01: фото ×10" in told
    assert {each.delivery for each in thread(talk, ticket_id)[1:]} == {DeliveryState.SENT}


async def test_a_reply_in_private_to_the_client_s_words_goes_out_and_a_plain_line_does_not(talk: Talk) -> None:
    firm, ticket_id = await arranged(talk)
    await client_says(talk, firm)
    copy = next(row for row in queued_for(talk, talk.account(firm.engineer)) if (row.carries or "").startswith("said:"))
    bot = {"id": BOT_ID, "is_bot": True, "first_name": "F"}
    chat = {"id": talk.account(firm.engineer), "type": "private"}
    replied = {"message_id": copy.message_id, "date": 1, "chat": chat, "from": bot, "text": "…"}
    await talk.say(firm.engineer, WORD)
    assert reached(talk, firm) == []
    await talk.say(firm.engineer, WORD, reply_to_message={**replied, "message_id": 1})
    assert reached(talk, firm) == []
    await talk.say(firm.engineer, "Еду", reply_to_message=replied)
    assert reached(talk, firm) == ["sendMessage"]
    assert thread(talk, ticket_id)[-1].text == "Еду"


async def test_a_picture_of_staff_for_nobody_is_not_left_in_silence(talk: Talk) -> None:
    firm, _ = await arranged(talk)
    assert "Не понял, кому это" in await talk.send(firm.engineer, **FILES["photo"])


async def own_card(talk: Talk, firm: Any) -> dict[str, Any]:
    """The engineer opens the job from their list in private; what a reply to its message says it replies to."""
    deliver(talk)
    await talk.say(firm.engineer, "🧰 Мои наряды")
    await talk.press(firm.engineer, "№\u00a01 · АТОЛ 91Ф · 77")
    deliver(talk)
    card = next(row for row in reversed(queued_for(talk, talk.account(firm.engineer))) if row.carries)
    bot = {"id": BOT_ID, "is_bot": True, "first_name": "F"}
    chat = {"id": talk.account(firm.engineer), "type": "private"}
    return {"message_id": card.message_id, "date": 1, "chat": chat, "from": bot, "text": "…"}


@pytest.mark.parametrize("kind", ["photo", "voice", "text"])
async def test_a_reply_to_the_own_card_of_a_job_is_said_on_that_job_among_our_own(talk: Talk, kind: str) -> None:
    firm, ticket_id = await arranged(talk)
    replied = await own_card(talk, firm)
    content = {"text": WORD} if kind == "text" else FILES[kind]
    told = await talk.send(firm.engineer, **content, reply_to_message=replied)
    assert "Записал в заявку №\u00a01 для своих, клиент этого не увидит" in told
    kept = thread(talk, ticket_id)[-1]
    assert (kept.kind, kept.internal, kept.person_id) == (kind, True, firm.engineer)
    assert reached(talk, firm) == []
    for _ in range(2):
        await talk.press(firm.engineer, "📨 Отправить это клиенту")
    method = METHODS[kind][0] if kind in METHODS else "sendMessage"
    assert (reached(talk, firm), thread(talk, ticket_id)[-1].internal) == ([method], False)
    learn(talk)
    assert "нет прав" in await talk.press(firm.outsider, "📨 Отправить это клиенту", shown_to=firm.engineer)


async def test_a_photo_with_which_the_card_is_answered_after_the_press_goes_to_the_client(talk: Talk) -> None:
    firm, ticket_id = await arranged(talk)
    replied = await own_card(talk, firm)
    await talk.press(firm.engineer, "💬 Клиенту")
    await talk.send(firm.engineer, **FILES["photo"], reply_to_message=replied)
    assert (reached(talk, firm), thread(talk, ticket_id)[-1].internal) == (["sendPhoto"], False)


async def test_all_parts_of_an_album_stay_where_its_first_part_was_kept(talk: Talk) -> None:
    firm, ticket_id = await arranged(talk)
    replied = await own_card(talk, firm)
    for number in range(3):
        more = {"reply_to_message": replied} if number == 0 else {}
        await talk.send(firm.engineer, **FILES["photo"], media_group_id="A", **more)
    albums_go(talk)
    assert reached(talk, firm) == []
    assert [each.internal for each in thread(talk, ticket_id)] == [True] * 3
    learn(talk)
    await talk.press(firm.engineer, "📨 Отправить это клиенту")
    albums_go(talk)
    assert reached(talk, firm)[-1] == "sendMediaGroup"


async def test_an_engineer_s_own_card_has_no_button_of_a_leader(talk: Talk) -> None:
    firm, _ = await arranged(talk)
    await talk.say(firm.engineer, "🧰 Мои наряды")
    job = "№\u00a01 · АТОЛ 91Ф · 77"
    await talk.press(firm.engineer, job)
    assert "🚗 Еду" in talk.buttons(firm.engineer)
    assert "Снять с инженера" not in str(talk.buttons(firm.engineer))
    await talk.press(firm.dispatcher, job, shown_to=firm.engineer)
    assert "Снять с инженера" in str(talk.buttons(firm.dispatcher))


async def edits(talk: Talk, update: dict[str, Any], **now: Any) -> list[dict[str, Any]]:
    """Somebody edits their message of the group; what the bot queued because of it."""
    edited = {"edited_message": {**update["message"], "edit_date": 2, **now}}
    await talk._run(talk._store_in(GROUP, [edited]))
    return list(talk.heard)


async def replied(talk: Talk, firm: Any, **content: Any) -> dict[str, Any]:
    """The engineer answers the client's words in the topic."""
    said = await client_says(talk, firm)
    update = group_message(talk, talk.account(firm.engineer), topic=True, reply_to=said, **content)
    await talk._run(talk._store_in(GROUP, [update]))
    return update


def newest_to_client(talk: Talk, firm: Any) -> Any:
    return queued_for(talk, talk.account(firm.requester))[-1]


@pytest.mark.parametrize("delivered", [False, True])
async def test_an_edit_is_made_at_the_client_s_too_and_staff_is_told_when_it_is(talk: Talk, delivered: bool) -> None:
    firm, ticket_id = await arranged(talk)
    update = await replied(talk, firm, text="Буду в три")
    if delivered:
        deliver(talk)
    original = newest_to_client(talk, firm)
    assert "исправляю и у клиента" in str(await edits(talk, update, text="Буду в пять"))
    edit = newest_to_client(talk, firm)
    assert (edit.method, edit.params["_corrects"], edit.card_key) == ("editMessageText", original.id, None)
    assert ("Буду в пять" in edit.params["text"], "message_id" in edit.params) == (True, False)
    deliver(talk)
    assert "Исправил и у клиента" in queued_for(talk, GROUP)[-1].params["text"]
    assert thread(talk, ticket_id)[-1].text == "Буду в пять"
    assert [each["text"] for each in thread(talk, ticket_id)[-1].file["edits"]] == ["Буду в три"]
    await edits(talk, update, text="Буду в шесть")
    deliver(talk, OutboxState.REFUSED, chat_id=talk.account(firm.requester))
    assert "остался прежний вариант" in queued_for(talk, GROUP)[-1].params["text"]
    assert thread(talk, ticket_id)[-1].delivery is DeliveryState.SENT


async def test_an_edited_caption_is_edited_as_one_and_one_too_long_for_it_stays(talk: Talk) -> None:
    firm, _ = await arranged(talk)
    update = await replied(talk, firm, **FILES["photo"], caption="Вот так")
    deliver(talk)
    await edits(talk, update, caption="Вот этак")
    edit = newest_to_client(talk, firm)
    assert (edit.method, "Вот этак" in edit.params["caption"]) == ("editMessageCaption", True)
    await edits(talk, update, caption="слово " * 300)
    assert newest_to_client(talk, firm).id == edit.id
    assert "остался прежний вариант" in queued_for(talk, GROUP)[-1].params["text"]


async def test_an_edit_of_what_does_not_go_to_the_client_goes_nowhere(talk: Talk) -> None:
    firm, _ = await arranged(talk)
    inside = group_message(talk, talk.account(firm.engineer), topic=True, text=WORD)
    await talk._run(talk._store_in(GROUP, [inside]))
    assert await edits(talk, inside, text="!") == []
    assert reached(talk, firm) == []


async def test_an_edit_of_what_the_client_never_got_says_so(talk: Talk) -> None:
    firm, _ = await arranged(talk)
    update = await replied(talk, firm, text="Буду в три")
    deliver(talk, OutboxState.REFUSED, chat_id=talk.account(firm.requester))
    assert "не получил" in str(await edits(talk, update, text="Буду в пять"))
    assert newest_to_client(talk, firm).method == "sendMessage"


async def test_one_who_has_left_edits_nothing_at_the_client_s(talk: Talk) -> None:
    from bot.clients.models import Employment

    firm, ticket_id = await arranged(talk)
    update = await replied(talk, firm, text="Буду в три")
    deliver(talk)
    with talk.office.work() as uow:
        for row in uow.session.exec(select(Employment).where(Employment.person_id == firm.engineer)).all():
            row.ended_at = uow.now
    assert "остался прежний вариант" in str(await edits(talk, update, text="Вы мне должны"))
    assert newest_to_client(talk, firm).method == "sendMessage"
    assert thread(talk, ticket_id)[-1].text == "Вы мне должны"


async def test_a_reply_to_what_was_edited_is_still_about_it(talk: Talk) -> None:
    firm, ticket_id = await arranged(talk)
    update = await replied(talk, firm, text="Буду в три")
    deliver(talk)
    await edits(talk, update, text="Буду в пять")
    deliver(talk)
    with talk.database.read() as session:
        copy = queued_for(talk, talk.account(firm.requester))[-1]
        chat = ChatId(Messenger.TELEGRAM, talk.account(firm.requester))
        found = message_of_copy(session, chat, copy.message_id or 0)
    assert found is not None
    assert found.id == thread(talk, ticket_id)[-1].id


NOT_STAFF: list[tuple[str, dict[str, Any]]] = [
    ("an anonymous administrator", {"user_id": ANONYMOUS, "sender_chat": {"id": GROUP, "type": "supergroup"}}),
    ("a channel", {"user_id": 136817688, "sender_chat": {"id": -100123, "type": "channel"}}),
    ("a stranger", {"user_id": 99_123}),
    ("a client", {}),
    ("a dismissed engineer", {}),
]


@pytest.mark.sampled(3)
@pytest.mark.parametrize(("who", "how"), NOT_STAFF, ids=[who for who, _ in NOT_STAFF])
async def test_others_in_the_group_reach_no_client(talk: Talk, who: str, how: dict[str, Any]) -> None:
    firm, _ = await arranged(talk)
    said = await client_says(talk, firm)
    chosen = {"a client": firm.outsider, "a dismissed engineer": firm.other_engineer}.get(who)
    if who == "a dismissed engineer":
        from bot.clients.models import Employment

        with talk.office.work() as uow:
            for row in uow.session.exec(select(Employment).where(Employment.person_id == firm.other_engineer)).all():
                row.ended_at = uow.now
    user_id = how.get("user_id") or talk.account(chosen)
    more = {name: value for name, value in how.items() if name != "user_id"}
    await in_group(talk, user_id, topic=True, text=WORD, **more)
    heard = await in_group(talk, user_id, topic=True, reply_to=said, text=WORD, **more)
    assert reached(talk, firm) == []
    assert len(heard) == 1  # told that it is not theirs to write


async def test_a_forwarded_message_a_command_and_a_word_of_telegram_s_own_reach_no_client(talk: Talk) -> None:
    firm, ticket_id = await arranged(talk)
    said = await client_says(talk, firm)
    engineer = talk.account(firm.engineer)
    origin = {"forward_origin": {"type": "hidden_user", "date": 1, "sender_user_name": "Кто-то"}}
    await in_group(talk, engineer, topic=True, reply_to=said, text=WORD, **origin)
    await in_group(talk, engineer, topic=True, reply_to=said, text="/help")
    await in_group(talk, engineer, topic=True, reply_to=said, text="/start@other_bot")
    await in_group(talk, engineer, topic=True, reply_to=said, new_chat_title="Новое имя")
    await in_group(talk, engineer, text=WORD)  # in «General»
    assert reached(talk, firm) == []
    assert [each.text for each in thread(talk, ticket_id) if each.from_staff] == [WORD]


async def test_a_channel_s_post_is_nobody_s_word(talk: Talk) -> None:
    firm, ticket_id = await arranged(talk)
    await client_says(talk, firm)
    before = len(thread(talk, ticket_id))
    post = {"message_id": 5, "date": 1, "chat": {"id": GROUP, "type": "channel", "title": "К"}, "text": WORD}
    await talk._run(talk._store_in(GROUP, [{"channel_post": post}]))
    assert talk.heard == []
    assert (reached(talk, firm), len(thread(talk, ticket_id))) == ([], before)


async def test_a_reply_told_twice_by_the_messenger_goes_once(talk: Talk) -> None:
    firm, ticket_id = await arranged(talk)
    said = await client_says(talk, firm)
    update = group_message(talk, talk.account(firm.engineer), topic=True, reply_to=said, text="Еду")
    for _ in range(2):
        await talk._run(talk._store_in(GROUP, [update]))
    assert reached(talk, firm) == ["sendMessage"]
    assert [each.text for each in thread(talk, ticket_id)] == ["Код от двери 15", "Еду"]


async def test_a_file_answers_an_appeal_and_is_in_the_ticket_s_files_and_proof(talk: Talk) -> None:
    firm, ticket_id = await arranged(talk)
    said = await client_says(talk, firm)
    await in_group(talk, talk.account(firm.engineer), topic=True, reply_to=said, **FILES["photo"])
    deliver(talk)
    learn(talk)
    await press_in_group(talk, firm.engineer, "📎 Вложения")
    shown = [call for call in talk.heard if call["_method"] == "sendPhoto"]
    assert [(call["chat_id"], call["photo"]) for call in shown] == [(talk.account(firm.engineer), "pic")]
    with talk.database.read() as session:
        files = proven_work(session, session.get_one(Ticket, ticket_id), "ru").files
    assert [line[1:] for line in files] == [("Пётр", "Фото")]
    await talk.say(firm.outsider, "🙋 Человек")
    await talk.say(firm.dispatcher, "/triage")
    learn(talk)
    await talk.press(firm.dispatcher, "1")
    await talk.press(firm.dispatcher, "💬 Ответить")
    assert "передаю клиенту" in await talk.send(firm.dispatcher, **FILES["photo"], caption="Вот здесь")
    sent = queued_for(talk, talk.account(firm.outsider))[-1]
    assert (sent.method, sent.params["photo"], "Вот здесь" in sent.params["caption"]) == ("sendPhoto", "pic", True)


async def test_a_client_s_album_goes_into_the_topic_once_with_who_said_it(talk: Talk) -> None:
    firm, ticket_id = await arranged(talk)
    learn(talk)
    await talk.press(firm.requester, "💬 Написать")
    before = len(queued_for(talk, GROUP))
    for number in range(10):
        caption = {"caption": "Искрит"} if number == 0 else {}
        await talk.send(firm.requester, **FILES["photo"], **caption, media_group_id="A")
    albums_go(talk)
    album, card = queued_for(talk, GROUP)[before:]
    assert (album.method, len(album.params["media"]), album.params["_topic"]) == (
        "sendMediaGroup",
        10,
        f"ticket:{ticket_id}",
    )
    assert "Гусев" in album.params["media"][0]["caption"]
    assert "Искрит" in album.params["media"][0]["caption"]
    assert "Вложений: 10" in card.params["text"]
