"""The person's side over HTTP, under `/sandbox`: what people write and press, and what they see."""

from __future__ import annotations

import asyncio

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

from bot.sandbox.people import acting as people
from bot.sandbox.people.models import (
    Album,
    Contact,
    Content,
    Edit,
    File,
    Forward,
    Location,
    OneMessage,
    Press,
    React,
    Start,
    Text,
)
from bot.sandbox.people.view import matching, seen, seen_chat, toast_after
from bot.sandbox.world.payments import begin_payment
from bot.sandbox.world.refusals import Json
from bot.sandbox.world.state import Chat, Message, Query, World
from bot.sandbox.world.waiting import wait_until

router = APIRouter(prefix="/people/{person_id}/chats/{peer}", tags=["a person in a chat"])


def world_of(request: Request) -> World:
    """The sandbox's world."""
    world: World = request.app.state.world
    return world


def acting(request: Request, person_id: int, peer: int) -> tuple[World, Chat]:
    """The chat in which a person does something now. Raises CannotDo."""
    world = world_of(request)
    chat = people.peer_chat(world, person_id, peer)
    chat.acted[person_id] = world.stamp()
    return world, chat


def written(world: World, person_id: int, result: tuple[Message, list[Json]]) -> JSONResponse:
    """A written message and the updates it became."""
    message, updates = result
    return JSONResponse({"message": seen(world, message, person_id), "updates": [u["update_id"] for u in updates]})


@router.get("")
async def see(request: Request, person_id: int, peer: int, last: int = 200) -> JSONResponse:
    """The chat as the person sees it. `peer` is a bot's id, or a group's (below zero)."""
    world = world_of(request)
    return JSONResponse(seen_chat(world, people.peer_chat(world, person_id, peer), person_id, last))


@router.get("/wait")
async def wait(
    request: Request,
    person_id: int,
    peer: int,
    text: str = "",
    button: str = "",
    toast: str | None = None,
    after: int | None = None,
    timeout: float = 5.0,  # noqa: ASYNC109 - a parameter of the request
) -> JSONResponse:
    """Wait for a message of others with this text and button, or for a toast, that came after what the person did
    last in this chat, or after the change numbered `after`. 408 with the chat if none comes in `timeout` seconds."""
    world = world_of(request)
    chat = people.peer_chat(world, person_id, peer)
    since = chat.acted.get(person_id, 0) if after is None else after

    def check() -> Json | None:
        if toast is not None:
            return toast_after(chat, person_id, toast, since)
        return matching(world, chat, person_id, text, button, since)

    found = await wait_until(world, chat.waiters, check, timeout)
    if found is None:
        return JSONResponse(seen_chat(world, chat, person_id, 10), 408)
    return JSONResponse(found)


@router.post("/say")
async def say(request: Request, person_id: int, peer: int, body: Text) -> JSONResponse:
    """Send a text."""
    world, chat = acting(request, person_id, peer)
    fields = people.text_fields(body.text, body.parse_mode, body.entities)
    result = people.write(world, chat, person_id, fields, body.reply_to, body.thread, body.anonymous)
    return written(world, person_id, result)


@router.post("/start")
async def start(request: Request, person_id: int, peer: int, body: Start) -> JSONResponse:
    """Open the bot by a link: `/start` with its payload."""
    world, chat = acting(request, person_id, peer)
    fields = people.text_fields(f"/start {body.payload}".strip())
    return written(world, person_id, people.write(world, chat, person_id, fields))


@router.post("/file")
async def send_file(request: Request, person_id: int, peer: int, body: File) -> JSONResponse:
    """Send a photo, document, voice, video, sticker."""
    world, chat = acting(request, person_id, peer)
    fields = people.file_fields(world, body.kind, body.content, body.name, body.mime, body.caption)
    return written(world, person_id, people.write(world, chat, person_id, fields, body.reply_to, body.thread))


@router.post("/album")
async def send_album(request: Request, person_id: int, peer: int, body: Album) -> JSONResponse:
    """Send an album; returns when its last part is sent."""
    world, chat = acting(request, person_id, peer)
    album = str(13_000_000_000 + world.fresh())
    sent = []
    for index, file in enumerate(body.files):
        if index == body.late_from:
            await asyncio.sleep(body.late_by)
        fields = people.file_fields(world, file.kind, file.content, file.name, file.mime, file.caption)
        fields["media_group_id"] = album
        message, _ = people.write(world, chat, person_id, fields, file.reply_to, file.thread)
        sent.append(seen(world, message, person_id))
    return JSONResponse({"messages": sent})


