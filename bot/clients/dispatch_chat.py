"""The chat where dispatch cards go: linked by a command in it or by a setting, unlinked when the bot is put out."""

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


def put_out(uow: UnitOfWork, chat_id: int) -> bool:
    """The bot was removed from a chat; if dispatch went there, dispatchers get it in private and are told so."""
    chat = uow.session.get(StaffChat, chat_id, with_for_update=True)
    if chat is None:
        return False
    title = chat.title
    uow.session.delete(chat)
    uow.session.flush()
    uow.tell(Dispatchers(), "people/dispatch_lost", urgent=True, title=title)
    return True
