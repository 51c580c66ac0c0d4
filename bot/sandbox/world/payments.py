"""A person pays an invoice."""

from __future__ import annotations

import time

from bot.sandbox.world.refusals import Json
from bot.sandbox.world.render import user_json
from bot.sandbox.world.state import Bot, Message, Query, World
from bot.sandbox.world.updates import give, publish


def begin_payment(world: World, bot: Bot, person: int, message: Message) -> str:
    """Ask the bot whether the payment of an invoice may go on. Returns the id of the question."""
    invoice = message.fields["invoice"]
    number = str(world.fresh() + 4_000_000_000_000)
    value: Json = {
        "id": number,
        "from": user_json(world, person),
        "currency": invoice["currency"],
        "total_amount": invoice["total_amount"],
        "invoice_payload": world.invoices[message.chat.id, message.id],
    }
    world.checkouts[number] = Query(number, bot, person, message.chat, time.monotonic(), value)
    give(bot, "pre_checkout_query", value)
    return number


def pay(world: World, query: Query) -> None:
    """Put the service message about a payment into the chat and tell the bot."""
    paid: Json = {
        "currency": query.update["currency"],
        "total_amount": query.update["total_amount"],
        "invoice_payload": query.update["invoice_payload"],
        "telegram_payment_charge_id": f"sandbox-{query.id}",
        "provider_payment_charge_id": f"provider-{query.id}",
    }
    publish(world, world.add_message(query.chat, query.person, {"successful_payment": paid}))