@router.post("/location")
async def send_location(request: Request, person_id: int, peer: int, body: Location) -> JSONResponse:
    """Send a point on the map."""
    world, chat = acting(request, person_id, peer)
    fields = {"location": {"latitude": body.latitude, "longitude": body.longitude}}
    return written(world, person_id, people.write(world, chat, person_id, fields, None, body.thread))


@router.post("/contact")
async def send_contact(request: Request, person_id: int, peer: int, body: Contact) -> JSONResponse:
    """Send a contact: with no number, one's own."""
    world, chat = acting(request, person_id, peer)
    fields = people.contact_fields(world, person_id, body.phone_number, body.first_name, body.user_id)
    return written(world, person_id, people.write(world, chat, person_id, fields, None, body.thread))


@router.post("/content")
async def send_content(request: Request, person_id: int, peer: int, body: Content) -> JSONResponse:
    """Send a message with any content, as it is."""
    world, chat = acting(request, person_id, peer)
    return written(world, person_id, people.write(world, chat, person_id, body.fields, None, body.thread))


@router.post("/edit")
async def edit(request: Request, person_id: int, peer: int, body: Edit) -> JSONResponse:
    """Edit one's own message."""
    world, chat = acting(request, person_id, peer)
    updates = people.edit(world, chat, person_id, body.message_id, body.text)
    return JSONResponse({"updates": [u["update_id"] for u in updates]})


@router.post("/delete")
async def delete(request: Request, person_id: int, peer: int, body: OneMessage) -> JSONResponse:
    """Delete a message, one's own or, in a private chat, the bot's. Bots aren't told."""
    world, chat = acting(request, person_id, peer)
    people.find_seen(chat, body.message_id).deleted = True
    world.touch(chat)
    return JSONResponse({})


@router.post("/forward")
async def forward(request: Request, person_id: int, peer: int, body: Forward) -> JSONResponse:
    """Forward a message from another chat."""
    world, chat = acting(request, person_id, peer)
    source = people.find_seen(people.peer_chat(world, person_id, body.from_peer), body.message_id)
    return written(world, person_id, people.forward(world, chat, person_id, source, body.hidden))


@router.post("/press")
async def press(request: Request, person_id: int, peer: int, body: Press) -> JSONResponse:
    """Press a button, inline or of the reply keyboard, by its text (whole, else a part of it) or data."""
    world, chat = acting(request, person_id, peer)
    if body.forge:
        message = people.message_of_bot(world, chat, body.message_id)
        return pressed(people.press_inline(world, message, person_id, body.data or "", body.anonymous))
    found = people.find_button(world, chat, body.text, body.data, body.message_id)
    if isinstance(found, tuple):
        message, button = found
        if "callback_data" in button:
            data = button["callback_data"]
            return pressed(people.press_inline(world, message, person_id, data, body.anonymous))
        if button.get("pay") and people.payable(world, message):
            bot = world.bots[message.sender]
            return JSONResponse({"checkout": begin_payment(world, bot, person_id, message)})
        return JSONResponse({"button": button})
    if found.get("request_contact"):
        fields = people.contact_fields(world, person_id, None, None, None)
    elif found.get("request_location"):
        fields = {"location": {"latitude": 55.751244, "longitude": 37.618423}}
    else:
        fields = people.text_fields(found["text"])
    return written(world, person_id, people.write(world, chat, person_id, fields))


def pressed(query: Query) -> JSONResponse:
    """A press and the update it became."""
    return JSONResponse(
        {"query": query.id, "data": query.update["callback_query"]["data"], "updates": [query.update["update_id"]]}
    )


@router.post("/block")
async def block(request: Request, person_id: int, peer: int) -> JSONResponse:
    """Block the bot."""
    world, chat = acting(request, person_id, peer)
    people.block(world, chat)
    return JSONResponse({})


@router.post("/unblock")
async def unblock(request: Request, person_id: int, peer: int) -> JSONResponse:
    """Unblock the bot."""
    world, chat = acting(request, person_id, peer)
    people.unblock(world, chat)
    return JSONResponse({})


@router.post("/react")
async def react(request: Request, person_id: int, peer: int, body: React) -> JSONResponse:
    """Put a reaction on a message."""
    world, chat = acting(request, person_id, peer)
    people.react(world, people.find_seen(chat, body.message_id), person_id, body.emoji)
    return JSONResponse({})
