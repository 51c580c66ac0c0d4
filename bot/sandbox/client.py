"""The person's side of a sandbox for tests and demos: people who write, press and read."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

import httpx

from bot.sandbox.seen import Json, NotPossibleError, NotSeenError, Seen, read_seen

WAIT = 10.0
__all__ = ["BotHandle", "Group", "NotPossibleError", "NotSeenError", "Person", "Pressed", "SandboxClient", "Seen"]


@dataclass(frozen=True, slots=True)
class BotHandle:
    """A bot of the sandbox."""

    id: int
    token: str
    username: str
    client: SandboxClient = field(repr=False)

    async def revokes(self) -> None:
        """Revoke the token: every call gets 401."""
        await self.client.post(f"/bots/{self.id}/revoke")

    async def gets(self, update: Json) -> Json:
        """Give the bot an update as it is; returns it with its `update_id`."""
        given: Json = await self.client.post(f"/bots/{self.id}/raw", update=update)
        return given

    async def gets_again(self, update_id: int) -> None:
        """Give the bot an update once more under the same id."""
        await self.client.post(f"/bots/{self.id}/redeliver", update_id=update_id)

    async def calls(self, method: str | None = None, chat_id: int | None = None, after: int = 0) -> list[Json]:
        """The bot's calls so far, oldest first: id, at, method, params, ok, status, result or error, ms."""
        return await self.client.calls(self, method, chat_id, after)

    async def makes_calls(self, method: str, count: int = 1, timeout: float = WAIT, after: int = 0) -> list[Json]:  # noqa: ASYNC109 - the server does the waiting
        """Wait until the bot has made so many calls of a method; returns them. Raises NotSeenError."""
        query = {"bot": self.id, "method": method, "at_least": count, "timeout": timeout, "after": after}
        answer = await self.client.get("/calls", query, may_time_out=True)
        if answer is None:
            raise NotSeenError(f"fewer than {count} calls of {method} in {timeout} s")
        found: list[Json] = answer
        return found

    async def fails(self, trouble: str = "refuse", **how: Any) -> int:
        """Arrange a trouble for the bot's next calls: `refuse` (code, description, retry_after), `timeout_before`,
        `timeout_after`, `drop_before`, `drop_after`, `slow` (seconds); narrowed by method, chat_id, text; for `count`
        calls (1; None for all). Returns its id."""
        fault: Json = await self.client.post("/faults", trouble=trouble, bot=self.id, **how)
        return int(fault["id"])

    async def recovers(self) -> None:
        """Take all troubles of the bot away."""
        await self.client.delete("/faults", {"bot": self.id})

    async def is_limited(self, overall: int = 30, chat: float = 1, burst: int = 3, group: int = 20) -> None:
        """Switch Telegram's limits on for the bot: sends a second, a second and chat, a minute and group; 0 is none."""
        await self.client.put(
            "/limits",
            bot=self.id,
            overall_per_second=overall,
            chat_per_second=chat,
            chat_burst=burst,
            group_per_minute=group,
        )

    async def settles(self, quiet: float = 0.05, timeout: float = WAIT) -> None:  # noqa: ASYNC109 - the server does the waiting
        """Wait until all updates are taken and no call was made for `quiet` seconds. Raises NotSeenError."""
        query = {"quiet": quiet, "timeout": timeout}
        if await self.client.get(f"/bots/{self.id}/idle", query, may_time_out=True) is None:
            raise NotSeenError(f"{self.username} is still busy after {timeout} s")


@dataclass(frozen=True, slots=True)
class Group:
    """A group, supergroup or forum."""

    id: int
    title: str
    client: SandboxClient = field(repr=False)

    async def takes(self, user: Person | BotHandle, status: str, by: Person, anonymous: bool = False) -> None:
        """Give someone a status: administrator, member, restricted, left, kicked."""
        body = {"user_id": user.id, "status": status, "by": by.id, "anonymous": anonymous}
        await self.client.post(f"/chats/{self.id}/members", **body)

    async def upgrades(self, by: Person) -> Group:
        """Become a supergroup under another id."""
        new = await self.client.post(f"/chats/{self.id}/upgrade", by=by.id)
        return Group(new["id"], new["title"], self.client)

    async def opens_topic(self, by: Person, name: str) -> int:
        """Open a topic as a person; returns its id."""
        topic = await self.client.post(f"/chats/{self.id}/topics", by=by.id, name=name)
        return int(topic["id"])

    async def loses_topic(self, thread: int) -> None:
        """Delete a topic."""
        await self.client.delete(f"/chats/{self.id}/topics/{thread}", {})


Peer = BotHandle | Group | int


@dataclass(frozen=True, slots=True)
class Pressed:
    """A press: its query, the data it sent and the updates it became."""

    query: str
    data: str
    updates: list[int]
    client: SandboxClient = field(repr=False)

    async def again(self) -> list[int]:
        """The same press once more under a new update id."""
        answer = await self.client.post(f"/queries/{self.query}/again")
        return list(answer["updates"])

    async def expires(self) -> None:
        """Make it too old to be answered."""
        await self.client.post(f"/queries/{self.query}/expire")


