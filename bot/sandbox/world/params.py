"""Parameters of one Bot API call, however they were sent: query string, form, multipart or JSON."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from starlette.datastructures import UploadFile
from starlette.requests import Request

from bot.sandbox.world.refusals import Json, Refusal, bad_request

MAX_UPLOAD = 50 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Upload:
    """Bytes that came with a call."""

    name: str
    content: bytes
    mime: str


@dataclass(slots=True)
class Params:
    """Values by name, read with the type that a method expects. Telegram takes numbers and objects as strings too."""

    values: Json
    uploads: dict[str, Upload] = field(default_factory=dict)

    def has(self, name: str) -> bool:
        """Whether the parameter came with a value."""
        return name in self.uploads or self.values.get(name) not in (None, "")

    def text(self, name: str) -> str:
        """The parameter as a string; empty if absent."""
        value = self.values.get(name)
        if value is None:
            return ""
        return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)

    def integer(self, name: str, default: int = 0) -> int:
        """The parameter as an integer; `default` if absent or not a number, as Telegram does."""
        try:
            return int(self.values.get(name, default))
        except (TypeError, ValueError):
            return default

    def number(self, name: str) -> float:
        """The parameter as a float; 0 if absent or not a number."""
        try:
            return float(self.values.get(name, 0))
        except (TypeError, ValueError):
            return 0.0

    def flag(self, name: str) -> bool:
        """The parameter as a truth value."""
        return str(self.values.get(name, "")).lower() in ("true", "1", "yes")

    def structure(self, name: str) -> Any:
        """The parameter as a JSON value; None if absent. Raises Refusal if it is not JSON."""
        value = self.values.get(name)
        if not isinstance(value, str):
            return value
        if not value.strip():
            return None
        try:
            return json.loads(value)
        except ValueError:
            words = "reply keyboard markup JSON object" if name == "reply_markup" else f"{name} JSON object"
            raise bad_request(f"can't parse {words}") from None

    def upload(self, name: str) -> Upload | None:
        """The file sent under this name, directly or by `attach://`."""
        value = self.values.get(name)
        if isinstance(value, str) and value.startswith("attach://"):
            return self.uploads.get(value.removeprefix("attach://"))
        return self.uploads.get(name)

    def for_transcript(self) -> Json:
        """The values with JSON strings decoded and files named by their size."""
        shown: Json = {}
        for name, value in self.values.items():
            shown[name] = value
            if isinstance(value, str) and value[:1] in "{[":
                try:
                    shown[name] = json.loads(value)
                except ValueError:
                    continue
        for name, upload in self.uploads.items():
            shown[name] = {"file_name": upload.name, "size": len(upload.content)}
        return shown


async def read_params(request: Request) -> Params:
    """Read a call's parameters. Raises Refusal 413 over 50 MB, 400 for a body that can't be read."""
    values: Json = dict(parse_qsl(request.url.query, keep_blank_values=True)) if request.url.query else {}
    if int(request.headers.get("content-length") or 0) > MAX_UPLOAD + 65536:
        raise Refusal(413, "Request Entity Too Large")
    kind = request.headers.get("content-type", "")
    if kind.startswith("multipart/form-data"):
        return await _multipart(request, values)
    body = await request.body()
    if not body:
        return Params(values)
    if kind.startswith("application/json"):
        try:
            decoded = json.loads(body)
        except ValueError:
            raise bad_request("can't parse JSON object") from None
        if not isinstance(decoded, dict):
            raise bad_request("can't parse JSON object")
        values.update(decoded)
    else:
        values.update(parse_qsl(body.decode(errors="replace"), keep_blank_values=True))
    return Params(values)


async def _multipart(request: Request, values: Json) -> Params:
    uploads: dict[str, Upload] = {}
    async with request.form(max_part_size=MAX_UPLOAD) as form:
        for name, value in form.multi_items():
            if isinstance(value, UploadFile):
                content = await value.read()
                if len(content) > MAX_UPLOAD:
                    raise Refusal(413, "Request Entity Too Large")
                mime = value.content_type or "application/octet-stream"
                uploads[name] = Upload(value.filename or name, content, mime)
            else:
                values[name] = value
    return Params(values, uploads)
