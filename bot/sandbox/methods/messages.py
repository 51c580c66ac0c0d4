"""Methods that put messages into chats: text, copies, forwards, places, contacts, invoices."""

from __future__ import annotations

import copy

from bot.sandbox.markup.entities import caption_text, message_text
from bot.sandbox.markup.keyboards import read_markup
from bot.sandbox.methods.call import Call, find_chat, find_message, find_thread, method, writable_chat
from bot.sandbox.world.refusals import Json, bad_request
from bot.sandbox.world.render import chat_json, message_json, user_json
from bot.sandbox.world.state import Chat, Message


def reply_target(call: Call, chat: Chat) -> Message | None:
    """The message that the call answers. Raises Refusal if it is gone and the bot insists on it."""
    parameters = call.params.structure("reply_parameters") or {}
    number = int(parameters.get("message_id") or call.params.integer("reply_to_message_id"))
    if not number:
        return None
    target = chat.messages.get(number)
    if target is None or target.deleted:
        if parameters.get("allow_sending_without_reply") or call.params.flag("allow_sending_without_reply"):
            return None
        raise bad_request("message to be replied not found")
    return target


def place(call: Call) -> tuple[Chat, int | None, Message | None, Json | None, Json | None]:
    """Where a call writes: chat, topic, what it replies to, inline keyboard, reply keyboard. Raises Refusal."""
    chat = writable_chat(call)
    admin = chat.private or chat.members[call.bot.id].status == "administrator"
    thread = find_thread(chat, call.params.integer("message_thread_id"), admin)
    inline, keyboard = read_markup(call.params, chat.private)
    return chat, thread, reply_target(call, chat), inline, keyboard


def post(call: Call, fields: Json) -> Message:
    """Put a bot's message into the chat of the call. Raises Refusal."""
    chat, thread, reply_to, inline, keyboard = place(call)
    return put(call, chat, fields, thread, reply_to, inline, keyboard)


def put(
    call: Call,
    chat: Chat,
    fields: Json,
    thread: int | None,
    reply_to: Message | None,
    inline: Json | None = None,
    keyboard: Json | None = None,
) -> Message:
    """Put a bot's message into a chat whose rights are checked already."""
    if call.params.flag("protect_content"):
        fields["has_protected_content"] = True
    message = call.world.add_message(chat, call.bot.id, fields)
    message.thread = thread
    message.reply_to = reply_to
    message.inline = inline
    if keyboard is not None:
        message.keyboard = keyboard
        chat.keyboard = None if keyboard.get("remove_keyboard") else keyboard
    chat.action = None
    call.world.touch(chat)
    return message


def caption(call: Call) -> Json:
    """Caption fields of a call. Raises Refusal."""
    params = call.params
    return caption_text(params.text("caption"), params.text("parse_mode"), params.structure("caption_entities"))


@method("sendMessage")
def send_message(call: Call) -> Json:
    """Send a text of at most 4096 UTF-16 units after parsing."""
    params = call.params
    chat, thread, reply_to, inline, keyboard = place(call)
    fields = message_text(params.text("text"), params.text("parse_mode"), params.structure("entities"))
    return message_json(call.world, put(call, chat, fields, thread, reply_to, inline, keyboard))


@method("sendLocation")
def send_location(call: Call) -> Json:
    """Send a point on the map."""
    latitude, longitude = call.params.number("latitude"), call.params.number("longitude")
    return message_json(call.world, post(call, {"location": {"latitude": latitude, "longitude": longitude}}))


@method("sendVenue")
def send_venue(call: Call) -> Json:
    """Send a place with its name and address."""
    params = call.params
    location = {"latitude": params.number("latitude"), "longitude": params.number("longitude")}
    venue = {"location": location, "title": params.text("title"), "address": params.text("address")}
    return message_json(call.world, post(call, {"venue": venue, "location": location}))


@method("sendContact")
def send_contact(call: Call) -> Json:
    """Send a phone number with a name."""
    contact = {"phone_number": call.params.text("phone_number"), "first_name": call.params.text("first_name")}
    if not contact["phone_number"] or not contact["first_name"]:
        raise bad_request(
            "phone number or first name is empty" if not contact["first_name"] else "phone number is empty"
        )
    if call.params.has("last_name"):
        contact["last_name"] = call.params.text("last_name")
    return message_json(call.world, post(call, {"contact": contact}))


@method("sendInvoice")
def send_invoice(call: Call) -> Json:
    """Send an invoice that a person can pay in the sandbox."""
    params = call.params
    prices = params.structure("prices")
    if not isinstance(prices, list) or not prices:
        raise bad_request("there must be at least one price")
    total = sum(int(price["amount"]) for price in prices)
    invoice = {
        "title": params.text("title"),
        "description": params.text("description"),
        "start_parameter": params.text("start_parameter"),
        "currency": params.text("currency"),
        "total_amount": total,
    }
    if not invoice["title"] or not invoice["description"]:
        raise bad_request("INVOICE_TITLE_EMPTY" if not invoice["title"] else "INVOICE_DESCRIPTION_EMPTY")
    if total <= 0:
        raise bad_request("CURRENCY_TOTAL_AMOUNT_INVALID")
    message = post(call, {"invoice": invoice})
    if message.inline is None:
        message.inline = {"inline_keyboard": [[{"text": "Pay", "pay": True}]]}
    call.world.invoices[message.chat.id, message.id] = params.text("payload")
    return message_json(call.world, message)


def source_message(call: Call, words: str) -> Message:
    """The message that a call copies or forwards. Raises Refusal."""
    chat = find_chat(call, "from_chat_id")
    message = find_message(chat, call.params.integer("message_id"), words)
    if message.service:
        raise bad_request("the message can't be copied" if "copy" in words else "the message can't be forwarded")
    return message


def forward_origin(call: Call, message: Message) -> Json:
    """`forward_origin` of a message that is passed on."""
    if "forward_origin" in message.fields:
        return dict(message.fields["forward_origin"])
    if message.anonymous:
        return {"type": "chat", "date": message.date, "sender_chat": chat_json(call.world, message.chat)}
    return {"type": "user", "date": message.date, "sender_user": user_json(call.world, message.sender)}


@method("forwardMessage")
def forward_message(call: Call) -> Json:
    """Pass a message on with its author."""
    source = source_message(call, "message to forward not found")
    fields = {k: v for k, v in copy.deepcopy(source.fields).items() if k != "media_group_id"}
    fields["forward_origin"] = forward_origin(call, source)
    return message_json(call.world, post(call, fields))


@method("copyMessage")
def copy_message(call: Call) -> Json:
    """Pass a message on without its author, with another caption if one is given."""
    source = source_message(call, "message to copy not found")
    dropped = ("media_group_id", "forward_origin")
    fields = {k: v for k, v in copy.deepcopy(source.fields).items() if k not in dropped}
    if call.params.has("caption"):
        fields = {k: v for k, v in fields.items() if k not in ("caption", "caption_entities")} | caption(call)
    return {"message_id": post(call, fields).id}
