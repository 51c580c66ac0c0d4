"""Objects of the sandbox as Bot API shows them to bots."""

from __future__ import annotations

from bot.sandbox.world.refusals import Json
from bot.sandbox.world.state import GROUP_ANONYMOUS_BOT, Bot, Chat, Member, Message, User, World

ANONYMOUS = {
    "id": GROUP_ANONYMOUS_BOT,
    "is_bot": True,
    "first_name": "Group",
    "username": "GroupAnonymousBot",
}


def person_json(person: User) -> Json:
    """A person as `User`."""
    shown: Json = {"id": person.id, "is_bot": False, "first_name": person.first_name}
    for name in ("last_name", "username", "language_code"):
        if value := getattr(person, name):
            shown[name] = value
    return shown


def bot_json(bot: Bot) -> Json:
    """A bot as `User`, without the fields that only getMe gives."""
    return {"id": bot.id, "is_bot": True, "first_name": bot.first_name, "username": bot.username}


def user_json(world: World, user_id: int) -> Json:
    """Anyone as `User`; an account that the sandbox doesn't know is shown as a deleted one."""
    if user_id in world.people:
        return person_json(world.people[user_id])
    if user_id in world.bots:
        return bot_json(world.bots[user_id])
    if user_id == GROUP_ANONYMOUS_BOT:
        return dict(ANONYMOUS)
    return {"id": user_id, "is_bot": False, "first_name": ""}


def me_json(bot: Bot, sparse: bool) -> Json:
    """The bot as its own getMe shows it; `sparse` leaves out what other servers leave out."""
    if sparse:
        return {"id": bot.id, "first_name": bot.first_name, "username": bot.username}
    return {
        **bot_json(bot),
        "can_join_groups": True,
        "can_read_all_group_messages": bot.reads_all,
        "supports_inline_queries": False,
        "can_connect_to_business": False,
        "has_main_web_app": False,
        "has_topics_enabled": False,
        "allows_users_to_create_topics": False,
        "can_manage_bots": False,
        "supports_guest_queries": False,
    }


def chat_json(world: World, chat: Chat) -> Json:
    """A chat as `Chat`."""
    shown: Json = {"id": chat.id, "type": chat.type}
    if chat.private:
        person = world.people[chat.id]
        shown["first_name"] = person.first_name
        for name in ("last_name", "username"):
            if value := getattr(person, name):
                shown[name] = value
        return shown
    shown["title"] = chat.title
    if chat.username:
        shown["username"] = chat.username
    if chat.is_forum:
        shown["is_forum"] = True
    return shown


def message_json(world: World, message: Message, nested: bool = False) -> Json:
    """A message as `Message`; `nested` leaves out what it replies to, as Telegram does one level down."""
    chat = chat_json(world, message.chat)
    shown: Json = {"message_id": message.id}
    if message.anonymous:
        shown["from"] = dict(ANONYMOUS)
        shown["sender_chat"] = chat
    else:
        shown["from"] = user_json(world, message.sender)
    shown["chat"] = chat
    shown["date"] = message.date
    if message.edit_date:
        shown["edit_date"] = message.edit_date
    if message.thread is not None:
        shown["message_thread_id"] = message.thread
        shown["is_topic_message"] = True
    if message.reply_to is not None and not nested:
        shown["reply_to_message"] = message_json(world, message.reply_to, nested=True)
    shown.update(message.fields)
    if message.inline:
        shown["reply_markup"] = message.inline
    return shown


def inaccessible_json(world: World, message: Message) -> Json:
    """A deleted message as `InaccessibleMessage`."""
    return {"chat": chat_json(world, message.chat), "message_id": message.id, "date": 0}


ADMIN_RIGHTS = (
    "can_manage_chat",
    "can_delete_messages",
    "can_manage_video_chats",
    "can_restrict_members",
    "can_promote_members",
    "can_change_info",
    "can_invite_users",
    "can_post_stories",
    "can_edit_stories",
    "can_delete_stories",
    "can_pin_messages",
    "can_manage_topics",
    "can_manage_direct_messages",
    "can_manage_tags",
    "can_send_welcome_messages",
)
RESTRICTIONS = (
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
    "can_edit_tag",
    "can_react_to_messages",
)


def member_json(world: World, member: Member) -> Json:
    """A place in a group as one of the kinds of `ChatMember`."""
    shown: Json = {"user": user_json(world, member.user_id), "status": member.status}
    if member.status in ("creator", "administrator"):
        shown["is_anonymous"] = member.anonymous
        if member.title:
            shown["custom_title"] = member.title
    if member.status == "administrator":
        shown["can_be_edited"] = False
        shown.update(dict.fromkeys(ADMIN_RIGHTS, True))
    if member.status == "restricted":
        shown.update({"is_member": True, "until_date": 0, **dict.fromkeys(RESTRICTIONS, False)})
    if member.status == "kicked":
        shown["until_date"] = 0
    return shown
