"""Some screens over a large company, in this process and this tree's code: milliseconds of processor time as JSON.

Run by `bench.screens` in a process of each tree. An earlier tree has its classes in other modules, so they are looked
for where each tree has them; tables, presses and the shipped demo company are the same in both.
"""

import asyncio
import gc
import importlib
import json
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import fields
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from time import process_time
from typing import Any

from aiogram import Dispatcher
from aiogram.types import User
from sqlmodel import SQLModel, select

BOT_ID = 777
NOON = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
SINCE = datetime(2026, 1, 1, tzinfo=UTC)
CLIENT, ENGINEER = 700_001, 700_002  # accounts
CONTRACTS, OBJECTS, ITEMS = 3, 100, 1_500  # a decision of the first version froze 424 KB of them
HOMES = {  # where a name lives now, and where it lived in the first version
    "Notices": ("bot.messaging.notices.telling", "bot.messaging.notices"),
    "LineReader": ("bot.handlers.client.questions.reading", "bot.handlers.client.reading"),
    "record_update": ("bot.handlers.common.recording", "bot.handlers.client.recording"),
    "LivingBase": ("bot.kb.index.living", "bot.kb.living"),
    "try_turn": ("bot.messaging.turns.lanes", "bot.messaging.lanes"),
    "UpdateHandler": ("bot.telegram.turns.dispatching", "bot.telegram.dispatching"),
    "run_filters_inline": ("bot.telegram.turns.dispatching", "bot.telegram.inline"),
    "TelegramRenderer": ("bot.telegram.showing.rendering", "bot.telegram.rendering:TelegramMessenger"),
    "capturing_bot": ("bot.telegram.turns.session", "bot.telegram.session"),
    "TurnStorage": ("bot.telegram.turns.storage", "bot.telegram.storage"),
    "upgrade": ("bot.db.schema.migrating", "bot.db.migrating"),
    "quiet_hours": ("bot.clients.policy", ""),
    "begin": ("bot.handlers.common.conversation", ""),
    "language_in": ("bot.handlers.common.conversation", ""),
}


def of_tree(name: str) -> Any:
    """A name of this tree; None where the tree has no such thing."""
    for home in HOMES[name]:
        module, _, alias = home.partition(":")
        try:
            return getattr(importlib.import_module(module), alias or name)
        except (ImportError, AttributeError, ValueError):
            continue
    return None


def tables() -> dict[str, Any]:
    """The classes of rows by table name: names of classes have changed, those of tables have not."""
    importlib.import_module("bot.tables")
    return {str(mapper.class_.__tablename__): mapper.class_ for mapper in SQLModel._sa_registry.mappers}


