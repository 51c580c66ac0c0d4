"""The groups that staff work in."""

from typing import Any

from bot.clients.models import StaffChat
from bot.db.locks import lock
from bot.db.unit_of_work import UnitOfWork
from bot.messaging.messengers import ChatId, chat_key, messenger_in
from bot.messaging.outgoing.outbox import BACK
from bot.messaging.timers import set_timer


def follow_move(uow: UnitOfWork, payload: dict[str, Any]) -> None:
    """A group became a supergroup, `old` to `new`: whatever is told to it goes to the new id from now on."""
    messenger = messenger_in(payload)
    old, new = ChatId(messenger, payload["old"]), ChatId(messenger, payload["new"])
    chat = lock(uow.session, StaffChat, tuple(old))
    if chat is None:
        return
    if uow.session.get(StaffChat, new) is None:
        chat.chat_id = new.number
    else:
        uow.session.delete(chat)
    # Cards of the old group can't be edited from the new one: they are sent anew.
    set_timer(uow.session, chat_key(BACK, new), BACK, uow.now, messenger=messenger.value, chat=new.number)
