"""What stands above the people over HTTP, under `/sandbox`: who exists, faults, limits, the transcript."""

from __future__ import annotations

import asyncio
import secrets
from itertools import takewhile
from urllib.parse import quote

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response

from bot.sandbox.methods.media import picture_type
from bot.sandbox.people import acting as people
from bot.sandbox.people import groups
from bot.sandbox.people.acting import CannotDo
from bot.sandbox.people.api import world_of
from bot.sandbox.people.models import (
    By,
    ChangedPerson,
    NewBot,
    NewFault,
    NewGroup,
    NewLimits,
    NewMember,
    NewPerson,
    NewTopic,
    Raw,
    Redelivery,
    Settings,
)
from bot.sandbox.world.faults import Fault, Limits, Troubles
from bot.sandbox.world.refusals import Json
from bot.sandbox.world.render import chat_json, member_json, person_json
from bot.sandbox.world.state import Bot, Chat, User, World
from bot.sandbox.world.updates import enqueue, webhook_info
from bot.sandbox.world.waiting import wait_until

router = APIRouter()


def troubles_of(request: Request) -> Troubles:
    """The sandbox's faults and limits."""
    troubles: Troubles = request.app.state.troubles
    return troubles


def bot_of(request: Request, bot_id: int) -> Bot:
    """A bot by id. Raises CannotDo."""
    bot = world_of(request).bots.get(bot_id)
    if bot is None:
        raise CannotDo(f"no bot {bot_id}")
    return bot


def bot_shown(bot: Bot) -> Json:
    """A bot with its token and queue."""
    return {
        "id": bot.id,
        "token": bot.token,
        "username": bot.username,
        "first_name": bot.first_name,
        "privacy": not bot.reads_all,
        "revoked": bot.revoked,
        "polling": bot.poll is not None and bot.webhook is None,
        "webhook": webhook_info(bot),
    }


def person_shown(person: User) -> Json:
    """A person with their phone and who they are."""
    return {**person_json(person), "phone": person.phone, "about": person.about, "deactivated": person.deactivated}


def chat_shown(world: World, chat: Chat) -> Json:
    """A group with its members."""
    return {
        **chat_json(world, chat),
        "members": [member_json(world, member) for member in chat.members.values()],
        "upgraded_to": chat.upgraded_to,
    }


@router.post("/bots", tags=["bots"])
async def create_bot(request: Request, body: NewBot) -> JSONResponse:
    """Register a bot. A token that the server has never seen is also registered on its first call."""
    world = world_of(request)
    token = body.token or f"{world.fresh_user_id()}:{secrets.token_urlsafe(26)}"
    bot = world.add_bot(token, body.username, body.first_name)
    bot.reads_all = not body.privacy
    return JSONResponse(bot_shown(bot))


@router.get("/bots", tags=["bots"])
async def list_bots(request: Request) -> JSONResponse:
    """All bots."""
    return JSONResponse([bot_shown(bot) for bot in world_of(request).bots.values()])


@router.post("/bots/{bot_id}/revoke", tags=["bots"])
async def revoke(request: Request, bot_id: int) -> JSONResponse:
    """Revoke the token: every call of the bot gets 401 from now on."""
    bot_of(request, bot_id).revoked = True
    return JSONResponse({})


@router.post("/bots/{bot_id}/raw", tags=["bots"])
async def raw_update(request: Request, bot_id: int, body: Raw) -> JSONResponse:
    """Give the bot an update as it is."""
    bot = bot_of(request, bot_id)
    update = dict(body.update)
    if "update_id" not in update:
        update = {"update_id": bot.next_update, **update}
        bot.next_update += 1
    bot.sent[update["update_id"]] = update
    enqueue(bot, update)
    return JSONResponse(update)


@router.post("/bots/{bot_id}/redeliver", tags=["bots"])
async def redeliver(request: Request, bot_id: int, body: Redelivery) -> JSONResponse:
    """Give the bot an update once more under the same id."""
    return JSONResponse(people.redeliver(world_of(request), bot_id, body.update_id))


@router.get("/bots/{bot_id}/idle", tags=["bots"])
async def idle(request: Request, bot_id: int, quiet: float = 0.05, timeout: float = 5.0) -> JSONResponse:  # noqa: ASYNC109 - a parameter of the request
    """Wait until the bot has taken all its updates and made no call but getUpdates for `quiet` seconds; 408 if not."""
    bot, world = bot_of(request, bot_id), world_of(request)
    settled = await comes_to_rest(world, bot, quiet, timeout)
    return JSONResponse({"pending": len(bot.updates)}, 200 if settled else 408)