@dataclass(frozen=True, slots=True)
class Person:
    """Someone with Telegram. Each act takes the peer: a bot or a group."""

    id: int
    first_name: str
    phone: str | None
    client: SandboxClient = field(repr=False)

    def _path(self, peer: Peer, act: str = "") -> str:
        return f"/people/{self.id}/chats/{peer if isinstance(peer, int) else peer.id}{act}"

    async def _send(self, peer: Peer, act: str, **body: Any) -> Seen:
        return read_seen((await self.client.post(self._path(peer, act), **body))["message"])

    async def says(self, peer: Peer, text: str, **how: Any) -> Seen:
        """Send a text. `how`: entities, parse_mode, reply_to, thread, anonymous."""
        return await self._send(peer, "/say", text=text, **how)

    async def starts(self, peer: Peer, payload: str = "") -> Seen:
        """Open a bot, by a deep link if a payload is given."""
        return await self._send(peer, "/start", payload=payload)

    async def sends(
        self, peer: Peer, kind: str, content: bytes = b"sandbox", name: str = "file.bin", caption: str = "", **how: Any
    ) -> Seen:
        """Send a file: photo, document, voice, video, sticker, audio, animation, video_note. `how`: mime, reply_to,
        thread."""
        body = {"kind": kind, "content": base64.b64encode(content).decode(), "name": name, "caption": caption, **how}
        return await self._send(peer, "/file", **body)

    async def sends_album(
        self,
        peer: Peer,
        count: int,
        caption: str = "",
        kind: str = "photo",
        late_from: int | None = None,
        late_by: float = 0.3,
    ) -> list[Seen]:
        """Send an album; parts from `late_from` on come `late_by` seconds later."""
        files = [{"kind": kind, "caption": caption if index == 0 else ""} for index in range(count)]
        body = {"files": files, "late_from": late_from, "late_by": late_by}
        answer = await self.client.post(self._path(peer, "/album"), **body)
        return [read_seen(message) for message in answer["messages"]]

    async def sends_location(self, peer: Peer, latitude: float = 55.75, longitude: float = 37.62) -> Seen:
        """Send a point on the map."""
        return await self._send(peer, "/location", latitude=latitude, longitude=longitude)

    async def shares_contact(
        self, peer: Peer, phone: str | None = None, first_name: str | None = None, user_id: int | None = None
    ) -> Seen:
        """Send one's own contact, or another's if a phone is given."""
        return await self._send(peer, "/contact", phone_number=phone, first_name=first_name, user_id=user_id)

    async def sends_content(self, peer: Peer, fields: Json) -> Seen:
        """Send a message with any content, in the fields of Bot API: `poll`, `dice`, `story`."""
        return await self._send(peer, "/content", fields=fields)

    async def edits(self, peer: Peer, message: Seen, text: str) -> None:
        """Change one's own message."""
        await self.client.post(self._path(peer, "/edit"), message_id=message.message_id, text=text)

    async def deletes(self, peer: Peer, message: Seen) -> None:
        """Delete a message."""
        await self.client.post(self._path(peer, "/delete"), message_id=message.message_id)

    async def forwards(self, source: Peer, message: Seen, peer: Peer, hidden: bool = False) -> Seen:
        """Forward a message from one chat into another; `hidden` if its author hides their account."""
        from_peer = source if isinstance(source, int) else source.id
        body = {"from_peer": from_peer, "message_id": message.message_id, "hidden": hidden}
        return await self._send(peer, "/forward", **body)

    async def presses(
        self, peer: Peer, text: str | None = None, *, data: str | None = None, on: Seen | None = None, **how: Any
    ) -> Pressed:
        """Press the newest button with this text (whole, else a part) or data, or one `on` a message. `how`:
        forge=True sends data that no button has, anonymous=True as a group's hidden administrator. A button of the
        reply keyboard becomes a message (then `query` is empty). Raises NotPossibleError with the buttons there are."""
        number = on.message_id if on is not None else None
        answer = await self.client.post(self._path(peer, "/press"), text=text, data=data, message_id=number, **how)
        return Pressed(answer.get("query", ""), answer.get("data", ""), answer.get("updates", []), self.client)

    async def reacts(self, peer: Peer, message: Seen, emoji: str) -> None:
        """Put a reaction on a message."""
        await self.client.post(self._path(peer, "/react"), message_id=message.message_id, emoji=emoji)

    async def blocks(self, peer: Peer) -> None:
        """Block a bot."""
        await self.client.post(self._path(peer, "/block"))

    async def unblocks(self, peer: Peer) -> None:
        """Unblock a bot."""
        await self.client.post(self._path(peer, "/unblock"))

    async def changes(self, **what: Any) -> None:
        """Change the account: first_name, last_name, username, language_code, phone, deactivated."""
        await self.client.patch(f"/people/{self.id}", **what)

    async def looks(self, peer: Peer) -> Json:
        """The whole chat as the person sees it: messages, keyboard, toasts, topics, members."""
        shown: Json = await self.client.get(self._path(peer))
        return shown

    async def sees(self, peer: Peer) -> list[Seen]:
        """The messages of a chat that are there now, oldest first."""
        return [read_seen(message) for message in (await self.looks(peer))["messages"]]

    async def toasts(self, peer: Peer) -> list[str]:
        """The texts that answered the person's presses, oldest first."""
        return [toast["text"] for toast in (await self.looks(peer))["toasts"]]

    async def waits_for(
        self,
        peer: Peer,
        text: str = "",
        *,
        button: str = "",
        after: int | None = None,
        timeout: float = WAIT,  # noqa: ASYNC109 - the server does the waiting
    ) -> Seen:
        """The newest message of others with this text and button that came, or was edited, after what this person did
        last here (or after change `after`; 0 for any time). Raises NotSeenError with what the chat shows."""
        query: Json = {"text": text, "button": button, "timeout": timeout}
        return read_seen(await self._wait(peer, query, after, f"{text!r} {button!r}"))

    async def waits_for_toast(self, peer: Peer, text: str = "", timeout: float = WAIT) -> str:  # noqa: ASYNC109 - the server does the waiting
        """The answer to the person's last press. Raises NotSeenError."""
        return str((await self._wait(peer, {"toast": text, "timeout": timeout}, None, f"toast {text!r}"))["text"])

    async def _wait(self, peer: Peer, query: Json, after: int | None, what: str) -> Json:
        if after is not None:
            query["after"] = after
        answer = await self.client.get(self._path(peer, "/wait"), query, may_time_out=True)
        if answer is None:
            shown = "\n".join(
                f"  {'>' if message.mine else '<'} {message.text[:300]!r} {message.labels or ''}"
                for message in (await self.sees(peer))[-6:]
            )
            raise NotSeenError(
                f"{self.first_name} did not see {what} in {query['timeout']} s; the chat shows:\n{shown}"
            )
        found: Json = answer
        return found


