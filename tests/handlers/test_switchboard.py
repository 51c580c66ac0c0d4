"""Nobody who may want an update is passed over by the switchboard, and most others are."""

from datetime import UTC, datetime
from typing import Any

import pytest
from aiogram.dispatcher.event.handler import HandlerObject
from aiogram.filters import Command
from aiogram.filters.callback_data import CallbackQueryFilter
from aiogram.types import CallbackQuery, Chat, Message, User

from bot.handlers.common.filters import Label, Speech
from bot.handlers.common.recording import MENU
from bot.handlers.conversations import routers
from bot.handlers.switchboard import Switchboard
from bot.messaging.notices.texts import labels_of

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def board() -> Switchboard:
    passed_over = next(router for router in routers() if router.name == "all_but_plain_lines")
    (found,) = passed_over.sub_routers
    assert isinstance(found, Switchboard)
    return found


def checks(handler: HandlerObject) -> list[Any]:
    return [each.callback for each in handler.filters or []]


def handlers(board: Switchboard, update_type: str) -> list[tuple[str, HandlerObject]]:
    return [
        (router.name, handler)
        for router in board.sub_routers
        for each in router.chain_tail
        for handler in each.observers[update_type].handlers
    ]


def asked(board: Switchboard, event: Any) -> list[str]:
    return [router.name for router in board._wanting(event)]


def pressed(data: str) -> CallbackQuery:
    return CallbackQuery(id="1", from_user=User(id=1, is_bot=False, first_name="И"), chat_instance="1", data=data)


def said(text: str) -> Message:
    return Message(message_id=1, date=NOW, chat=Chat(id=1, type="private"), text=text)


def test_a_press_is_offered_to_all_that_have_its_kind_and_to_few_others(board: Switchboard) -> None:
    kinds = 0
    for name, handler in handlers(board, "callback_query"):
        filters = [each for each in checks(handler) if isinstance(each, CallbackQueryFilter)]
        for each in filters:
            kinds += 1
            offered = asked(board, pressed(f"{each.callback_data.__prefix__}:1"))
            assert name in offered
            assert len(offered) < 4, offered
        if not filters:
            assert name in asked(board, pressed("unknown:1"))
    assert kinds > 100


def test_a_word_of_the_menu_is_offered_to_all_that_may_listen(board: Switchboard) -> None:
    words = [*(text for key in MENU for text in labels_of(f"menu.{key}")), "/help", "/start qr_1", "/unheard_of"]
    for text in words:
        offered = asked(board, said(text))
        assert offered == sorted(offered, key=[router.name for router in board.sub_routers].index), "in their order"
        for name, handler in handlers(board, "message"):
            those = checks(handler)
            deaf = any(
                isinstance(each, Speech)
                or (isinstance(each, Label) and text not in each.texts)
                or (isinstance(each, Command) and not text.startswith("/"))
                for each in those
            )
            assert deaf or name in offered, (text, name, handler.callback)
        assert len(offered) < len(board.sub_routers) * 2 / 3


def test_what_is_said_is_offered_to_everybody(board: Switchboard) -> None:
    assert asked(board, said("не печатает чек")) == [router.name for router in board.sub_routers]
