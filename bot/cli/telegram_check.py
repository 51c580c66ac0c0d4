"""What `doctor` asks Telegram: each way to it, the token, where updates go, and what the bot may in the group."""

from collections.abc import AsyncIterator
from typing import Any

import aiohttp

from bot.cli.doctor import Finding, Standing
from bot.redaction import conceal
from bot.settings import Settings
from bot.telegram.network.api import Api, ForeignAnswerError, TelegramRefusedError, UnreachableError
from bot.telegram.network.http import NO_ANSWER
from bot.telegram.polling import MENDS

UNKNOWN_METHOD = 404
IN_CHARGE = ("administrator", "creator")
AWAY = ("left", "kicked")
LATER = "Telegram has trouble: try again later"
READY_SECONDS = 5.0
RIGHTS = "rights in the group"


async def telegram_findings(settings: Settings, standing: Standing) -> list[Finding]:
    """All of it; what depends on a route that works ends where there is none."""
    if not settings.bot_token:
        return [Finding("token", False, "BOT_TOKEN is not set", "get one from @BotFather, put BOT_TOKEN=… into .env")]
    findings = [await _proxy(settings, number) for number in range(len(settings.proxies))]
    api = Api(settings.bot_token, settings.telegram_api_url, settings.proxies)
    try:
        findings += [finding async for finding in _asked(api, settings, standing)]
    except UnreachableError as error:
        findings.append(Finding("Telegram", False, str(error), "set TELEGRAM_PROXIES or TELEGRAM_API_URL"))
    except TelegramRefusedError as error:
        what = "token" if error.final else "Telegram"
        mend = MENDS.get(error.code, "try again later")
        findings.append(Finding(what, False, f"{error.code} {error.description}", mend))
    except NO_ANSWER as error:
        findings.append(Finding("Telegram", False, type(error).__name__, "check the network"))
    finally:
        await api.close()
    return findings


async def _asked(api: Api, settings: Settings, standing: Standing) -> AsyncIterator[Finding]:
    me = await api.connect()
    yield Finding("token", True, f"@{me.get('username', '?')}")
    status = None
    if standing.dispatch_chat is not None:
        status, found = await _group(api, me, standing)
        for finding in found:
            yield finding
    yield _privacy(me, status, linked=standing.dispatch_chat is not None)
    yield await _webhook(api, settings.webhook_url)
    yield await _updates(api, settings, standing)


async def _proxy(settings: Settings, number: int) -> Finding:
    """One way to Telegram, alone: the bot goes by the next one without a word while this one is dead."""
    proxy = settings.proxies[number]
    what = f"proxy {number + 1} of {len(settings.proxies)}"
    api = Api(settings.bot_token, settings.telegram_api_url, (proxy,))
    try:
        await api.connect()
    except TelegramRefusedError:
        pass  # an answer of Telegram's own
    except UnreachableError as error:
        mend = "start it, or take it out of TELEGRAM_PROXIES"
        return Finding(what, False, f"Telegram is not reached through it: {error}", mend)
    finally:
        await api.close()
    return Finding(what, True, conceal(proxy))


def _privacy(me: dict[str, Any], status: str | None, *, linked: bool) -> Finding:
    """Group privacy hides replies from a bot that is no administrator: an administrator reads everything."""
    what = "group privacy"
    if me.get("can_read_all_group_messages"):
        return Finding(what, True, "off")
    if status in IN_CHARGE:
        return Finding(what, True, "on, and the bot reads everything as an administrator of the group")
    if not linked:
        return Finding(what, True, "on: make the bot an administrator of the engineers' group")
    mend = "make the bot an administrator of the group, or @BotFather → /setprivacy → Disable and add the bot anew"
    return Finding(what, False, "on: the bot misses what is written in the group", mend)


