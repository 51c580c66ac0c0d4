"""What people do in Telegram: write, press, join, block."""

from __future__ import annotations

import base64
import copy
import time
from typing import Any

from bot.sandbox.markup.entities import caption_text, message_text
from bot.sandbox.methods.media import FOLDERS, media_fields
from bot.sandbox.world.refusals import Json
from bot.sandbox.world.render import chat_json, inaccessible_json, message_json, user_json
from bot.sandbox.world.state import GROUP_ANONYMOUS_BOT, Chat, Message, Query, User, World
from bot.sandbox.world.updates import enqueue, give, publish


class CannotDo(Exception):
    """A person can't do this in Telegram's client: there is no such button, message or chat."""


def find_person(world: World, person_id: int) -> User:
    """A person by id. Raises CannotDo."""
    if person_id not in world.people:
        raise CannotDo(f"no person {person_id}")
    return world.people[person_id]


def peer_chat(world: World, person_id: int, peer: int) -> Chat:
    """The chat that a person sees under a peer: a bot's id, or a group's (below zero). Raises CannotDo."""
    find_person(world, person_id)
    if peer > 0:
        if peer not in world.bots:
            raise CannotDo(f"no bot {peer}")
        return world.dialogue(world.bots[peer], person_id)
    chat = find_group(world, peer)
    member = chat.members.get(person_id)
    if member is None or not member.inside:
        raise CannotDo(f"person {person_id} is not in chat {peer}")
    return chat


def find_group(world: World, chat_id: int) -> Chat:
    """A group by id; one that was upgraded leads to its supergroup. Raises CannotDo."""
    chat = world.groups.get(chat_id)
    if chat is None:
        raise CannotDo(f"no chat {chat_id}")
    return find_group(world, chat.upgraded_to) if chat.upgraded_to is not None else chat


def find_seen(chat: Chat, message_id: int) -> Message:
    """A message by number, deleted ones included. Raises CannotDo."""
    if message_id not in chat.messages:
        raise CannotDo(f"no message {message_id}")
    return chat.messages[message_id]


def write(
    world: World,
    chat: Chat,
    person_id: int,
    fields: Json,
    reply_to: int | None = None,
    thread: int | None = None,
    anonymous: bool = False,
) -> tuple[Message, list[Json]]:
    """Put a person's message into a chat. Returns it and the updates that bots get. Raises CannotDo."""
    if chat.private and chat.blocked:
        # Writing to a blocked bot is not possible in the client before it is unblocked.
        unblock(world, chat)
    if anonymous and (chat.private or chat.members[person_id].status not in ("creator", "administrator")):
        raise CannotDo("only an administrator of a group writes anonymously")
    if thread is not None and (thread not in chat.topics or chat.topics[thread].deleted):
        raise CannotDo(f"no topic {thread}")
    chat.started = True
    message = world.add_message(chat, person_id, fields)
    message.anonymous = anonymous
    message.thread = thread
    if reply_to is not None:
        message.reply_to = find_seen(chat, reply_to)
        message.thread = message.reply_to.thread if thread is None else thread
    elif thread is not None:
        # In a topic, a message that replies to nothing replies to the topic's first one.
        message.reply_to = chat.messages.get(thread)
    if chat.keyboard and chat.keyboard.get("one_time_keyboard"):
        chat.keyboard = None
    return message, publish(world, message)


def text_fields(text: str, mode: str = "", entities: Any = None) -> Json:
    """Content of a text message. Raises Refusal as Telegram's client would not let it go."""
    return message_text(text, mode, entities)


def file_fields(world: World, kind: str, content: str, name: str, mime: str, words: str = "") -> Json:
    """Content of a message with a file given in base64. Raises CannotDo."""
    if kind not in FOLDERS:
        raise CannotDo(f"no kind of file {kind}")
    stored = world.store_file(FOLDERS[kind], name, base64.b64decode(content), mime)
    return media_fields(world, kind, stored) | caption_text(words, "", None)


