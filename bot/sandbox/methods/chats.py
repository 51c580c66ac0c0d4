"""Methods about the bot itself, chats, members, topics and pins."""

from __future__ import annotations

from bot.sandbox.methods.call import Call, find_chat, find_message, member_here, method, require_admin, writable_chat
from bot.sandbox.world.refusals import Json, bad_request
from bot.sandbox.world.render import chat_json, member_json, message_json, user_json
from bot.sandbox.world.state import Chat, Member, Topic

ICON_COLORS = (0x6FB9F0, 0xFFD67E, 0xCB86DB, 0x8EEE98, 0xFF93B2, 0xFB6F5F)
PERMISSIONS = (
    "can_send_messages",
    "can_send_audios",
    "can_send_documents",
    "can_send_photos",
    "can_send_videos",
    "can_send_video_notes",
    "can_send_voice_notes",
    "can_send_polls",
    "can_send_other_messages",
    "can_add_web_page_previews",
    "can_change_info",
    "can_invite_users",
    "can_pin_messages",
    "can_manage_topics",
)
EMOJI = frozenset(
    "👍👎❤🔥🥰👏😁🤔🤯😱🤬😢🎉🤩🤮💩🙏👌🕊🤡🥱🥴😍🐳🌚🌭💯🤣⚡🍌🏆💔🤨😐🍓🍾💋🖕😈😴😭🤓👻👀🎃🙈😇😨🤝✍🤗🫡🎅🎄☃💅🤪🗿🆒💘🙉🦄😘💊🙊😎👾😡"
)


@method("getChat")
def get_chat(call: Call) -> Json:
    """A chat as `ChatFullInfo`."""
    chat = find_chat(call)
    if not chat.private:
        member_here(call, chat)
    shown = chat_json(call.world, chat)
    shown.update(accent_color_id=chat.id % 7, max_reaction_count=11, accepted_gift_types=_no_gifts())
    if not chat.private:
        shown["permissions"] = dict.fromkeys(PERMISSIONS, True)
    if chat.username:
        shown["active_usernames"] = [chat.username]
    if chat.pinned in chat.messages and not chat.messages[chat.pinned].deleted:
        shown["pinned_message"] = message_json(call.world, chat.messages[chat.pinned], nested=True)
    return shown


def _no_gifts() -> Json:
    kinds = ("unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription", "gifts_from_channels")
    return dict.fromkeys(kinds, False)


@method("getChatMember")
def get_chat_member(call: Call) -> Json:
    """Someone's place in a chat."""
    chat = find_chat(call)
    user_id = call.params.integer("user_id")
    if chat.private:
        if user_id not in (chat.id, call.bot.id):
            raise bad_request("member not found")
        return member_json(call.world, Member(user_id, "member"))
    member_here(call, chat)
    if user_id not in chat.members:
        if user_id not in call.world.people and user_id not in call.world.bots:
            raise bad_request("invalid user_id specified")
        return member_json(call.world, Member(user_id, "left"))
    return member_json(call.world, chat.members[user_id])


@method("getChatAdministrators")
def get_chat_administrators(call: Call) -> list[Json]:
    """The people who administer a group, and the bot itself if it does."""
    chat = find_chat(call)
    if chat.private:
        raise bad_request("there are no administrators in the private chat")
    member_here(call, chat)
    admins = [m for m in chat.members.values() if m.status in ("creator", "administrator")]
    shown = [m for m in admins if m.user_id not in call.world.bots or m.user_id == call.bot.id]
    return [member_json(call.world, member) for member in shown]


@method("getChatMemberCount")
def get_chat_member_count(call: Call) -> int:
    """How many are in a chat."""
    chat = find_chat(call)
    if chat.private:
        return 2
    member_here(call, chat)
    return sum(member.inside for member in chat.members.values())


@method("leaveChat")
def leave_chat(call: Call) -> bool:
    """Leave a group."""
    chat = writable_chat(call)
    if chat.private:
        raise bad_request("chat member status can't be changed in private chats")
    chat.members[call.bot.id].status = "left"
    call.world.add_message(chat, call.bot.id, {"left_chat_member": user_json(call.world, call.bot.id)})
    call.world.touch(chat)
    return True


@method("sendChatAction")
def send_chat_action(call: Call) -> bool:
    """Show that the bot is typing."""
    chat = writable_chat(call)
    if not call.params.has("action"):
        raise bad_request("wrong parameter action in request")
    chat.action = {"bot": call.bot.id, "action": call.params.text("action")}
    call.world.touch(chat)
    return True


