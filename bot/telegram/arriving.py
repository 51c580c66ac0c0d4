"""What came from the network, made fit to be kept: whatever it holds, it can be stored and read again.

Telegram sends none of what is mended here, but a process must not end at what a server, a proxy or a holder of the
webhook's secret can send: numbers that no column holds, letters that no database keeps, nesting that no reader takes.
"""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import structlog
from sqlalchemy.exc import SQLAlchemyError

from bot.db.trouble import storage_trouble
from bot.db.unit_of_work import Office
from bot.messaging import metrics
from bot.messaging.incoming import inbox
from bot.messaging.incoming.inbox import Arrival
from bot.telegram import ids

log = structlog.get_logger()

DEEPEST = 64  # levels of a JSON document that are kept; a message in a message in a message needs a dozen
LARGEST = 2**63 - 1  # what a column of 64 bits holds, with either sign
KEPT_OF_RAW = 4_000  # characters kept of what is no JSON object

_UNKEPT = re.compile("[\0\ud800-\udfff]")  # PostgreSQL keeps no U+0000, no database half of a surrogate pair
_TOKENS = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|[\[\]{}]', re.DOTALL)
_UPDATE_ID = re.compile(r'"update_id"\s*:\s*(\d{1,18})\s*[,}]')


def read_json(raw: bytes) -> Any:
    """The document as `json.loads` reads it; what makes that fail in otherwise good JSON becomes null.

    Raises ValueError for what is no JSON.
    """
    try:
        return json.loads(raw)
    except (ValueError, RecursionError):
        return json.loads(_cut_deep(raw.decode(errors="replace")), parse_int=_whole)


def tame(value: Any, depth: int = 0) -> Any:
    """The same JSON with null for what can't be stored: numbers beyond 64 bits, no numbers, levels below DEEPEST.

    U+FFFD stands for letters that no database keeps: lengths, and so entities, hold.
    """
    match value:
        case str():
            return _UNKEPT.sub("\ufffd", value)
        case int() | float() if not abs(value) <= LARGEST:  # so written, it finds NaN too
            return None
        case dict() | list() if depth == DEEPEST:
            return None
        case dict():
            return {tame(key): tame(part, depth + 1) for key, part in value.items()}
        case list():
            return [tame(part, depth + 1) for part in value]
    return value


def chat_of(update: Mapping[str, Any]) -> int:
    """The chat whose order an update keeps, from its raw JSON; 0 when it belongs to none."""
    for name, event in update.items():
        if name == "update_id" or not isinstance(event, dict):
            continue
        holder = event.get("message") if name == "callback_query" and event.get("message") else event
        chat = holder.get("chat") if isinstance(holder, dict) else None
        user = event.get("from") or event.get("user")
        for found in (chat, user):
            if isinstance(found, dict) and type(found.get("id")) is int:
                return int(found["id"])
    return 0


def id_of(update: Any) -> int | None:
    """The id by which Telegram knows an update, or None where there is none that it could have given."""
    number = update.get("update_id") if isinstance(update, dict) else None
    return number if type(number) is int and 0 <= number <= LARGEST else None


def oldest_of(updates: Sequence[Any], now: datetime) -> datetime:
    """When the oldest message of a batch was written, as far as its updates say; `now` where none does."""
    dates = [
        event["date"]
        for update in updates
        if isinstance(update, dict)
        for event in update.values()
        if isinstance(event, dict) and type(event.get("date")) is int
    ]
    dates = [each for each in dates if 0 < each <= now.timestamp()]
    return datetime.fromtimestamp(min(dates), UTC) if dates else now


def arrival_of(bot_id: int, update: Any) -> Arrival:
    """One update as it is kept. What is no update, or has no id, is set aside from the start."""
    kept = tame(update)
    number = id_of(kept)
    if number is None:
        said = json.dumps(kept, ensure_ascii=False)
        return _aside(bot_id, _number_of(said), said, "no update id")
    return Arrival(ids.bot(bot_id), number, chat_of(kept), kept)


def pushed(bot_id: int, body: bytes, *, whole: bool = True) -> Arrival:
    """The update of a webhook's request; what is none is set aside, or it would be pushed again for ever.

    `whole` is False where the request was longer than is read.
    """
    reason = "too long"
    if whole:
        try:
            return arrival_of(bot_id, read_json(body))
        except ValueError:
            reason = "no JSON"
    said = body.decode(errors="replace")
    named = _UPDATE_ID.search(said)
    return _aside(bot_id, int(named[1]) if named else _number_of(said), said, reason)


def _aside(bot_id: int, number: int, said: str, reason: str) -> Arrival:
    return Arrival(ids.bot(bot_id), number, 0, {"raw": tame(said[:KEPT_OF_RAW])}, aside=reason)


def _number_of(said: str) -> int:
    """What has no id is known by what it says, under a negative number: Telegram's are positive."""
    return -1 - int.from_bytes(hashlib.sha256(said.encode(errors="replace")).digest()[:7])


def store(office: Office, bot_id: int, updates: Sequence[Any]) -> None:
    """Commit a batch of raw updates in one transaction."""
    keep(office, [arrival_of(bot_id, update) for update in updates])


def keep(office: Office, arrivals: Sequence[Arrival]) -> None:
    """Commit arrivals in one transaction; if the database refuses it, each in one of its own, so that one that can't
    be kept costs no other. Raises what the database itself fails with."""
    try:
        with office.work() as uow:
            inbox.record(uow.session, arrivals, uow.now)
    except SQLAlchemyError as error:
        if storage_trouble(error):
            raise
        for arrival in arrivals:
            _keep_alone(office, arrival)
    metrics.updates.inc(len(arrivals))


def _keep_alone(office: Office, arrival: Arrival) -> None:
    try:
        with office.work() as uow:
            inbox.record(uow.session, [arrival], uow.now)
    except SQLAlchemyError as error:
        if storage_trouble(error):
            raise
        log.error("update_not_kept", update_id=arrival.update_id, error=type(error).__name__)
        with office.work() as uow:
            unkept = Arrival(arrival.bot, arrival.update_id, arrival.chat_id, {}, aside=type(error).__name__)
            inbox.record(uow.session, [unkept], uow.now)


def _cut_deep(text: str) -> str:
    """The text with null for each array or object below DEEPEST levels, found without recursion."""
    pieces: list[str] = []
    depth = taken = 0
    for token in _TOKENS.finditer(text):
        if token[0] in "[{":
            depth += 1
            if depth == DEEPEST + 1:
                pieces += (text[taken : token.start()], "null")
        elif token[0] in "]}":
            if depth == DEEPEST + 1:
                taken = token.end()
            depth -= 1
    if depth > DEEPEST:
        raise ValueError("the JSON is not whole")
    return "".join(pieces) + text[taken:]


def _whole(digits: str) -> int | None:
    return int(digits) if len(digits) <= len(str(-LARGEST)) else None
