"""Chats that begin or cease to be: the dispatch chat linked by a command in it, the bot blocked, put out, let in."""

from aiogram import Router
from aiogram.enums import ChatMemberStatus
from aiogram.types import ChatMemberUpdated, Message

from bot.clients.dispatch_chat import link_dispatch, put_out
from bot.clients.models import StaffRole
from bot.handlers.acting import actor
from bot.handlers.filters import Command, IsStaff, Private
from bot.messaging import outbox
from bot.messaging.alarms import raise_alarm
from bot.telegram.conversation import Conversation

GONE = frozenset({ChatMemberStatus.KICKED, ChatMemberStatus.LEFT})
BLOCKED = "blocked by the person"
PUT_OUT = "the bot was removed from the chat"

router = Router(name="chats")


@router.message(Command("dispatch"), Private(), IsStaff(StaffRole.ADMIN))
async def how(_message: Message, turn: Conversation) -> None:
    """In private it can only be explained."""
    turn.say("people/dispatch_how")


@router.message(Command("dispatch"), ~Private())
async def link(message: Message, turn: Conversation) -> None:
    """An admin of ours, as themselves, says that dispatch goes to this chat (R2.6)."""
    by = actor(turn)
    chat = link_dispatch(turn.uow, turn.chat_id, message.chat.title or "", is_forum=bool(message.chat.is_forum), by=by)
    turn.say("people/dispatch_linked", forum=chat.is_forum)


@router.my_chat_member(Private())
async def reached(event: ChatMemberUpdated, turn: Conversation) -> None:
    """Blocked: kept, and shown to staff where it is a client's person. Unblocked: any update from them clears it."""
    if event.new_chat_member.status not in GONE:
        return
    outbox.mark_unreachable(turn.session, turn.turn.inbox.bot_id, turn.chat_id, BLOCKED, turn.now)
    if turn.visitor.is_client or turn.visitor.is_staff:
        raise_alarm(turn.session, "unreachable", turn.now, inbox=turn.turn.inbox.id)


@router.my_chat_member()
async def membership(event: ChatMemberUpdated, turn: Conversation) -> None:
    """Added to a group by an admin of ours: how to link it. Removed: dispatch goes to people in private."""
    bot_id = turn.turn.inbox.bot_id
    if event.new_chat_member.status in GONE:
        outbox.mark_unreachable(turn.session, bot_id, turn.chat_id, PUT_OUT, turn.now)
        put_out(turn.uow, turn.chat_id)
        return
    outbox.mark_reachable(turn.session, bot_id, turn.chat_id)
    newly = event.old_chat_member.status in GONE
    if newly and StaffRole.ADMIN in turn.visitor.staff_roles:
        turn.say("people/dispatch_how")