async def _group(api: Api, me: dict[str, Any], standing: Standing) -> tuple[str | None, list[Finding]]:
    """The bot's status in the dispatch group, and what it lacks there."""
    try:
        chat = await api.call("getChat", chat_id=standing.dispatch_chat)
        member = await api.call("getChatMember", chat_id=standing.dispatch_chat, user_id=me.get("id"))
    except (TelegramRefusedError, ForeignAnswerError) as error:
        if error.code == UNKNOWN_METHOD:
            return None, []  # a lean server that knows no groups
        mend = "add the bot to the engineers' group again and send /dispatch there; ids of supergroups begin with -100"
        return None, [Finding(RIGHTS, False, f"{standing.dispatch_chat}: {_words(error)}", mend)]
    place = member if isinstance(member, dict) else {}
    forum = bool(chat.get("is_forum")) if isinstance(chat, dict) else False
    return str(place.get("status", "")), [_rights(place, forum=forum)]


def _rights(place: dict[str, Any], *, forum: bool) -> Finding:
    """Of a `ChatMember`: whether the bot can write there, read everything and open topics."""
    status = str(place.get("status", ""))
    if status in AWAY:
        return Finding(RIGHTS, False, "the bot is not in the group", "add it again, as an administrator")
    if status == "restricted" and not place.get("can_send_messages"):
        return Finding(RIGHTS, False, "the bot may not write there", "make it an administrator")
    if forum and status != "creator" and not place.get("can_manage_topics"):
        lacks = "the bot is no administrator" if status not in IN_CHARGE else "the right Manage topics is missing"
        mend = "make the bot an administrator of the group with the right Manage topics"
        return Finding(RIGHTS, False, f"{lacks}: it opens no topics for tickets", mend)
    if status not in IN_CHARGE:
        return Finding(RIGHTS, False, "the bot is no administrator", "make it one: it reads everything then")
    return Finding(RIGHTS, True, status)


async def _webhook(api: Api, wanted: str) -> Finding:
    """Where Telegram pushes, against where it should; a server that does not know the question pushes nowhere."""
    try:
        told = await api.call("getWebhookInfo")
    except (TelegramRefusedError, ForeignAnswerError) as error:
        if error.code != UNKNOWN_METHOD:
            return Finding("webhook", False, f"not told: {error.code}", LATER)
        told = {}
    info = told if isinstance(told, dict) else {}
    hook = str(info.get("url", ""))
    if hook != wanted:
        return Finding("webhook", False, hook or "none", "start `run`: it sets or removes it")
    waiting = info.get("pending_update_count")
    if hook and info.get("last_error_message") and waiting:
        mend = "let Telegram reach WEBHOOK_URL: its certificate, the reverse proxy, `run` or `web` behind it"
        return Finding("webhook", False, f"{waiting} updates wait, Telegram says: {info['last_error_message']}", mend)
    return Finding("webhook", True, hook or "none")


async def _updates(api: Api, settings: Settings, standing: Standing) -> Finding:
    """Whether updates can be had. A bot that runs is asked how it fares: a second poller would cut it short."""
    if standing.runs:
        return await _by_the_bot(settings)
    if settings.webhook_url:
        return Finding("updates", True, "pushed by Telegram")
    try:
        # Without an offset nothing is acknowledged: they are all there for the bot's start.
        found = await api.call("getUpdates", limit=1, timeout=0)
    except (TelegramRefusedError, ForeignAnswerError) as error:
        return Finding("updates", False, f"getUpdates: {_words(error)}", MENDS.get(error.code, LATER))
    return Finding("updates", True, "some wait for the bot's start" if found else "none waits")


async def _by_the_bot(settings: Settings) -> Finding:
    """What the running bot's own /readyz says, where it is on this machine."""
    host = "127.0.0.1" if settings.web_host in {"0.0.0.0", "::"} else settings.web_host  # noqa: S104 - compared only
    url = f"http://{host}:{settings.web_port}/readyz"
    try:
        async with (
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(READY_SECONDS)) as http,
            http.get(url) as answer,
        ):
            told = await answer.json(content_type=None)
    except (*NO_ANSWER, ValueError):
        return Finding("updates", True, f"a bot runs on this database; at {url} nobody answers")
    reason = told.get("reason") if isinstance(told, dict) else None
    if reason:
        return Finding("updates", False, "the running bot is not ready", str(reason))
    return Finding("updates", True, "the running bot is ready")


def _words(error: TelegramRefusedError | ForeignAnswerError) -> str:
    return f"{error.code} {error.description}" if isinstance(error, TelegramRefusedError) else str(error)