class House:
    """A database with the demo company grown large, and the conversations over it."""

    def __init__(self, folder: Path) -> None:
        """Migrate, furnish and fill."""
        importlib.import_module("bot.handlers.screens")
        from bot.db.engine import Database
        from bot.db.unit_of_work import Office
        from bot.demo.furnish import furnish

        self.rows = tables()
        self.database = Database(f"sqlite:///{folder / 'house.db'}")
        of_tree("upgrade")(self.database)
        furnish(self.database, lambda: NOON)
        renderer = of_tree("TelegramRenderer")(BOT_ID)
        quiet = of_tree("quiet_hours")
        notices = of_tree("Notices")
        teller = notices(lambda: renderer, quiet) if quiet is not None else notices(lambda: renderer)
        self.office = Office(self.database, teller, lambda: NOON)
        self.handler = self._handler()
        self._numbers = count(1)
        self._fill()

    def _handler(self) -> Any:
        from bot.handlers.conversations import chat_timers, routers

        dispatcher = Dispatcher(storage=of_tree("TurnStorage")())
        dispatcher.include_routers(*routers())
        of_tree("run_filters_inline")(dispatcher)
        kind = of_tree("UpdateHandler")
        me = User(id=BOT_ID, is_bot=True, first_name="Firstline", username="firstline_bot")
        parts = {
            "bot": of_tree("capturing_bot")(f"{BOT_ID}:{'x' * 35}", me),
            "dispatcher": dispatcher,
            "read_line": of_tree("LineReader")(self.office, of_tree("LivingBase")(self.database, make_encoder=None)),
            "record": of_tree("record_update"),
            "chat_timers": chat_timers(),
            "begin": of_tree("begin"),
            "language_in": of_tree("language_in"),
        }
        wanted = {field.name for field in fields(kind)}
        return kind(**{name: part for name, part in parts.items() if name in wanted})

    def _fill(self) -> None:
        row = self.rows
        with self.database.write() as session:

            def one(table: str, **values: Any) -> Any:
                return session.exec(select(row[table]).filter_by(**values)).one()

            self.company = one("company", code="romashka").id
            self.owner, self.engineer = one("person", code="orlova").id, one("person", code="eng-1").id
            for user_id, person in ((CLIENT, self.owner), (ENGINEER, self.engineer)):
                session.add(row["account"](user_id=user_id, person_id=person, linked_at=SINCE))
                session.add(
                    row["consent"](person_id=person, user_id=user_id, text_version="1", text_hash="", given_at=SINCE)
                )
            self.contract = one("contract", number="СЛ-2025/014")
            self.contract.covers_all = True
            for number in range(1, CONTRACTS):
                values = self.contract.model_dump(exclude={"id"}) | {"number": f"B-{number}", "covers_all": False}
                session.add(row["contract"](**values))
            site = one("site", code="tverskaya").id
            things = [
                row["serviceobject"](
                    company_id=self.company,
                    site_id=site,
                    code=f"B-{number}",
                    kind="касса",
                    model=f"Касса {number:03}",
                )
                for number in range(OBJECTS)
            ]
            session.add_all(things)
            base = one("pricelist", code="base").id
            for number in range(ITEMS):
                code = f"B-{number:04}"
                session.add(row["workitem"](code=code, name=f"Работа {number}"))
                session.add(row["priceline"](list_id=base, item_code=code, kopecks=100_000 + number))
            session.flush()
            self.things = [thing.id for thing in things]
            for thing in self.things:
                given = {"kopecks": 500_000, "granted_by": self.owner, "granted_at": SINCE}
                session.add(row["ceiling"](company_id=self.company, object_id=thing, **given))

    def drafted(self, thing: int) -> int:
        """An appeal that has its object and its words, ready to be sent."""
        with self.database.write() as session:
            appeal = self.rows["appeal"](
                person_id=self.owner, company_id=self.company, object_id=thing, started_at=NOON, last_at=NOON
            )
            session.add(appeal)
            session.flush()
            said = {"text": "Не печатает чеки", "sent_at": NOON, "person_id": self.owner}
            session.add(self.rows["message"](appeal_id=appeal.id, **said))
            return int(appeal.id)

    def last_ticket(self) -> int:
        """The newest ticket's id."""
        with self.database.read() as session:
            ticket = self.rows["ticket"]
            return int(session.exec(select(ticket.id).order_by(ticket.id.desc()).limit(1)).one())

    def press(self, user_id: int, data: str) -> float:
        """Milliseconds of processor time that one press takes, from its row in the inbox to its answers' rows."""
        number = next(self._numbers)
        sender = {"id": user_id, "is_bot": False, "first_name": "Анна", "language_code": "ru"}
        below = {
            "message_id": 5,
            "date": 1_790_000_000,
            "chat": {"id": user_id, "type": "private"},
            "text": "x",
        }
        press = {"id": str(number), "from": sender, "chat_instance": "1", "data": data, "message": below}
        with self.office.work() as uow:
            payload = {"update_id": number, "callback_query": press}
            row = self.rows["inbox"](
                bot_id=BOT_ID, update_id=number, chat_id=user_id, payload=payload, received_at=uow.now
            )
            uow.session.add(row)
        with self.database.read() as session:
            row = session.get(self.rows["inbox"], row.id)
        started = process_time()
        asyncio.run(self._turn(row))
        took = (process_time() - started) * 1000
        self._answered(number)
        return took

    async def _turn(self, row: Any) -> None:
        await of_tree("try_turn")(self.office, self.handler, row)

    def _answered(self, number: int) -> None:
        """A press that was refused costs nothing, and would flatter."""
        with self.database.read() as session:
            calls = session.exec(select(self.rows["outbox"]).order_by(self.rows["outbox"].id.desc()).limit(20)).all()
        answers = [call.params for call in calls if call.params.get("callback_query_id") == str(number)]
        assert answers, "no answer to the press"
        assert not answers[0].get("show_alert"), answers[0]


def screens(house: House) -> Iterator[tuple[str, Callable[[], float]]]:
    """What is measured, by its name."""
    things = iter(house.things)
    drafts = (house.drafted(thing) for thing in things)
    yield "opening a ticket", lambda: house.press(CLIENT, f"v1bs:{next(drafts)}")
    yield "a card", lambda: house.press(CLIENT, f"v1co:{house.last_ticket()}")
    yield "a page of prices", lambda: house.press(CLIENT, f"v1dl:{house.company}:0")
    yield "a list of ceilings", lambda: house.press(CLIENT, f"v1gl:{house.company}:0")


def main(times: int) -> None:
    """The least that each screen took of some times: others on the machine only add to it."""
    with tempfile.TemporaryDirectory() as folder:
        house = House(Path(folder))
        gc.collect()
        gc.freeze()
        gc.set_threshold(50_000, 20, 20)
        found = {}
        for name, act in screens(house):
            found[name] = min(act() for _ in range(times))
        print(json.dumps(found))
        house.database.dispose()


if __name__ == "__main__":
    main(int(sys.argv[1]))
