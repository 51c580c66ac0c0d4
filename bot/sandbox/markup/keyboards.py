"""Keyboards under messages: what Telegram accepts."""

from __future__ import annotations

from typing import Any

from bot.sandbox.world.params import Params
from bot.sandbox.world.refusals import Json, bad_request

DATA_LIMIT = 64
ACTIONS = frozenset(
    {
        "callback_data",
        "url",
        "web_app",
        "login_url",
        "switch_inline_query",
        "switch_inline_query_current_chat",
        "switch_inline_query_chosen_chat",
        "copy_text",
        "callback_game",
        "pay",
    }
)


def read_markup(params: Params, private: bool) -> tuple[Json | None, Json | None]:
    """The inline keyboard and the reply keyboard of a call; at most one is not None. Raises Refusal."""
    markup = params.structure("reply_markup")
    if not markup:
        return None, None
    if not isinstance(markup, dict):
        raise bad_request("object expected as reply markup")
    if "inline_keyboard" in markup:
        rows = [[_inline_button(button, private) for button in row] for row in _rows(markup["inline_keyboard"])]
        rows = [row for row in rows if row]
        return ({"inline_keyboard": rows} if rows else None), None
    if "keyboard" in markup:
        rows = [[_reply_button(button, private) for button in row] for row in _rows(markup["keyboard"])]
        return None, {**markup, "keyboard": [row for row in rows if row]}
    if markup.get("remove_keyboard") or markup.get("force_reply"):
        return None, markup
    return None, None


def _rows(rows: Any) -> list[list[Any]]:
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        raise bad_request('can\'t parse reply keyboard markup: field "keyboard" must be of type Array of Arrays')
    return rows


def _inline_button(button: Any, private: bool) -> Json:
    if not isinstance(button, dict):
        raise bad_request("can't parse inline keyboard button: InlineKeyboardButton must be an Object")
    shown: Json = {name: value for name, value in button.items() if value is not None}
    if not str(shown.get("text", "")).strip():
        raise bad_request("can't parse inline keyboard button: Text buttons must have non-empty text")
    kinds = ACTIONS & shown.keys()
    if not kinds:
        raise bad_request("can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard")
    if "callback_data" in kinds:
        size = len(str(shown["callback_data"]).encode())
        if not 0 < size <= DATA_LIMIT:
            raise bad_request("BUTTON_DATA_INVALID")
    if "web_app" in kinds and not private:
        raise bad_request("BUTTON_TYPE_INVALID")
    if "url" in kinds and "://" not in str(shown["url"]) and "." not in str(shown["url"]):
        raise bad_request(f"inline keyboard button URL '{shown['url']}' is invalid: Wrong HTTP URL")
    return shown


def _reply_button(button: Any, private: bool) -> Json:
    if isinstance(button, str):
        button = {"text": button}
    if not isinstance(button, dict):
        raise bad_request("can't parse keyboard button: KeyboardButton must be an Object")
    shown: Json = {name: value for name, value in button.items() if value is not None}
    if not str(shown.get("text", "")).strip():
        raise bad_request("can't parse keyboard button: Text buttons must have non-empty text")
    if not private and (shown.get("request_contact") or shown.get("request_location")):
        word = "phone number" if shown.get("request_contact") else "location"
        raise bad_request(f"{word} can be requested in private chats only")
    return shown