@method("setMessageReaction")
def set_message_reaction(call: Call) -> bool:
    """Put the bot's reaction on a message, or take it away."""
    chat = writable_chat(call)
    message = find_message(chat, call.params.integer("message_id"), "message to react not found")
    reactions = call.params.structure("reaction") or []
    for reaction in reactions:
        if reaction.get("type") == "emoji" and str(reaction.get("emoji", ""))[:1] not in EMOJI:
            raise bad_request("REACTION_INVALID")
    message.reactions[call.bot.id] = reactions
    call.world.touch(chat)
    return True


@method("pinChatMessage")
def pin_chat_message(call: Call) -> bool:
    """Pin a message."""
    chat = writable_chat(call)
    require_admin(call, chat, "not enough rights to manage pinned messages in the chat")
    message = find_message(chat, call.params.integer("message_id"), "message to pin not found")
    chat.pinned = message.id
    call.world.add_message(chat, call.bot.id, {"pinned_message": message_json(call.world, message, nested=True)})
    call.world.touch(chat)
    return True


@method("unpinChatMessage", "unpinAllChatMessages")
def unpin_chat_message(call: Call) -> bool:
    """Take a pin away."""
    chat = writable_chat(call)
    require_admin(call, chat, "not enough rights to manage pinned messages in the chat")
    if chat.pinned is None and call.params.has("message_id"):
        raise bad_request("message to unpin not found")
    chat.pinned = None
    call.world.touch(chat)
    return True


def _forum(call: Call, words: str) -> Chat:
    chat = writable_chat(call)
    if not chat.is_forum:
        raise bad_request("the chat is not a forum")
    require_admin(call, chat, words)
    return chat


def _topic(call: Call, chat: Chat) -> Topic:
    topic = chat.topics.get(call.params.integer("message_thread_id"))
    if topic is None or topic.deleted:
        raise bad_request("TOPIC_ID_INVALID")
    return topic


def _tell(call: Call, chat: Chat, topic: Topic, fields: Json) -> bool:
    call.world.add_message(chat, call.bot.id, fields).thread = topic.id
    call.world.touch(chat)
    return True


@method("createForumTopic")
def create_forum_topic(call: Call) -> Json:
    """Open a topic; its id is the number of the service message about it."""
    chat = _forum(call, "not enough rights to create a topic")
    name = call.params.text("name").strip()
    if not 0 < len(name) <= 128:
        raise bad_request("TOPIC_TITLE_EMPTY" if not name else "TOPIC_TITLE_TOO_LONG")
    color = call.params.integer("icon_color", ICON_COLORS[0])
    if color not in ICON_COLORS:
        raise bad_request("invalid icon color specified")
    topic = open_topic(call, chat, call.bot.id, name, color)
    return {"message_thread_id": topic.id, "name": topic.name, "icon_color": topic.icon_color}


def open_topic(call: Call, chat: Chat, by: int, name: str, color: int) -> Topic:
    """Put a topic into a forum together with its service message."""
    message = call.world.add_message(chat, by, {"forum_topic_created": {"name": name, "icon_color": color}})
    message.thread = message.id
    chat.topics[message.id] = Topic(message.id, name, color)
    call.world.touch(chat)
    return chat.topics[message.id]


@method("editForumTopic")
def edit_forum_topic(call: Call) -> bool:
    """Rename a topic."""
    chat = _forum(call, "not enough rights to edit a topic")
    topic = _topic(call, chat)
    name = call.params.text("name").strip()
    if not name or name == topic.name:
        raise bad_request("TOPIC_NOT_MODIFIED")
    topic.name = name
    return _tell(call, chat, topic, {"forum_topic_edited": {"name": name}})


@method("closeForumTopic")
def close_forum_topic(call: Call) -> bool:
    """Close a topic: only administrators write there."""
    chat = _forum(call, "not enough rights to close a topic")
    topic = _topic(call, chat)
    if topic.closed:
        raise bad_request("TOPIC_NOT_MODIFIED")
    topic.closed = True
    return _tell(call, chat, topic, {"forum_topic_closed": {}})


@method("reopenForumTopic")
def reopen_forum_topic(call: Call) -> bool:
    """Open a closed topic again."""
    chat = _forum(call, "not enough rights to reopen a topic")
    topic = _topic(call, chat)
    if not topic.closed:
        raise bad_request("TOPIC_NOT_MODIFIED")
    topic.closed = False
    return _tell(call, chat, topic, {"forum_topic_reopened": {}})


@method("deleteForumTopic")
def delete_forum_topic(call: Call) -> bool:
    """Delete a topic with its messages."""
    chat = _forum(call, "not enough rights to delete a topic")
    topic = _topic(call, chat)
    delete_topic(chat, topic)
    call.world.touch(chat)
    return True


def delete_topic(chat: Chat, topic: Topic) -> None:
    """Take a topic and its messages away."""
    topic.deleted = True
    for message in chat.messages.values():
        if message.thread == topic.id:
            message.deleted = True
