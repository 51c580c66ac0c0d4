"""Filters shared by the conversations."""

from functools import cached_property
from typing import Any

from aiogram import Bot
from aiogram import filters as aiogram_filters
from aiogram.filters import BaseFilter
from aiogram.types import CallbackQuery, Message

from bot.clients.models import StaffChat, StaffRole
from bot.handlers.common.conversation import Conversation
from bot.handlers.common.recording import is_menu
from bot.messaging.notices.texts import labels_of


class Command(aiogram_filters.Command):
    """A command that was typed: the library also takes a caption, and a message that is passed on, for one."""

    async def __call__(self, message: Any, bot: Bot) -> bool | dict[str, Any]:
        if message.text is None or message.forward_origin is not None:
            return False
        return await super().__call__(message, bot)


class CommandStart(aiogram_filters.CommandStart):
    """The same of `/start`."""

    async def __call__(self, message: Any, bot: Bot) -> bool | dict[str, Any]:
        if message.text is None or message.forward_origin is not None:
            return False
        return await super().__call__(message, bot)


class Speech(BaseFilter):
    """A message that is no command and no button of the menu."""

    async def __call__(self, message: Message) -> bool:
        return not is_menu(message.text)


class Label(BaseFilter):
    """The text of a reply button, in whichever language it was shown."""

    def __init__(self, *keys: str) -> None:
        self.keys = keys

    @cached_property
    def texts(self) -> frozenset[str]:
        return frozenset().union(*(labels_of(key) for key in self.keys))

    async def __call__(self, message: Message) -> bool:
        return message.text in self.texts


class Private(BaseFilter):
    """A private chat."""

    async def __call__(self, _event: Any, turn: Conversation) -> bool:
        return turn.is_private


class PlainLine(BaseFilter):
    """A client's or a stranger's private text that can only be a question: no command, no word of the menu, and not
    waited for by a dialogue."""

    async def __call__(self, message: Message, turn: Conversation, raw_state: str | None = None) -> bool:
        text = message.text
        plain = text is not None and raw_state is None and turn.is_private and not turn.visitor.is_staff
        return plain and not is_menu(text)


class IsClient(BaseFilter):
    """Acts for at least one company."""

    async def __call__(self, _event: Any, turn: Conversation) -> bool:
        return turn.visitor.is_client


class IsStaff(BaseFilter):
    """Has one of the roles, or any staff role when none is named; an admin has all."""

    def __init__(self, *roles: StaffRole) -> None:
        self.roles = frozenset(roles) | {StaffRole.ADMIN}

    async def __call__(self, _event: Any, turn: Conversation) -> bool:
        held = turn.visitor.staff_roles
        return bool(held & self.roles) if len(self.roles) > 1 else bool(held)


class InDispatch(BaseFilter):
    """A group that is linked as a staff chat."""

    async def __call__(self, _event: Message | CallbackQuery, turn: Conversation) -> bool:
        return not turn.is_private and turn.session.get(StaffChat, turn.chat) is not None
