"""The chat where dispatch cards go: linked by a command in it or by a setting, unlinked when the bot is put out."""

from collections.abc import Mapping
from typing import Any

from sqlmodel import col, select

from bot.clients.audiences import Dispatchers
from bot.clients.models import StaffChat
from bot.clients.people import require_staff
from bot.db.unit_of_work import UnitOfWork

DISPATCH = "dispatch"


def link_dispatch(uow: UnitOfWork, chat_id: int, title: str, *, is_forum: bool, by: int | None) -> StaffChat:
    """From now on dispatch goes here, and here only. `by` None: the setting says so. Raises NotAllowed."""
    if by is not None:
        require_staff(uow.session, by)
    others = select(StaffChat).where(StaffChat.purpose == DISPATCH, col(StaffChat.chat_id) != chat_id)
    for earlier in uow.session.exec(others.with_for_update()).all():
        uow.session.delete(earlier)
    chat = uow.session.get(StaffChat, chat_id)
    if chat is None:
        chat = StaffChat(chat_id=chat_id, purpose=DISPATCH, linked_by=by, linked_at=uow.now)
        uow.session.add(chat)
    chat.title, chat.is_forum = title[:200] or chat.title, is_forum
    uow.session.flush()
    return chat


def link_by_setting(uow: UnitOfWork, chat_id: int, known: Mapping[str, Any] | None) -> None:
    """DISPATCH_CHAT_ID names the chat; `known` is what the messenger says of it, None when it says nothing.

    An id that the messenger does not know leaves the present link alone: the group may have moved to a new id since.
    """
    linked = uow.session.exec(select(StaffChat).where(StaffChat.purpose == DISPATCH)).first()
    if linked is not None and (known is None or linked.chat_id == chat_id):
        return
    told = known or {}
    link_dispatch(uow, chat_id, str(told.get("title", "")), is_forum=bool(told.get("is_forum")), by=None)


def put_out(uow: UnitOfWork, chat_id: int) -> bool:
    """The bot was removed from a chat, or silenced there; if dispatch went there, dispatchers get it in private and are
    told so. The link stays: when the bot is back, so is dispatch."""
    chat = uow.session.get(StaffChat, chat_id, with_for_update=True)
    if chat is None:
        return False
    uow.tell(Dispatchers(), "people/dispatch_lost", urgent=True, title=chat.title)
    return True