class SandboxClient:
    """A sandbox at an URL. Use as `async with SandboxClient(url) as sandbox`."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._http = httpx.AsyncClient(base_url=f"{url}/sandbox", timeout=90, trust_env=False, verify=False)  # noqa: S501 - plain HTTP on this machine: loading certificates takes a while for nothing

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.closes()

    async def closes(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def bot(self, first_name: str = "Bot", token: str | None = None, privacy: bool = True) -> BotHandle:
        """A fresh bot, or one with a token; `privacy` hides from it what groups say where it isn't administrator."""
        made = await self.post("/bots", first_name=first_name, token=token, privacy=privacy)
        return BotHandle(made["id"], made["token"], made["username"], self)

    async def person(self, first_name: str, **who: Any) -> Person:
        """A fresh person. `who`: id, last_name, username, language_code, phone, about (for the page)."""
        made = await self.post("/people", first_name=first_name, **who)
        return Person(made["id"], made["first_name"], made["phone"], self)

    async def group(
        self,
        title: str,
        *members: Person | BotHandle,
        kind: str = "supergroup",
        forum: bool = False,
        bot_status: str = "administrator",
    ) -> Group:
        """A fresh group; its first person owns it, bots get `bot_status`."""
        statuses = {m.id: bot_status if isinstance(m, BotHandle) else "member" for m in members}
        made = await self.post("/chats", title=title, type=kind, is_forum=forum, members=statuses)
        return Group(made["id"], title, self)

    async def calls(
        self, bot: BotHandle | None = None, method: str | None = None, chat_id: int | None = None, after: int = 0
    ) -> list[Json]:
        """The transcript, oldest first; getUpdates only when asked for by name."""
        query = {"bot": bot.id if bot else None, "method": method, "chat_id": chat_id, "after": after}
        found: list[Json] = await self.get("/calls", query)
        return found

    async def get(self, path: str, query: Json | None = None, may_time_out: bool = False) -> Any:
        """GET; None on 408 if that may be. Raises NotPossibleError."""
        params = {name: value for name, value in (query or {}).items() if value is not None}
        patience = params.get("timeout", WAIT) + 80  # the server keeps the request for as long as it is asked to
        answer = await self._http.get(path, params=params, timeout=patience)
        if answer.status_code == 408 and may_time_out:
            return None
        return _content(answer)

    async def post(self, path: str, **body: Any) -> Any:
        """POST a JSON body. Raises NotPossibleError."""
        return _content(await self._http.post(path, json=body))

    async def put(self, path: str, **body: Any) -> Any:
        """PUT a JSON body. Raises NotPossibleError."""
        return _content(await self._http.put(path, json=body))

    async def patch(self, path: str, **body: Any) -> Any:
        """PATCH with a JSON body. Raises NotPossibleError."""
        return _content(await self._http.patch(path, json=body))

    async def delete(self, path: str, query: Json) -> Any:
        """DELETE. Raises NotPossibleError."""
        return _content(await self._http.delete(path, params=query))


def _content(answer: httpx.Response) -> Any:
    if answer.is_success:
        return answer.json()
    try:
        detail = answer.json().get("detail", answer.text)
    except ValueError:
        detail = answer.text
    raise NotPossibleError(f"{answer.request.method} {answer.request.url.path}: {answer.status_code} {detail}")
