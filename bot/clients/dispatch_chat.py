"""The chat where dispatch cards go: linked by a command in it or by a setting, unlinked when the bot is put out."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import or_
from sqlmodel import col, select

from bot.clients.audiences import Dispatchers
from bot.clients.models import StaffChat
from bot.clients.rights import ADMINS, employed, require
from bot.db.locks import lock, lock_where
from bot.db.unit_of_work import UnitOfWork
from bot.messaging.messengers import ChatId

DISPATCH = "dispatch"


@dataclass(frozen=True, slots=True)
class DispatchLost:
    """The group, by its title, that can't be written to any more."""

    title: str


def link_dispatch(uow: UnitOfWork, place: ChatId, title: str, *, is_forum: bool, by: int | None) -> StaffChat:
    """From now on dispatch goes here, and here only. `by` None: the setting says so. Raises NotAllowed."""
    if by is not None:
        require(uow.session, employed, ADMINS, person=by)
    elsewhere = or_(col(StaffChat.messenger) != place.messenger, col(StaffChat.chat_id) != place.number)
    for earlier in lock_where(uow.session, StaffChat, StaffChat.purpose == DISPATCH, elsewhere):
        uow.session.delete(earlier)
    chat = uow.session.get(StaffChat, place)
    if chat is None:
        chat = StaffChat(
            messenger=place.messenger, chat_id=place.number, purpose=DISPATCH, linked_by=by, linked_at=uow.now
        )
        uow.session.add(chat)
    chat.title, chat.is_forum = title[:200] or chat.title, is_forum
    uow.session.flush()
    return chat


def link_by_setting(uow: UnitOfWork, place: ChatId, known: Mapping[str, Any] | None) -> None:
    """DISPATCH_CHAT_ID names the chat; `known` is what the messenger says of it, None when it says nothing.

    An id that the messenger does not know leaves the present link alone: the group may have moved to a new id since.
    """
    linked = uow.session.exec(select(StaffChat).where(StaffChat.purpose == DISPATCH)).first()
    if linked is not None and (known is None or (linked.messenger, linked.chat_id) == place):
        return
    told = known or {}
    link_dispatch(uow, place, str(told.get("title", "")), is_forum=bool(told.get("is_forum")), by=None)


def put_out(uow: UnitOfWork, place: ChatId) -> bool:
    """The bot was removed from a chat, or silenced there; if dispatch went there, dispatchers get it in private and are
    told so. The link stays: when the bot is back, so is dispatch."""
    chat = lock(uow.session, StaffChat, tuple(place))
    if chat is None:
        return False
    uow.tell(Dispatchers(), "people/dispatch_lost", DispatchLost(chat.title), urgent=True)
    return True
