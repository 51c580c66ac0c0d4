"""A plain line goes past all conversations but the last: none of them may want one."""

from inspect import unwrap
from typing import Any

from aiogram.filters import Command, StateFilter
from aiogram.fsm.state import State

from bot.handlers.common.filters import IsStaff, Label
from bot.handlers.common.recording import MENU
from bot.handlers.conversations import routers


def wants_no_plain_line(filters: list[Any]) -> bool:
    """Whether one of a handler's filters lets no plain line of a client through, whatever the others say."""
    for each in filters:
        match each:
            case Command() | IsStaff() | StateFilter() | State():
                return True
            case Label():
                return {key.removeprefix("menu.") for key in each.keys} <= set(MENU)
    return False


# What these want is no text at all: a contact, a payment, a moved group; InDispatch is a group.
NO_TEXT = {"contact", "received", "moved", "in_dispatch", "leftover"}


def test_no_conversation_that_is_passed_over_wants_a_plain_line() -> None:
    passed_over = next(router for router in routers() if router.name == "all_but_plain_lines")
    handlers = [handler for router in passed_over.chain_tail for handler in router.message.handlers]
    assert len(handlers) > 50
    wanting = [
        handler.callback.__name__
        for handler in handlers
        if not wants_no_plain_line([unwrap(each.callback) for each in handler.filters or []])
    ]
    assert set(wanting) == NO_TEXT
