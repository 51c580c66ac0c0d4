"""Updates on their way to bots: long polling and webhooks."""

from __future__ import annotations

import asyncio
import re
import time
from collections import deque
from collections.abc import Awaitable, Callable

import httpx

from bot.sandbox.world.params import Params
from bot.sandbox.world.refusals import Json, bad_request, poll_conflict, webhook_conflict
from bot.sandbox.world.render import message_json
from bot.sandbox.world.state import Bot, Chat, Message, Webhook, World

RETRY_AT_MOST = 5.0
_SECRET = re.compile(r"[A-Za-z0-9_-]{0,256}")
Reply = Callable[[Bot, str, Params], Awaitable[object]]


def give(bot: Bot, kind: str, value: Json) -> Json | None:
    """Queue an update for a bot; None if the bot doesn't ask for this kind."""
    if not bot.wants(kind):
        return None
    update: Json = {"update_id": bot.next_update, kind: value}
    bot.next_update += 1
    bot.sent[update["update_id"]] = update
    if len(bot.sent) > 10_000:
        del bot.sent[next(iter(bot.sent))]
    enqueue(bot, update)
    return update


def enqueue(bot: Bot, update: Json) -> None:
    """Put an update behind those that wait and wake the poller."""
    bot.updates.append(update)
    if bot.poll is not None and not bot.poll.done():
        bot.poll.set_result("updates")


def audience(chat: Chat, world: World) -> list[Bot]:
    """The bots that are in a chat."""
    if chat.bot is not None:
        return [chat.bot]
    return [world.bots[m.user_id] for m in chat.members.values() if m.inside and m.user_id in world.bots]


def hears(bot: Bot, message: Message) -> bool:
    """Whether privacy mode lets the bot see a message of a group."""
    chat = message.chat
    if chat.private or bot.reads_all or message.service or chat.members[bot.id].status == "administrator":
        return True
    if message.reply_to is not None and message.reply_to.sender == bot.id:
        return True
    text: str = message.fields.get("text", "")
    mention = f"@{bot.username}".lower()
    if text.startswith("/"):
        command = text.split(maxsplit=1)[0].lower()
        return "@" not in command or command.endswith(mention)
    return mention in (text + message.fields.get("caption", "")).lower().split()


def publish(world: World, message: Message, kind: str = "message") -> list[Json]:
    """Give a person's message to every bot that may see it. Returns the updates."""
    updates = []
    for bot in audience(message.chat, world):
        if bot.id != message.sender and not bot.revoked and hears(bot, message):
            update = give(bot, kind, message_json(world, message))
            if update:
                updates.append(update)
    world.touch(message.chat)
    return updates


async def get_updates(world: World, bot: Bot, params: Params) -> list[Json]:
    """Confirm what is below `offset` and wait for what is not. Raises Refusal 409."""
    if bot.webhook is not None:
        raise webhook_conflict()
    _allow(bot, params)
    if bot.poll is not None and not bot.poll.done():
        bot.poll.set_result("conflict")
    _confirm(world, bot, params.integer("offset"))
    limit = min(max(params.integer("limit", 100), 1), 100)
    wait = min(params.number("timeout"), 50.0)
    if not bot.updates and wait > 0 and not world.closing:
        poll: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        bot.poll = poll
        try:
            reason = await asyncio.wait_for(poll, wait)
        except TimeoutError:
            reason = "timeout"
        finally:
            if bot.poll is poll:
                bot.poll = None
        if reason == "conflict":
            raise poll_conflict()
        if reason == "webhook":
            raise webhook_conflict()
    return [bot.updates[i] for i in range(min(limit, len(bot.updates)))]


def _confirm(world: World, bot: Bot, offset: int) -> None:
    """Forget what is below an offset; a negative one counts from the end of the queue."""
    waiting = len(bot.updates)
    while bot.updates and (len(bot.updates) > -offset if offset < 0 else bot.updates[0]["update_id"] < offset):
        bot.updates.popleft()
    if len(bot.updates) < waiting:
        world.touch()


def _allow(bot: Bot, params: Params) -> None:
    allowed = params.structure("allowed_updates")
    if isinstance(allowed, list):
        # An empty list means "all but a few", and absence means "as before".
        bot.allowed = frozenset(map(str, allowed)) or None


