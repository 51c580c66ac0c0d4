"""Chats that begin or cease to be: the dispatch chat linked by a command in it, the bot blocked, put out, let in."""

from dataclasses import dataclass

from aiogram import Router
from aiogram.enums import ChatMemberStatus
from aiogram.types import ChatMemberAdministrator, ChatMemberRestricted, ChatMemberUnion, ChatMemberUpdated, Message

from bot.clients.dispatch_chat import link_dispatch, put_out
from bot.clients.models import StaffChat, StaffRole
from bot.handlers.common.acting import actor
from bot.handlers.common.conversation import Conversation
from bot.handlers.common.filters import Command, IsStaff, Private
from bot.messaging.alarms import raise_alarm
from bot.messaging.outgoing import outbox
from bot.tickets.dispatch.group_cards import group_back, topics_back

GONE = frozenset({ChatMemberStatus.KICKED, ChatMemberStatus.LEFT})
BLOCKED = "blocked by the person"
PUT_OUT = "the bot was removed from the chat"

router = Router(name="chats")


@dataclass(frozen=True, slots=True)
class DispatchLinked:
    """Tickets come to this chat from now on."""

    forum: bool


@router.message(Command("dispatch"), Private(), IsStaff(StaffRole.ADMIN))
async def how(_message: Message, turn: Conversation) -> None:
    """In private it can only be explained."""
    turn.say("people/dispatch_how")


@router.message(Command("dispatch"), ~Private())
async def link(message: Message, turn: Conversation) -> None:
    """An admin of ours, as themselves, says that dispatch goes to this chat (R2.6)."""
    by = actor(turn)
    bot = turn.inbox.bot
    outbox.mark_reachable(turn.session, bot, turn.chat_id)
    chat = link_dispatch(turn.uow, turn.chat, message.chat.title or "", is_forum=bool(message.chat.is_forum), by=by)
    turn.say("people/dispatch_linked", DispatchLinked(chat.is_forum))
    group_back(turn.uow, {"messenger": turn.chat.messenger, "chat": turn.chat_id})


@router.my_chat_member(Private())
async def reached(event: ChatMemberUpdated, turn: Conversation) -> None:
    """Blocked: kept, and shown to staff where it is a client's person. Unblocked: any update from them clears it."""
    if event.new_chat_member.status not in GONE:
        return
    outbox.mark_unreachable(turn.session, turn.inbox.bot, turn.chat_id, BLOCKED, turn.now)
    if turn.visitor.is_client or turn.visitor.is_staff:
        raise_alarm(turn.session, "unreachable", turn.now, inbox=turn.inbox.id)


@router.my_chat_member()
async def membership(event: ChatMemberUpdated, turn: Conversation) -> None:
    """Put out or silenced: dispatch goes to people in private. Back again: the group gets its cards as they are now.

    Added to a group by an admin of ours: how to link it.
    """
    bot, before, now = turn.inbox.bot, event.old_chat_member, event.new_chat_member
    if not may_write(now):
        outbox.mark_unreachable(turn.session, bot, turn.chat_id, PUT_OUT, turn.now)
        if may_write(before):
            put_out(turn.uow, turn.chat)
        return
    outbox.mark_reachable(turn.session, bot, turn.chat_id)
    linked = turn.session.get(StaffChat, turn.chat)
    if before.status in GONE and linked is None and StaffRole.ADMIN in turn.visitor.staff_roles:
        turn.say("people/dispatch_how")
    if linked is None:
        return
    if linked.is_forum and may_make_topics(now) and not may_make_topics(before):
        topics_back(turn.uow, bot, turn.chat_id)
    elif linked.is_forum and may_make_topics(before) and not may_make_topics(now):
        raise_alarm(turn.session, "no_topics", turn.now, inbox=turn.inbox.id)
    group_back(turn.uow, {"messenger": turn.chat.messenger, "chat": turn.chat_id})


def may_write(member: ChatMemberUnion) -> bool:
    """Whether the bot may say something in a group."""
    if isinstance(member, ChatMemberRestricted):
        return member.is_member and member.can_send_messages
    return member.status not in GONE


def may_make_topics(member: ChatMemberUnion) -> bool:
    """Whether the bot may open topics in a forum."""
    return isinstance(member, ChatMemberAdministrator) and bool(member.can_manage_topics)
