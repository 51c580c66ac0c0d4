"""A card longer than a message: each part keeps its own message, and the newest state alone is seen."""

from typing import Any

import pytest
from sqlmodel import col, select

from bot.db.unit_of_work import Envelope, UnitOfWork
from bot.messaging.notices.telling import Address
from bot.messaging.outgoing import cards, outbox
from bot.messaging.outgoing.models import Card, Outbox, OutboxState
from bot.messaging.outgoing.outbox import Priority
from bot.sandbox.client import SandboxClient
from bot.telegram.ids import bot as telegram_bot
from bot.telegram.showing.rendering import TelegramRenderer
from bot.tickets.intake.passing import StaffAnswer
from bot.tickets.life.topics import ticket_of_key
from tests.messaging.conftest import Planted
from tests.messaging.outgoing.test_repairs import silent

KEY = "ticket:7"


def lines(name: str, count: int) -> str:
    return "\n".join(f"{name} {number}: " + "замена блока " * 8 for number in range(1, count + 1))


async def shown(planted: Planted, chat: int, *states: str, priority: Priority = Priority.NOTICE) -> None:
    """Bring the card of a chat to each of these states before the first one leaves."""
    app = planted.apps[-1]
    messenger = TelegramRenderer(planted.handle.id, lambda *_: None)
    with app.office.work() as uow:
        for text in states:
            post(messenger, uow, chat, text, priority)
    app.outgoing.ring()
    await planted.sends_all()


async def seen(planted: Planted, person: Any) -> str:
    """All that the person sees of the bot, in the order of the chat."""
    return "\n".join(message.text for message in await person.sees(planted.handle) if not message.mine)


@pytest.mark.parametrize("at_once", [False, True])
async def test_each_part_has_its_message_and_a_newer_state_leaves_nothing_of_an_older(
    planted: Planted, sandbox: SandboxClient, at_once: bool
) -> None:
    anna = await sandbox.person("Анна")
    await anna.says(planted.handle, "здравствуйте")
    app = planted.start(silent, only=("deliver",))
    states = [lines("работа", 90), lines("строка", 60), lines("итог", 2), lines("снова", 60)]
    for state in [states] if at_once else [[each] for each in states]:
        await shown(planted, anna.id, *state)
        text = await seen(planted, anna)
        for name, count in (("работа", 90), ("строка", 60), ("итог", 2), ("снова", 60)):
            newest = state[-1].startswith(name)
            assert [text.count(f"{name} {number}: ") for number in range(1, count + 1)] == [int(newest)] * count
        numbers = [int(line.split()[1][:-1]) for line in text.splitlines() if "замена" in line]
        assert numbers == sorted(numbers)
    with app.database.read() as session:
        kept = {card.card_key: card.message_id for card in session.exec(select(Card)).all()}
        assert kept == cards.shown_in(session, telegram_bot(planted.handle.id), anna.id, KEY)
        assert sorted(kept) == [KEY, f"{KEY}#2"]
        assert {ticket_of_key(key) for key in kept} == {7}


async def test_a_part_that_waits_while_a_newer_state_goes_first_is_not_sent_after_it(
    planted: Planted, sandbox: SandboxClient
) -> None:
    boris = await sandbox.person("Борис")
    group = await sandbox.group("Инженеры", boris, planted.handle)
    app = planted.start(silent, only=())
    await shown_later(planted, group.id, lines("старая", 60), Priority.TALK)
    await shown_later(planted, group.id, "новая", Priority.NOTICE)
    with app.office.work() as uow:
        rows = uow.session.exec(select(Outbox).order_by(col(Outbox.id))).all()
        assert [row.card_key for row in rows] == [KEY, f"{KEY}#2", KEY]
        rows[2].state = OutboxState.SENT
        assert [outbox.overtaken(uow.session, row) for row in rows] == [True, True, False]


async def shown_later(planted: Planted, chat: int, text: str, priority: Priority) -> None:
    messenger = TelegramRenderer(planted.handle.id, lambda *_: None)
    with planted.apps[-1].office.work() as uow:
        post(messenger, uow, chat, text, priority)


def post(messenger: TelegramRenderer, uow: UnitOfWork, chat: int, text: str, priority: Priority) -> None:
    said = StaffAnswer("Пётр", text, [])
    address = Address(chat, card_key=KEY)
    messenger.post(uow, address, "appeal/answer", said, Envelope(), priority=priority, not_before=None)