def edit(world: World, chat: Chat, person_id: int, message_id: int, text: str) -> list[Json]:
    """Change the text or caption of one's own message. Raises CannotDo."""
    message = find_seen(chat, message_id)
    if message.sender != person_id or message.deleted:
        raise CannotDo("only one's own messages can be edited")
    if "text" in message.fields:
        dropped, fields = ("text", "entities"), message_text(text, "", None)
    else:
        dropped, fields = ("caption", "caption_entities"), caption_text(text, "", None)
    message.fields = {k: v for k, v in message.fields.items() if k not in dropped} | fields
    message.edit_date = int(time.time())
    message.changed = world.stamp()
    return publish(world, message, "edited_message")


def forward(
    world: World, chat: Chat, person_id: int, source: Message, hidden: bool = False
) -> tuple[Message, list[Json]]:
    """Forward a message into a chat; `hidden` if its author hides their account. Raises CannotDo."""
    if source.deleted or source.service:
        raise CannotDo("this message can't be forwarded")
    fields = {k: v for k, v in copy.deepcopy(source.fields).items() if k != "media_group_id"}
    author = user_json(world, source.sender)
    if "forward_origin" not in fields:
        if hidden:
            name = " ".join(filter(None, [author["first_name"], author.get("last_name")]))
            fields["forward_origin"] = {"type": "hidden_user", "date": source.date, "sender_user_name": name}
        else:
            fields["forward_origin"] = {"type": "user", "date": source.date, "sender_user": author}
    return write(world, chat, person_id, fields)


def inline_buttons(message: Message) -> list[Json]:
    """The buttons under a message, row by row."""
    return [button for row in (message.inline or {}).get("inline_keyboard", []) for button in row]


def press_inline(world: World, message: Message, person_id: int, data: str, anonymous: bool = False) -> Query:
    """Press a button that sends data. The data may be forged, as a changed client can. Raises CannotDo."""
    chat = message.chat
    if message.sender not in world.bots:
        raise CannotDo("only bots' messages have buttons")
    bot = world.bots[message.sender]
    number = str(world.fresh() * 1_000_003 + 10**17)
    shown = inaccessible_json(world, message) if message.deleted else message_json(world, message)
    value: Json = {
        "id": number,
        "from": user_json(world, GROUP_ANONYMOUS_BOT if anonymous else person_id),
        "message": shown,
        "chat_instance": str(-(abs(chat.id) + 7_000_000_000)),
        "data": data,
    }
    query = Query(number, bot, person_id, chat, time.monotonic(), value)
    world.queries[number] = query
    query.update = give(bot, "callback_query", value) or {"update_id": 0, "callback_query": value}
    world.touch(chat)
    return query


def message_of_bot(world: World, chat: Chat, message_id: int | None) -> Message:
    """A bot's message by number, or its last one. Raises CannotDo."""
    if message_id is not None:
        return find_seen(chat, message_id)
    for message in reversed(chat.messages.values()):
        if message.sender in world.bots and not message.service:
            return message
    raise CannotDo("no bot has written here yet")


def find_button(
    world: World, chat: Chat, text: str | None, data: str | None, message_id: int | None
) -> tuple[Message, Json] | Json:
    """The newest button with this text (whole, else a part of it) or data: an inline one with its message, or one of
    the reply keyboard. Raises CannotDo and names the buttons there are."""
    if message_id is None:
        messages = [m for m in reversed(chat.messages.values()) if not m.deleted and m.sender in world.bots]
    else:
        messages = [find_seen(chat, message_id)]
    reply: list[Json] = [button for row in (chat.keyboard or {}).get("keyboard", []) for button in row]
    for index, message in enumerate(messages):
        if index == 1 and (button := _fitting(reply, text, data)):
            return button
        if button := _fitting(inline_buttons(message), text, data):
            return message, button
    if message_id is None and (button := _fitting(reply, text, data)):
        return button
    labels = [button["text"] for message in messages[:10] for button in inline_buttons(message)]
    labels += [button["text"] for button in reply]
    raise CannotDo(f"no button {text or data!r}; there are: {', '.join(labels) or 'none'}")


