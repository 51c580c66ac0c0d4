"""A group of staff that becomes a supergroup: the bot follows it to its new id (telegram.md)."""

from aiogram import F, Router
from aiogram.types import Message

from bot.clients.staff_chats import follow_move
from bot.handlers.common.conversation import Conversation
from bot.messaging.outgoing.outbox import move_chat

router = Router()


@router.message(F.migrate_to_chat_id.as_("new"))
async def moved(message: Message, new: int, turn: Conversation) -> None:
    """Said in the old group; what waits for it, and the link to it, go along."""
    move_chat(turn.session, turn.inbox.bot, message.chat.id, new)
    follow_move(turn.uow, {"messenger": turn.chat.messenger, "old": message.chat.id, "new": new})
