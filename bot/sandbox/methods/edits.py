"""Methods that change what is already there: edits, deletions, answers to presses."""

from __future__ import annotations

import time

from bot.sandbox.markup.entities import message_text
from bot.sandbox.markup.keyboards import read_markup
from bot.sandbox.methods.call import Call, find_message, method, require_admin, writable_chat
from bot.sandbox.methods.media import FOLDERS, media_fields, read_file
from bot.sandbox.methods.messages import caption
from bot.sandbox.world.params import Params
from bot.sandbox.world.payments import pay
from bot.sandbox.world.refusals import NOT_MODIFIED, QUERY_TOO_OLD, Json, bad_request
from bot.sandbox.world.render import message_json
from bot.sandbox.world.state import Message

_TEXT = ("text", "entities")
_CAPTION = ("caption", "caption_entities")


def _editable(call: Call) -> Message:
    if call.params.has("inline_message_id"):
        raise bad_request("message identifier is not specified")
    chat = writable_chat(call)
    number = call.params.integer("message_id")
    if not number:
        raise bad_request("message identifier is not specified")
    message = find_message(chat, number, "message to edit not found")
    if message.sender != call.bot.id or message.service:
        raise bad_request("message can't be edited")
    return message


def _edit(call: Call, message: Message, fields: Json) -> Json:
    """Give a message new content and keyboard. Raises Refusal if both are what they were."""
    inline, _ = read_markup(call.params, message.chat.private)
    if fields == message.fields and inline == message.inline:
        raise bad_request(NOT_MODIFIED)
    message.fields = fields
    message.inline = inline
    message.edit_date = int(time.time())
    message.changed = call.world.stamp()
    call.world.touch(message.chat)
    return message_json(call.world, message)


def _without(fields: Json, *names: str) -> Json:
    return {name: value for name, value in fields.items() if name not in names}


@method("editMessageText")
def edit_text(call: Call) -> Json:
    """Change the text of a message."""
    message = _editable(call)
    params = call.params
    fields = message_text(params.text("text"), params.text("parse_mode"), params.structure("entities"))
    if "text" not in message.fields:
        raise bad_request("there is no text in the message to edit")
    return _edit(call, message, {**_without(message.fields, *_TEXT), **fields})


@method("editMessageCaption")
def edit_caption(call: Call) -> Json:
    """Change the caption of a message with a file."""
    message = _editable(call)
    if message.fields.keys().isdisjoint(FOLDERS):
        raise bad_request("there is no caption in the message to edit")
    return _edit(call, message, {**_without(message.fields, *_CAPTION), **caption(call)})


@method("editMessageMedia")
def edit_media(call: Call) -> Json:
    """Change the file of a message."""
    message = _editable(call)
    item = call.params.structure("media") or {}
    kind = str(item.get("type"))
    if kind not in FOLDERS:
        raise bad_request("can't parse InputMedia")
    stored = read_file(call, kind, Params({kind: item.get("media")}, call.params.uploads), kind)
    words = Params({"caption": item.get("caption"), "parse_mode": item.get("parse_mode")})
    fields = media_fields(call.world, kind, stored) | caption(Call(call.world, call.bot, words))
    return _edit(call, message, fields)


@method("editMessageReplyMarkup")
def edit_markup(call: Call) -> Json:
    """Change the buttons under a message."""
    message = _editable(call)
    return _edit(call, message, message.fields)


@method("deleteMessage")
def delete_message(call: Call) -> bool:
    """Delete a message."""
    _delete(call, call.params.integer("message_id"))
    return True


@method("deleteMessages")
def delete_messages(call: Call) -> bool:
    """Delete up to 100 messages; those that are gone already are skipped."""
    for number in call.params.structure("message_ids") or []:
        message = writable_chat(call).messages.get(int(number))
        if message is not None and not message.deleted:
            _delete(call, int(number))
    return True


def _delete(call: Call, number: int) -> None:
    chat = writable_chat(call)
    message = find_message(chat, number, "message to delete not found")
    if message.sender != call.bot.id:
        require_admin(call, chat, "message can't be deleted")
    if time.time() - message.date > 48 * 3600:
        raise bad_request("message can't be deleted")
    message.deleted = True
    message.changed = call.world.stamp()
    call.world.touch(chat)


@method("answerCallbackQuery")
def answer_callback_query(call: Call) -> bool:
    """Stop the spinner on a pressed button and show a toast or an alert of at most 200 characters."""
    query = call.world.queries.get(call.params.text("callback_query_id"))
    late = query is None or query.bot is not call.bot or time.monotonic() - query.at > call.world.query_lifetime
    if query is None or late:
        raise bad_request(QUERY_TOO_OLD)
    text = call.params.text("text")
    if len(text) > 200:
        raise bad_request("MESSAGE_TOO_LONG")
    if not query.answered:
        query.answered = True
        toast: Json = {"person": query.person, "query": query.id, "text": text, "alert": call.params.flag("show_alert")}
        toast["changed"] = call.world.stamp()
        if call.params.has("url"):
            toast["url"] = call.params.text("url")
        query.chat.toasts.append(toast)
        call.world.touch(query.chat)
    return True


@method("answerPreCheckoutQuery")
def answer_pre_checkout_query(call: Call) -> bool:
    """Let a payment through or refuse it."""
    query = call.world.checkouts.pop(call.params.text("pre_checkout_query_id"), None)
    if query is None or query.bot is not call.bot:
        raise bad_request(QUERY_TOO_OLD)
    if call.params.flag("ok"):
        pay(call.world, query)
    else:
        words = call.params.text("error_message")
        toast = {"person": query.person, "query": query.id, "text": words, "alert": True}
        query.chat.toasts.append({**toast, "changed": call.world.stamp()})
        call.world.touch(query.chat)
    return True
