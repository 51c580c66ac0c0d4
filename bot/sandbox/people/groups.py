"""What people do with groups: create, join, promote, upgrade, open topics."""

from __future__ import annotations

import time

from bot.sandbox.people.acting import CannotDo
from bot.sandbox.world.refusals import Json
from bot.sandbox.world.render import chat_json, member_json, user_json
from bot.sandbox.world.state import Chat, Member, Topic, World
from bot.sandbox.world.updates import audience, give, publish

STATUSES = ("creator", "administrator", "member", "restricted", "left", "kicked")


def create_group(world: World, kind: str, title: str, forum: bool, members: dict[int, str]) -> Chat:
    """Create a group or supergroup; the first person among the members owns it. Raises CannotDo."""
    if kind not in ("group", "supergroup") or (forum and kind != "supergroup"):
        raise CannotDo("a chat is a group or a supergroup, and only a supergroup is a forum")
    number = 4_000_000_000 + world.fresh() * 11
    chat = Chat(-number if kind == "group" else -(1_000_000_000_000 + number), kind, title, is_forum=forum)
    world.groups[chat.id] = chat
    owner = next((user_id for user_id in members if user_id in world.people), None)
    if owner is not None and "creator" not in members.values():
        members = {**members, owner: "creator"}
    for user_id, status in members.items():
        if user_id in world.people:
            chat.members[user_id] = Member(user_id, status)
    actor = owner or next(iter(members), 0)
    for user_id, status in members.items():
        if user_id not in world.people:
            set_member(world, chat, user_id, status, actor)
    world.touch(chat)
    return chat


def set_member(world: World, chat: Chat, user_id: int, status: str, by: int, anonymous: bool = False) -> None:
    """Give someone a new status, tell bots and write the service message. Raises CannotDo."""
    if status not in STATUSES:
        raise CannotDo(f"no status {status}")
    if user_id not in world.people and user_id not in world.bots:
        raise CannotDo(f"no user {user_id}")
    old = chat.members.get(user_id) or Member(user_id, "left")
    new = Member(user_id, status, old.title, anonymous)
    if chat.type == "group" and status == "restricted":
        raise CannotDo("nobody is restricted in a basic group")
    chat.members[user_id] = new
    _tell_members(world, chat, old, new, by)
    user = user_json(world, user_id)
    if new.inside and not old.inside:
        publish(world, world.add_message(chat, by, {"new_chat_members": [user]}))
    elif old.inside and not new.inside:
        publish(world, world.add_message(chat, by, {"left_chat_member": user}))
    world.touch(chat)


def _tell_members(world: World, chat: Chat, old: Member, new: Member, by: int) -> None:
    value: Json = {
        "chat": chat_json(world, chat),
        "from": user_json(world, by),
        "date": int(time.time()),
        "old_chat_member": member_json(world, old),
        "new_chat_member": member_json(world, new),
    }
    if new.user_id in world.bots:
        give(world.bots[new.user_id], "my_chat_member", value)
    for bot in audience(chat, world):
        if bot.id != new.user_id and chat.members[bot.id].status == "administrator":
            give(bot, "chat_member", value)


def upgrade(world: World, chat: Chat, by: int) -> Chat:
    """Upgrade a group to a supergroup with another id. Raises CannotDo."""
    if chat.type != "group":
        raise CannotDo("only a basic group can be upgraded")
    number = 4_000_000_000 + world.fresh() * 11
    new = Chat(-(1_000_000_000_000 + number), "supergroup", chat.title)
    new.members = {m.user_id: Member(m.user_id, m.status, m.title) for m in chat.members.values() if m.inside}
    world.groups[new.id] = new
    publish(world, world.add_message(chat, by, {"migrate_to_chat_id": new.id}))
    chat.upgraded_to = new.id
    publish(world, world.add_message(new, by, {"migrate_from_chat_id": chat.id}))
    return new


def open_topic(world: World, chat: Chat, by: int, name: str) -> Topic:
    """Open a topic in a forum. Raises CannotDo."""
    if not chat.is_forum:
        raise CannotDo("the chat is not a forum")
    message = world.add_message(chat, by, {"forum_topic_created": {"name": name, "icon_color": 0x6FB9F0}})
    message.thread = message.id
    chat.topics[message.id] = Topic(message.id, name, 0x6FB9F0)
    publish(world, message)
    return chat.topics[message.id]


def remove_topic(world: World, chat: Chat, thread: int) -> None:
    """Delete a topic with its messages. Raises CannotDo."""
    topic = chat.topics.get(thread)
    if topic is None or topic.deleted:
        raise CannotDo(f"no topic {thread}")
    topic.deleted = True
    for message in chat.messages.values():
        if message.thread == thread:
            message.deleted = True
    world.touch(chat)