def set_webhook(world: World, bot: Bot, params: Params, reply: Reply) -> None:
    """Post updates to an URL from now on, or to none if the URL is empty."""
    drop_webhook(bot, params)
    url = params.text("url")
    if not url:
        return
    if not url.startswith(("https://", "http://")):
        raise bad_request("bad webhook: An HTTPS URL must be provided for webhook")
    if _SECRET.fullmatch(params.text("secret_token")) is None:
        raise bad_request("secret token contains unallowed characters")
    _allow(bot, params)
    connections = min(max(params.integer("max_connections", 40), 1), 100)
    bot.webhook = Webhook(url, params.text("secret_token"), connections)
    if bot.poll is not None and not bot.poll.done():
        bot.poll.set_result("webhook")
    bot.webhook_task = asyncio.create_task(_post_updates(world, bot, bot.webhook, reply))


def drop_webhook(bot: Bot, params: Params) -> None:
    """Stop posting updates; with `drop_pending_updates` forget those that wait."""
    if bot.webhook_task is not None:
        bot.webhook_task.cancel()
        bot.webhook_task = None
    bot.webhook = None
    if bot.poll is not None and not bot.poll.done() and params.has("url"):
        bot.poll.set_result("webhook")
    if params.flag("drop_pending_updates"):
        bot.updates.clear()


def webhook_info(bot: Bot) -> Json:
    """The bot's `WebhookInfo`."""
    hook = bot.webhook
    info: Json = {
        "url": hook.url if hook else "",
        "has_custom_certificate": False,
        "pending_update_count": len(bot.updates),
    }
    if hook is not None:
        info["max_connections"] = hook.max_connections
        if hook.last_error_date:
            info["last_error_date"] = hook.last_error_date
            info["last_error_message"] = hook.last_error
    if bot.allowed is not None:
        info["allowed_updates"] = sorted(bot.allowed)
    return info


def lane_of(update: Json) -> int:
    """Updates of one chat are posted one after another, those of different chats side by side."""
    for value in update.values():
        if isinstance(value, dict):
            chat = value.get("chat") or (value.get("message") or {}).get("chat") or value.get("from") or {}
            return int(chat.get("id", 0))
    return 0


async def _post_updates(world: World, bot: Bot, hook: Webhook, reply: Reply) -> None:
    lanes: dict[int, deque[Json]] = {}
    slots = asyncio.Semaphore(hook.max_connections)
    headers = {"X-Telegram-Bot-Api-Secret-Token": hook.secret} if hook.secret else {}
    taken: set[int] = set()
    async with httpx.AsyncClient(headers=headers, timeout=60, trust_env=False) as http, asyncio.TaskGroup() as tasks:

        async def run_lane(lane: deque[Json]) -> None:
            while lane:
                async with slots:
                    await _post(bot, hook, http, lane[0], reply)
                update = lane.popleft()
                taken.discard(update["update_id"])
                if update in bot.updates:
                    bot.updates.remove(update)
                world.touch()

        while not world.closing:
            for update in list(bot.updates):
                if update["update_id"] in taken:
                    continue
                taken.add(update["update_id"])
                lane = lanes.setdefault(lane_of(update), deque())
                lane.append(update)
                if len(lane) == 1:
                    tasks.create_task(run_lane(lane))
            poll: asyncio.Future[str] = asyncio.get_running_loop().create_future()
            bot.poll = poll
            await poll


async def _post(bot: Bot, hook: Webhook, http: httpx.AsyncClient, update: Json, reply: Reply) -> None:
    """Post one update until it is answered with 2xx."""
    pause = 0.05
    while True:
        try:
            answer = await http.post(hook.url, json=update)
            if answer.is_success:
                break
            hook.last_error = f"Wrong response from the webhook: {answer.status_code} {answer.reason_phrase}"
        except httpx.HTTPError as error:
            hook.last_error = f"Connection failed: {type(error).__name__}"
        hook.last_error_date = int(time.time())
        await asyncio.sleep(pause)
        pause = min(pause * 2, RETRY_AT_MOST)
    if answer.headers.get("content-type", "").startswith("application/json") and answer.content:
        body = answer.json()
        if isinstance(body, dict) and isinstance(body.get("method"), str):
            await reply(bot, body.pop("method"), Params(body))
