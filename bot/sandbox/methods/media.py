"""Methods that send and give files."""

from __future__ import annotations

import json
import struct

from bot.sandbox.markup.entities import caption_text
from bot.sandbox.methods.call import Call, method
from bot.sandbox.methods.messages import caption, place, post, put
from bot.sandbox.world.params import Params, Upload
from bot.sandbox.world.refusals import Json, bad_request
from bot.sandbox.world.render import message_json
from bot.sandbox.world.state import StoredFile, World

PHOTO_LIMIT = 10 * 1024 * 1024
DOWNLOAD_LIMIT = 20 * 1024 * 1024
PNG = b"\x89PNG\r\n\x1a\n"
SIGNATURES = {b"\xff\xd8\xff": "image/jpeg", PNG: "image/png", b"GIF8": "image/gif", b"RIFF": "image/webp"}
FOLDERS = {
    "photo": "photos",
    "document": "documents",
    "voice": "voice",
    "video": "videos",
    "sticker": "stickers",
    "audio": "music",
    "animation": "animations",
    "video_note": "video_notes",
}
MIMES = {"voice": "audio/ogg", "video": "video/mp4", "audio": "audio/mpeg", "animation": "video/mp4"}


def media_fields(world: World, kind: str, stored: StoredFile) -> Json:
    """Content fields of a message that shows a stored file."""
    base: Json = {"file_id": stored.id, "file_unique_id": stored.unique_id, "file_size": len(stored.content)}
    if kind == "photo":
        width, height = image_size(stored.content)
        if stored.thumbnail is None:
            stored.thumbnail = world.store_file("thumbnails", "thumb.jpg", stored.content, stored.mime)
        small = stored.thumbnail
        thumb = {"file_id": small.id, "file_unique_id": small.unique_id, "file_size": len(small.content)}
        shown = [{**base, "width": width, "height": height}]
        if max(width, height) > 90:
            scale = 90 / max(width, height)
            shown.insert(0, {**thumb, "width": max(int(width * scale), 1), "height": max(int(height * scale), 1)})
        return {"photo": shown}
    if kind == "sticker":
        flags = {"is_animated": False, "is_video": False, "type": "regular", "emoji": "👍"}
        return {"sticker": {**base, "width": 512, "height": 512, **flags}}
    if kind in ("voice", "audio"):
        base["duration"] = max(len(stored.content) // 4000, 1)
    if kind in ("video", "animation"):
        base.update(width=640, height=360, duration=5)
    if kind == "video_note":
        return {kind: {**base, "length": 240, "duration": 5}}
    base["mime_type"] = MIMES.get(kind, stored.mime)
    if kind in ("document", "video", "audio", "animation"):
        base["file_name"] = stored.name
    return {kind: base, "document": base} if kind == "animation" else {kind: base}


def picture_type(content: bytes) -> str | None:
    """The media type of a picture by its first bytes; None if it is none."""
    return next((kind for start, kind in SIGNATURES.items() if content.startswith(start)), None)


def image_size(content: bytes) -> tuple[int, int]:
    """Width and height of a PNG; a likely size for everything else."""
    if content.startswith(PNG) and len(content) >= 24:
        width, height = struct.unpack(">II", content[16:24])
        return int(width), int(height)
    return 1280, 960


def read_file(call: Call, kind: str, params: Params, name: str) -> StoredFile:
    """The file that a parameter names: an upload or a known id. Raises Refusal."""
    upload = params.upload(name)
    if upload is not None:
        return keep_upload(call.world, kind, upload)
    reference = params.text(name)
    if not reference or reference.startswith("attach://"):
        raise bad_request(f"there is no {kind} in the request")
    if reference.startswith(("http://", "https://")):
        raise bad_request("failed to get HTTP URL content")
    if reference not in call.world.files:
        raise bad_request("wrong file identifier/HTTP URL specified")
    stored = call.world.files[reference]
    if stored.path.split("/")[0] != FOLDERS[kind] and not stored.path.startswith("thumbnails"):
        raise bad_request("type of file mismatch")
    return stored


def keep_upload(world: World, kind: str, upload: Upload) -> StoredFile:
    """Store an upload. Raises Refusal if it is empty, too big, or no picture where one is needed."""
    if not upload.content:
        raise bad_request("file must be non-empty")
    if kind == "photo":
        if len(upload.content) > PHOTO_LIMIT:
            raise bad_request("file is too big for a photo; the maximum size is 10485760 bytes")
        if picture_type(upload.content) is None:
            raise bad_request("IMAGE_PROCESS_FAILED")
    name = upload.name if "." in upload.name or kind == "document" else f"{upload.name}.bin"
    if kind == "photo":
        name = "photo.jpg"
    return world.store_file(FOLDERS[kind], name, upload.content, upload.mime)


def _send_media(kind: str) -> None:
    @method("send" + "".join(word.capitalize() for word in kind.split("_")))
    def send(call: Call) -> Json:
        stored = read_file(call, kind, call.params, kind)
        fields = media_fields(call.world, kind, stored)
        if kind not in ("sticker", "video_note"):
            fields |= caption(call)
        return message_json(call.world, post(call, fields))


for _kind in FOLDERS:
    _send_media(_kind)


@method("sendMediaGroup")
def send_media_group(call: Call) -> list[Json]:
    """Send an album of 2 to 10 items, without buttons."""
    items = call.params.structure("media")
    if not isinstance(items, list) or not 2 <= len(items) <= 10:
        raise bad_request("wrong number of media: media group must include 2-10 items")
    chat, thread, reply_to, _, _ = place(call)
    album = str(13_000_000_000 + call.world.fresh())
    contents = []
    for item in items:
        kind = str(item.get("type"))
        if kind not in ("photo", "video", "document", "audio"):
            raise bad_request(f"can't parse InputMedia: type {json.dumps(kind)} is not supported in albums")
        params = Params({kind: item.get("media")}, call.params.uploads)
        fields = media_fields(call.world, kind, read_file(call, kind, params, kind))
        given = item.get("caption_entities")
        fields |= caption_text(item.get("caption") or "", item.get("parse_mode") or "", given)
        contents.append({**fields, "media_group_id": album})
    return [message_json(call.world, put(call, chat, fields, thread, reply_to)) for fields in contents]


@method("getFile")
def get_file(call: Call) -> Json:
    """Where a file of at most 20 MB can be fetched from."""
    stored = call.world.files.get(call.params.text("file_id"))
    if stored is None:
        raise bad_request("wrong file_id or the file is temporarily unavailable")
    if len(stored.content) > DOWNLOAD_LIMIT:
        raise bad_request("file is too big")
    size = len(stored.content)
    return {"file_id": stored.id, "file_unique_id": stored.unique_id, "file_size": size, "file_path": stored.path}