async def comes_to_rest(world: World, bot: Bot, quiet: float, timeout: float) -> bool:  # noqa: ASYNC109 - a parameter of the request
    """Whether a bot came to rest within `timeout` seconds."""
    end = asyncio.get_running_loop().time() + timeout
    while (left := end - asyncio.get_running_loop().time()) > 0:
        await wait_until(world, world.watchers, lambda: None if bot.updates else True, left)
        seen = bot.calls

        def busy(seen: int = seen) -> bool | None:
            return True if bot.calls > seen or bot.updates else None

        if not bot.updates and not await wait_until(world, world.watchers, busy, quiet):
            return True
    return False


@router.post("/queries/{query_id}/again", tags=["bots"])
async def press_again(request: Request, query_id: str) -> JSONResponse:
    """The same press once more under a new update id."""
    world = world_of(request)
    if query_id not in world.queries:
        raise CannotDo(f"no press {query_id}")
    update = people.press_again(world.queries[query_id])
    return JSONResponse({"updates": [update["update_id"]]})


@router.post("/queries/{query_id}/expire", tags=["bots"])
async def expire(request: Request, query_id: str) -> JSONResponse:
    """Make a press too old to be answered."""
    world = world_of(request)
    if query_id not in world.queries:
        raise CannotDo(f"no press {query_id}")
    world.queries[query_id].at = float("-inf")
    return JSONResponse({})


@router.post("/people", tags=["people"])
async def create_person(request: Request, body: NewPerson) -> JSONResponse:
    """Create a person."""
    world = world_of(request)
    values = body.model_dump(exclude={"id"})
    person = User(body.id or world.fresh_user_id(), **values)
    world.people[person.id] = person
    world.touch()
    return JSONResponse(person_shown(person))


@router.get("/people", tags=["people"])
async def list_people(request: Request) -> JSONResponse:
    """All people."""
    return JSONResponse([person_shown(person) for person in world_of(request).people.values()])


@router.patch("/people/{person_id}", tags=["people"])
async def change_person(request: Request, person_id: int, body: ChangedPerson) -> JSONResponse:
    """Change a person's name, phone, language, or delete their account."""
    person = people.find_person(world_of(request), person_id)
    for name, value in body.model_dump(exclude_unset=True).items():
        setattr(person, name, value)
    return JSONResponse(person_shown(person))


@router.post("/chats", tags=["groups"])
async def create_chat(request: Request, body: NewGroup) -> JSONResponse:
    """Create a group, supergroup or forum."""
    world = world_of(request)
    chat = groups.create_group(world, body.type, body.title, body.is_forum, body.members)
    return JSONResponse(chat_shown(world, chat))


@router.get("/chats", tags=["groups"])
async def list_chats(request: Request) -> JSONResponse:
    """All groups, and who talks to which bot in private."""
    world = world_of(request)
    private = [
        {"bot": bot_id, "person": person_id} for (bot_id, person_id), chat in world.dialogues.items() if chat.started
    ]
    return JSONResponse({"groups": [chat_shown(world, c) for c in world.groups.values()], "private": private})


@router.get("/chats/{chat_id}", tags=["groups"])
async def read_chat(request: Request, chat_id: int) -> JSONResponse:
    """A group with its members."""
    world = world_of(request)
    chat = world.groups.get(chat_id)
    if chat is None:
        raise CannotDo(f"no chat {chat_id}")
    return JSONResponse(chat_shown(world, chat))


@router.post("/chats/{chat_id}/members", tags=["groups"])
async def set_member(request: Request, chat_id: int, body: NewMember) -> JSONResponse:
    """Add, promote, restrict, remove or kick someone."""
    world = world_of(request)
    chat = people.find_group(world, chat_id)
    groups.set_member(world, chat, body.user_id, body.status, body.by, body.anonymous)
    return JSONResponse(chat_shown(world, chat))


@router.post("/chats/{chat_id}/upgrade", tags=["groups"])
async def upgrade(request: Request, chat_id: int, body: By) -> JSONResponse:
    """Upgrade a group to a supergroup; returns the new one."""
    world = world_of(request)
    return JSONResponse(chat_shown(world, groups.upgrade(world, people.find_group(world, chat_id), body.by)))