def _fitting(buttons: list[Json], text: str | None, data: str | None) -> Json | None:
    if data is not None:
        return next((button for button in buttons if button.get("callback_data") == data), None)
    if not text:
        return None
    sought = _seen(text)
    whole = next((button for button in buttons if _seen(button["text"]) == sought), None)
    return whole or next((button for button in buttons if sought in _seen(button["text"])), None)


def _seen(text: str) -> str:
    """A button's text as an eye has it: a no-break space is a space."""
    return text.replace("\u00a0", " ")


def contact_fields(
    world: World, person_id: int, phone: str | None, first_name: str | None, user_id: int | None
) -> Json:
    """Content of a message with a contact: with no number, the person's own. Raises CannotDo."""
    person = find_person(world, person_id)
    if phone is None:
        if not person.phone:
            raise CannotDo(f"{person.first_name} has no phone")
        contact: Json = {"phone_number": person.phone, "first_name": person.first_name, "user_id": person.id}
        if person.last_name:
            contact["last_name"] = person.last_name
        return {"contact": contact}
    contact = {"phone_number": phone, "first_name": first_name or "Contact"}
    if user_id is not None:
        contact["user_id"] = user_id
    return {"contact": contact}


def press_again(query: Query) -> Json:
    """The same press once more under a new update id, as a client that reconnects sends it."""
    query.at = time.monotonic()
    update = give(query.bot, "callback_query", query.update["callback_query"])
    return update or query.update


def redeliver(world: World, bot_id: int, update_id: int) -> Json:
    """The same update once more under its own id, as after a lost answer. Raises CannotDo."""
    bot = world.bots.get(bot_id)
    if bot is None or update_id not in bot.sent:
        raise CannotDo(f"bot {bot_id} was never given update {update_id}")
    enqueue(bot, bot.sent[update_id])
    return bot.sent[update_id]


def block(world: World, chat: Chat) -> None:
    """Block a bot: it gets `my_chat_member` and 403 from now on."""
    if not chat.blocked:
        _dialogue_status(world, chat, "member", "kicked")
    chat.blocked = True


def unblock(world: World, chat: Chat) -> None:
    """Unblock a bot."""
    if chat.blocked:
        _dialogue_status(world, chat, "kicked", "member")
    chat.blocked = False


def _dialogue_status(world: World, chat: Chat, old: str, new: str) -> None:
    if chat.bot is None:
        raise CannotDo("only bots can be blocked")
    me = user_json(world, chat.bot.id)
    until = {"until_date": 0}
    value: Json = {
        "chat": chat_json(world, chat),
        "from": user_json(world, chat.id),
        "date": int(time.time()),
        "old_chat_member": {"user": me, "status": old, **(until if old == "kicked" else {})},
        "new_chat_member": {"user": me, "status": new, **(until if new == "kicked" else {})},
    }
    give(chat.bot, "my_chat_member", value)
    world.touch(chat)


def react(world: World, message: Message, person_id: int, emoji: str) -> None:
    """Put a reaction on a message, or take it away with an empty string."""
    old = message.reactions.get(person_id, [])
    new = [{"type": "emoji", "emoji": emoji}] if emoji else []
    message.reactions[person_id] = new
    value: Json = {
        "chat": chat_json(world, message.chat),
        "message_id": message.id,
        "user": user_json(world, person_id),
        "date": int(time.time()),
        "old_reaction": old,
        "new_reaction": new,
    }
    chat = message.chat
    bots = (
        [chat.bot]
        if chat.bot
        else [
            world.bots[m.user_id]
            for m in chat.members.values()
            if m.status == "administrator" and m.user_id in world.bots
        ]
    )
    for bot in bots:
        give(bot, "message_reaction", value)
    world.touch(chat)


def payable(world: World, message: Message) -> bool:
    """Whether a message is an invoice of this sandbox."""
    return (message.chat.id, message.id) in world.invoices
