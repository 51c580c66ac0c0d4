"""What Telegram itself says in a chat is nobody's word: no appeal, no answer, no attachment (R1.1)."""

import types
import typing
from datetime import datetime
from typing import Any

import pytest
from aiogram.enums import ContentType
from aiogram.types import Message, TelegramObject
from pydantic.fields import FieldInfo
from sqlmodel import Session, func, select

from bot.handlers.common.speech import AWAITED, SPEECH, is_speech
from bot.tickets.life.models import Appeal
from bot.tickets.life.models import Message as Said
from tests.builders.appeals import Town
from tests.builders.spoken import in_group, thread
from tests.builders.stories import begun, learn
from tests.builders.talk import Newcomer, Talk

# Content that the library knows and that is no service message; `any` and `unknown` are words of its own.
_CONTENT = {kind.value for kind in SPEECH}
_NEWS = {
    *("sender_chat", "chat", "sender_boost_count", "sender_business_bot", "reply_to_message", "via_bot"),
    *("external_reply", "quote", "reply_to_story", "link_preview_options", "direct_messages_topic", "forward_from"),
    *("forward_from_chat", "forward_origin", "guest_bot_caller_user", "guest_bot_caller_chat", "receiver_user"),
    *("suggested_post_info", "reply_markup", "entities", "caption_entities", "from_user", "sender_tag"),
}


def smallest(annotation: Any) -> Any:
    """The least JSON that a type of the library takes."""
    origin, args = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is typing.Annotated:
        return smallest(args[0])
    if origin in (typing.Union, types.UnionType):
        return smallest(next(each for each in args if each is not types.NoneType))
    if origin is list:
        return [smallest(args[0])]
    if origin is typing.Literal:
        return args[0]
    if isinstance(annotation, type) and issubclass(annotation, TelegramObject):
        return {
            field.alias or name: _default(field)
            for name, field in annotation.model_fields.items()
            if field.is_required() or typing.get_origin(field.annotation) is typing.Literal
        }
    return {bool: True, int: 7, float: 1.0, str: "private", datetime: 1}.get(annotation, "x")


def _default(field: FieldInfo) -> Any:
    return smallest(field.annotation)


def services() -> list[str]:
    """Every field of a message by which Telegram tells of something, as the library knows them."""
    kinds = {kind.value for kind in ContentType} & set(Message.model_fields)
    return sorted(kinds - _CONTENT - {kind.value for kind in AWAITED})


def content(kind: str) -> dict[str, Any]:
    """The fields of a service message of this kind."""
    return {kind: smallest(Message.model_fields[kind].annotation)}


def test_the_kinds_that_were_seen_are_among_them() -> None:
    seen = {"pinned_message", "message_auto_delete_timer_changed", "chat_background_set", "write_access_allowed"}
    assert seen <= set(services())
    assert len(services()) > 45
    assert not {kind for kind in SPEECH if kind.value not in Message.model_fields}


@pytest.mark.parametrize("kind", services())
async def test_a_service_message_is_no_appeal_and_gets_no_answer(
    kind: str, talk: Talk, town: Town, session: Session
) -> None:
    for who in (town.client, Newcomer(99_555), town.dispatcher):
        account = talk.account(who)
        update = {"message": {**talk.message(Newcomer(account))["message"], **content(kind)}}
        read = Message.model_validate(update["message"])
        assert read.content_type == kind
        assert not is_speech(read)
        await talk._run(talk._store_in(account, [update]))
        assert talk.heard == []
    assert session.exec(select(func.count()).select_from(Appeal)).one() == 0
    assert session.exec(select(func.count()).select_from(Said)).one() == 0


async def test_a_message_pinned_while_a_draft_is_open_is_no_attachment_and_ends_nothing(
    talk: Talk, town: Town, session: Session
) -> None:
    await talk.say(town.client, "📝 Заявка")
    before = list(talk.heard)
    await talk.send(town.client, **content("pinned_message"))
    assert (before != [], talk.heard) == (True, [])
    assert "pinned" not in str([each.kind for each in session.exec(select(Said)).all()])
    assert [each.kind for each in session.exec(select(Said)).all() if each.kind == "other"] == []


async def test_in_a_topic_it_is_no_note_of_the_ticket(talk: Talk) -> None:
    firm, ticket_id = begun(talk, minutes=300, forum=True)
    learn(talk)
    for kind in ("pinned_message", "forum_topic_edited", "video_chat_started"):
        assert await in_group(talk, talk.account(firm.engineer), topic=True, **content(kind)) == []
    assert thread(talk, ticket_id) == []


async def test_content_that_the_library_does_not_know_is_kept_if_it_has_words(
    talk: Talk, town: Town, session: Session
) -> None:
    await talk.send(town.client, caption="Смотрите, что на экране", hologram={"file_id": "x"})
    assert [each.text for each in session.exec(select(Said)).all()] == ["Смотрите, что на экране"]
