"""What the person's side takes, as documented in OpenAPI."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field

from bot.sandbox.world.faults import Trouble


class Text(BaseModel):
    """A text message. `entities` replaces what Telegram finds by itself, `parse_mode` formats as for bots."""

    text: str
    entities: list[dict[str, Any]] | None = None
    parse_mode: str = ""
    reply_to: int | None = None
    thread: int | None = None
    anonymous: bool = False


class File(BaseModel):
    """A message with a file in base64."""

    kind: str = Field(description="photo, document, voice, video, sticker, audio, animation, video_note")
    content: str = Field(default="c2FuZGJveA==", description="base64")
    name: str = "file.bin"
    mime: str = "application/octet-stream"
    caption: str = ""
    reply_to: int | None = None
    thread: int | None = None


class Album(BaseModel):
    """Files sent as one album; those from `late_from` on arrive `late_by` seconds later."""

    files: list[File]
    late_from: int | None = None
    late_by: float = 0.3


class Location(BaseModel):
    """A point on the map, degrees."""

    latitude: float
    longitude: float
    thread: int | None = None


class Contact(BaseModel):
    """A contact: one's own if nothing is given, else somebody's."""

    phone_number: str | None = None
    first_name: str | None = None
    user_id: int | None = None
    thread: int | None = None


class Content(BaseModel):
    """A message with any content, in the fields of Bot API: `poll`, `dice`, `story`."""

    fields: dict[str, Any]
    thread: int | None = None


class Edit(BaseModel):
    """A new text or caption of one's own message."""

    message_id: int
    text: str


class Forward(BaseModel):
    """A message of another chat of the person, passed on into this one."""

    from_peer: int
    message_id: int
    hidden: bool = False


class Press(BaseModel):
    """A press of a button by its text or data; `forge` sends the data with no such button there."""

    text: str | None = None
    data: str | None = None
    message_id: int | None = None
    forge: bool = False
    anonymous: bool = False


class Start(BaseModel):
    """`/start` with the payload of a deep link."""

    payload: str = ""


class React(BaseModel):
    """A reaction; an empty one takes it away."""

    message_id: int
    emoji: str


class OneMessage(BaseModel):
    """A message by its number."""

    message_id: int


class NewBot(BaseModel):
    """A bot; the token is made if none is given. `privacy` hides from it what groups say to each other."""

    token: str | None = None
    username: str | None = None
    first_name: str = "Bot"
    privacy: bool = True


class NewPerson(BaseModel):
    """A person; the id is made if none is given."""

    id: int | None = None
    first_name: str
    last_name: str | None = None
    username: str | None = None
    language_code: str | None = "ru"
    phone: str | None = None
    about: str | None = Field(default=None, description="who it is, for the page only: bots never see it")


class ChangedPerson(BaseModel):
    """What changes of a person; what is absent stays."""

    first_name: str | None = None
    last_name: str | None = None
    username: str | None = None
    language_code: str | None = None
    phone: str | None = None
    about: str | None = None
    deactivated: bool | None = None


class NewGroup(BaseModel):
    """A group; `members` maps ids of people and bots to their status. The first person owns it."""

    type: str = "supergroup"
    title: str
    is_forum: bool = False
    members: dict[int, str] = Field(default_factory=dict)


class NewMember(BaseModel):
    """A change of someone's status: creator, administrator, member, restricted, left, kicked."""

    user_id: int
    status: str
    by: int
    anonymous: bool = False


class By(BaseModel):
    """Who does it."""

    by: int


class NewTopic(BaseModel):
    """A topic opened by a person."""

    by: int
    name: str


class Raw(BaseModel):
    """An update as it is; `update_id` is given if absent."""

    update: dict[str, Any]


class Redelivery(BaseModel):
    """An update that was given already."""

    update_id: int


class NewFault(BaseModel):
    """A trouble for the next `count` calls that match (null: for all). `code`, `description`, `retry_after` are for
    `refuse`; `seconds` is how long `slow` and the timeouts hold the call."""

    trouble: Trouble
    bot: int | None = None
    method: str | None = None
    chat_id: int | None = None
    text: str | None = None
    count: int | None = 1
    code: int = 429
    description: str | None = None
    retry_after: int | None = None
    migrate_to_chat_id: int | None = None
    seconds: float = 60.0


class NewLimits(BaseModel):
    """Limits on sends; 0 means none. With `bot`, for this bot only."""

    bot: int | None = None
    overall_per_second: int = 30
    chat_per_second: float = 1
    chat_burst: int = 3
    group_per_minute: int = 20


class Settings(BaseModel):
    """Seconds in which a press must be answered."""

    query_lifetime: float
