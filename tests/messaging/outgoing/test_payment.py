"""An invoice sent as a file and paid in the chat, over the Bot API: the sandbox plays the payer."""

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any

from aiogram import Router
from aiogram.types import TelegramObject
from sqlmodel import select

import bot.handlers.screens  # noqa: F401 - registers the buttons
from bot.billing.documents.models import Payment
from bot.clients.models import Account, ClientRole
from bot.db.engine import Database
from bot.handlers.client.documents import payments
from bot.handlers.client.documents import talk as documents
from bot.sandbox.client import SandboxClient
from tests.builders.bills import billed_firm, close
from tests.builders.jobs import person
from tests.builders.talk import detached
from tests.conftest import NOON, TestOffice
from tests.messaging.conftest import Planted

TOKEN = "381764678:TEST:1"


@contextmanager
def conversations() -> Iterator[Router]:
    """The product's routers for documents and payments, given back as they were."""
    mine = (documents.router, payments.router)
    whole = Router()

    async def named(
        handler: Callable[[TelegramObject, dict[str, Any]], Awaitable[Any]], event: TelegramObject, data: dict[str, Any]
    ) -> Any:
        return await handler(event, {**data, "provider_token": TOKEN})

    whole.callback_query.middleware(named)
    with detached(mine):
        whole.include_routers(*mine)
        yield whole


async def test_a_payer_pays_the_bill_and_the_receipt_is_kept(
    planted: Planted, sandbox: SandboxClient, database: Database
) -> None:
    office = TestOffice(database)
    payer = await sandbox.person("Фомина")
    with office.work() as uow:
        firm = billed_firm(uow, fee=1_500_000, unlimited=True)
        finance = person(uow.session, "Фомина", firm.company, ClientRole.FINANCE)
        account = uow.session.exec(select(Account).where(Account.person_id == finance)).one()
        uow.session.delete(account)
        uow.session.flush()
        uow.session.add(Account(user_id=payer.id, person_id=finance, linked_at=NOON))
    close(office)
    with conversations() as router:
        planted.start(lambda: router)
        await payer.says(planted.handle.id, "/documents")
        await payer.waits_for(planted.handle.id, "Выберите месяц")
        await payer.presses(planted.handle.id, "ноябрь 2026")
        await payer.waits_for(planted.handle.id, "К оплате")
        await payer.presses(planted.handle.id, "Счёт, PDF")
        await payer.waits_for(planted.handle.id, "Счёт №\u00a01")
        await payer.presses(planted.handle.id, "Оплатить")
        await payer.waits_for(planted.handle.id, button="Pay")
        await payer.presses(planted.handle.id, "Pay")
        await payer.waits_for(planted.handle.id, "получена")
        planted.stop()
    with database.read() as session:
        (payment,) = session.exec(select(Payment)).all()
        assert (payment.kopecks, payment.person_id) == (1_500_000, finance)
        assert payment.charge_id.startswith("sandbox-")
