"""Methods about the bot itself: commands, descriptions, the menu button."""

from __future__ import annotations

import json
import re
from typing import Any

from bot.sandbox.methods.call import Call, method
from bot.sandbox.world.refusals import Json, bad_request

_COMMAND = re.compile(r"[a-z0-9_]{1,32}")


def _scope(call: Call) -> str:
    scope = call.params.structure("scope") or {"type": "default"}
    return f"commands/{json.dumps(scope, sort_keys=True)}/{call.params.text('language_code')}"


@method("setMyCommands")
def set_my_commands(call: Call) -> bool:
    """Set the commands of a scope and language."""
    commands = call.params.structure("commands")
    if not isinstance(commands, list) or len(commands) > 100:
        raise bad_request("can't parse commands: expected an Array of BotCommand")
    for command in commands:
        if not _COMMAND.fullmatch(str(command.get("command", "")).removeprefix("/")):
            raise bad_request("BOT_COMMAND_INVALID")
        if not 0 < len(str(command.get("description", ""))) <= 256:
            raise bad_request("BOT_COMMAND_DESCRIPTION_INVALID")
    call.bot.profile[_scope(call)] = commands
    return True


@method("getMyCommands")
def get_my_commands(call: Call) -> list[Json]:
    """The commands of a scope and language."""
    return list(call.bot.profile.get(_scope(call), []))


@method("deleteMyCommands")
def delete_my_commands(call: Call) -> bool:
    """Forget the commands of a scope and language."""
    call.bot.profile.pop(_scope(call), None)
    return True


def _described(name: str, field: str, limit: int) -> None:
    def key(call: Call) -> str:
        return f"{field}/{call.params.text('language_code')}"

    @method(f"setMy{name}")
    def change(call: Call) -> bool:
        value = call.params.text(field)
        if len(value) > limit:
            raise bad_request(f"{field.replace('_', ' ')} is too long")
        call.bot.profile[key(call)] = value
        if field == "name" and value and not call.params.has("language_code"):
            call.bot.first_name = value
        return True

    @method(f"getMy{name}")
    def read(call: Call) -> Json:
        default = call.bot.first_name if field == "name" else ""
        return {field: call.bot.profile.get(key(call)) or default}


_described("Name", "name", 64)
_described("Description", "description", 512)
_described("ShortDescription", "short_description", 120)


@method("setChatMenuButton")
def set_chat_menu_button(call: Call) -> bool:
    """Set the button beside the input field, for one chat or for all."""
    call.bot.profile[f"menu/{call.params.text('chat_id')}"] = call.params.structure("menu_button")
    return True


@method("getChatMenuButton")
def get_chat_menu_button(call: Call) -> Any:
    """The button beside the input field."""
    profile = call.bot.profile
    own = profile.get(f"menu/{call.params.text('chat_id')}")
    return own or profile.get("menu/") or {"type": "commands"}


@method("setMyDefaultAdministratorRights")
def set_my_default_administrator_rights(call: Call) -> bool:
    """Remember the rights the bot asks for when it is made an administrator."""
    call.bot.profile["rights"] = call.params.structure("rights") or {}
    return True


@method("getMyDefaultAdministratorRights")
def get_my_default_administrator_rights(call: Call) -> Json:
    """The rights the bot asks for when it is made an administrator."""
    rights: Json = call.bot.profile.get("rights", {})
    return rights


@method("logOut", "close")
def log_out(call: Call) -> bool:
    """Accepted and without effect: there is no other server to go to."""
    del call
    return True