@router.post("/chats/{chat_id}/topics", tags=["groups"])
async def open_topic(request: Request, chat_id: int, body: NewTopic) -> JSONResponse:
    """Open a topic as a person."""
    world = world_of(request)
    topic = groups.open_topic(world, people.find_group(world, chat_id), body.by, body.name)
    return JSONResponse({"id": topic.id, "name": topic.name})


@router.delete("/chats/{chat_id}/topics/{thread}", tags=["groups"])
async def delete_topic(request: Request, chat_id: int, thread: int) -> JSONResponse:
    """Delete a topic as a person."""
    world = world_of(request)
    groups.remove_topic(world, people.find_group(world, chat_id), thread)
    return JSONResponse({})


@router.post("/faults", tags=["troubles"])
async def add_fault(request: Request, body: NewFault) -> JSONResponse:
    """Arrange a trouble."""
    fault = Fault(world_of(request).fresh(), **body.model_dump())
    troubles_of(request).faults.append(fault)
    return JSONResponse(fault.as_json())


@router.get("/faults", tags=["troubles"])
async def list_faults(request: Request) -> JSONResponse:
    """All troubles and how often each has struck."""
    return JSONResponse([fault.as_json() for fault in troubles_of(request).faults])


@router.delete("/faults", tags=["troubles"])
async def clear_faults(request: Request, bot: int | None = None, fault: int | None = None) -> JSONResponse:
    """Take troubles away: one, those of a bot, or all."""
    troubles = troubles_of(request)
    troubles.faults = [f for f in troubles.faults if bot not in (None, f.bot) or fault not in (None, f.id)]
    return JSONResponse({})


@router.put("/limits", tags=["troubles"])
async def set_limits(request: Request, body: NewLimits) -> JSONResponse:
    """Switch limits on sends on (as given) or off (all zero)."""
    limits = Limits(**body.model_dump(exclude={"bot"}))
    troubles = troubles_of(request)
    if body.bot is None:
        troubles.limits = limits
    else:
        troubles.limits_of[body.bot] = limits
    return JSONResponse(body.model_dump())


@router.put("/settings", tags=["troubles"])
async def change_settings(request: Request, body: Settings) -> JSONResponse:
    """Change how long a press may wait for its answer."""
    world_of(request).query_lifetime = body.query_lifetime
    return JSONResponse(body.model_dump())


def call_fits(call: Json, method: str | None, chat_id: int | None) -> bool:
    """Whether a call of the transcript is asked for."""
    if method is None:
        return call["method"].lower() != "getupdates" and _in_chat(call, chat_id)
    return call["method"].lower() == method.lower() and _in_chat(call, chat_id)


def _in_chat(call: Json, chat_id: int | None) -> bool:
    return chat_id is None or str(call["params"].get("chat_id")) == str(chat_id)


@router.get("/calls", tags=["transcript"])
async def read_calls(
    request: Request,
    bot: int | None = None,
    method: str | None = None,
    chat_id: int | None = None,
    after: int = 0,
    at_least: int = 0,
    timeout: float = 0.0,  # noqa: ASYNC109 - a parameter of the request
) -> JSONResponse:
    """The calls of bots, oldest first, getUpdates only when asked for by name. With `at_least`, waits for so many."""
    world = world_of(request)

    def check() -> list[Json] | None:
        log = world.calls if bot is None else bot_of(request, bot).log
        recent = takewhile(lambda call: call["id"] > after, reversed(log))
        found = [call for call in recent if call_fits(call, method, chat_id)][::-1]
        return found if len(found) >= at_least else None

    found = await wait_until(world, world.watchers, check, timeout)
    return JSONResponse(found if found is not None else [], 200 if found is not None else 408)


@router.get("/files/{file_id}", tags=["transcript"])
async def read_file(request: Request, file_id: str) -> Response:
    """The bytes of a file that was sent by anyone; pictures are shown, the rest is downloaded."""
    stored = world_of(request).files.get(file_id)
    if stored is None:
        raise CannotDo(f"no file {file_id}")
    kind = picture_type(stored.content)
    headers = {"X-Content-Type-Options": "nosniff"}
    if kind is None:
        headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(stored.name)}"
    return Response(stored.content, media_type=kind or "application/octet-stream", headers=headers)


@router.get("/changes", tags=["transcript"])
async def changes(request: Request, after: int = 0, timeout: float = 25.0) -> JSONResponse:  # noqa: ASYNC109 - a parameter of the request
    """Wait until anything changes; returns the number of the change."""
    world = world_of(request)
    await wait_until(world, world.watchers, lambda: True if world.version > after else None, timeout)
    return JSONResponse({"version": world.version})
