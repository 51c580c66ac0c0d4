"""Answers of a Bot API server, told from what others say in its place: a proxy, a gateway, a hotel's login page."""

from typing import Any

from bot.telegram.arriving import read_json, tame

LONGEST_WAIT = 86_400  # seconds; a longer `retry_after` is asked about again after a day


def read_answer(body: bytes) -> dict[str, Any] | None:
    """`ok` with `result`, or with `description`, `error_code` and `parameters`, each of its own type where it is there.

    None for whatever no Bot API server says.
    """
    try:
        said = tame(read_json(body))
    except ValueError:
        return None
    if not isinstance(said, dict) or not isinstance(said.get("ok"), bool):
        return None
    if said["ok"]:
        return said if "result" in said else None
    answer: dict[str, Any] = {
        "ok": False,
        "description": str(said.get("description") or ""),
        "parameters": _parameters(said.get("parameters")),
    }
    if type(said.get("error_code")) is int:
        answer["error_code"] = said["error_code"]
    return answer


def _parameters(said: Any) -> dict[str, int]:
    numbers = said if isinstance(said, dict) else {}
    wait, moved = numbers.get("retry_after"), numbers.get("migrate_to_chat_id")
    found: dict[str, int] = {}
    if type(wait) is int and wait > 0:
        found["retry_after"] = min(wait, LONGEST_WAIT)
    if type(moved) is int:
        found["migrate_to_chat_id"] = moved
    return found
