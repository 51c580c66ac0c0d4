"""What people say, told from Telegram's own word that something happened to a chat (R1.1).

A list of what is said, not of what isn't: a service message that a newer Bot API brings is nothing to us either.
"""

from aiogram.enums import ContentType
from aiogram.types import Message

SPEECH = frozenset(
    {
        ContentType.TEXT,
        ContentType.RICH_MESSAGE,
        ContentType.PHOTO,
        ContentType.LIVE_PHOTO,
        ContentType.DOCUMENT,
        ContentType.VIDEO,
        ContentType.VOICE,
        ContentType.VIDEO_NOTE,
        ContentType.AUDIO,
        ContentType.ANIMATION,
        ContentType.PAID_MEDIA,
        ContentType.STICKER,
        ContentType.LOCATION,
        ContentType.VENUE,
        ContentType.CONTACT,
        ContentType.POLL,
        ContentType.CHECKLIST,
        ContentType.DICE,
        ContentType.GAME,
        ContentType.INVOICE,
        ContentType.STORY,
    }
)
# Service messages that a conversation of ours waits for in a private chat.
AWAITED = frozenset({ContentType.SUCCESSFUL_PAYMENT})


def is_speech(message: Message) -> bool:
    """Whether somebody said it. What has a caption, is a part of an album or is passed on was said, whatever it is:
    no service message can be any of these."""
    if message.content_type in SPEECH:
        return True
    said = message.caption or message.media_group_id or message.forward_origin
    return said is not None and message.content_type is ContentType.UNKNOWN


def is_awaited(message: Message) -> bool:
    """Whether a conversation waits for this word of Telegram's."""
    return message.content_type in AWAITED
