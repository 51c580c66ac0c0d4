"""One call of a bot: who calls, with what; and the checks that many methods share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bot.sandbox.world.params import Params
from bot.sandbox.world.refusals import bad_request, forbidden, upgraded
from bot.sandbox.world.state import Bot, Chat, Member, Message, World


@dataclass(slots=True)
class Call:
    """A call in hand."""

    world: World
    bot: Bot
    params: Params


Method = Callable[[Call], object]
METHODS: dict[str, Method] = {}


def method(*names: str) -> Callable[[Method], Method]:
    """Register a function as one or more methods of the Bot API."""

    def register(function: Method) -> Method:
        for name in names:
            METHODS[name.lower()] = function
        return function

    return register


def find_chat(call: Call, name: str = "chat_id") -> Chat:
    """The chat that a parameter names, by id or @username. Raises Refusal in Telegram's words."""
    raw = call.params.text(name).strip()
    if not raw:
        raise bad_request(f"{name} is empty")
    world = call.world
    if raw.startswith("@"):
        for group in world.groups.values():
            if group.username and group.username.lower() == raw[1:].lower():
                return group
        raise bad_request("chat not found")
    try:
        chat_id = int(raw)
    except ValueError:
        raise bad_request("chat not found") from None
    if chat_id > 0:
        return _find_private(call, chat_id)
    chat = world.groups.get(chat_id)
    if chat is None or call.bot.id not in chat.members:
        raise bad_request("chat not found")
    if chat.upgraded_to is not None:
        raise upgraded(chat.upgraded_to)
    return chat


def _find_private(call: Call, user_id: int) -> Chat:
    chat = call.world.dialogues.get((call.bot.id, user_id))
    if chat is not None and chat.started:
        return chat
    if user_id in call.world.bots:
        raise forbidden("bot can't send messages to bots")
    if any({call.bot.id, user_id} <= group.members.keys() for group in call.world.groups.values()):
        raise forbidden("bot can't initiate conversation with a user")
    raise bad_request("chat not found")


def writable_chat(call: Call) -> Chat:
    """The chat of `chat_id`, checked that the bot may write there now. Raises Refusal 400 or 403."""
    chat = find_chat(call)
    if chat.private:
        if call.world.people[chat.id].deactivated:
            raise forbidden("user is deactivated")
        if chat.blocked:
            raise forbidden("bot was blocked by the user")
        return chat
    member_here(call, chat)
    return chat


def member_here(call: Call, chat: Chat) -> Member:
    """The bot's own place in a group. Raises Refusal 403 if it is not there."""
    member = chat.members[call.bot.id]
    kind = "group" if chat.type == "group" else "supergroup"
    if member.status == "kicked":
        raise forbidden(f"bot was kicked from the {kind} chat")
    if member.status == "left":
        raise forbidden(f"bot is not a member of the {kind} chat")
    if member.status == "restricted":
        raise bad_request("not enough rights to send text messages to the chat")
    return member


def require_admin(call: Call, chat: Chat, words: str) -> None:
    """Raise Refusal unless the bot administers the group."""
    if not chat.private and member_here(call, chat).status != "administrator":
        raise bad_request(words)


def find_thread(chat: Chat, thread: int, admin: bool) -> int | None:
    """The topic to write into; None is the general one. Raises Refusal if it is gone, closed or not a forum's."""
    if thread == 0:
        return None
    topic = chat.topics.get(thread)
    if topic is None or topic.deleted:
        raise bad_request("message thread not found")
    if topic.closed and not admin:
        raise bad_request("TOPIC_CLOSED")
    return thread


def find_message(chat: Chat, message_id: int, words: str) -> Message:
    """A message that is still there. Raises Refusal with `words`."""
    message = chat.messages.get(message_id)
    if message is None or message.deleted:
        raise bad_request(words)
    return message
