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
from datetime import UTC, datetime
from itertools import count
from math import inf
from pathlib import Path
from time import process_time
from typing import Any

from aiogram.types import User
from sqlmodel import SQLModel, select

BOT_ID = 777
OPENING_ITSELF, CARD_ITSELF = "… the act itself", "… the card itself"
NOON = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
SINCE = datetime(2026, 1, 1, tzinfo=UTC)
CLIENT, ENGINEER = 700_001, 700_002  # accounts
CONTRACTS, OBJECTS, ITEMS = 3, 100, 1_500  # a decision of the first version froze 424 KB of them
HOMES = {  # where a name lives now, and where it lived in the first version
    "try_turn": ("bot.messaging.turns.lanes", "bot.messaging.lanes"),
    "upgrade": ("bot.db.schema.migrating", "bot.db.migrating"),
    "open_ticket": ("bot.tickets.opening.open", "bot.tickets.open_ticket"),
    "Draft": ("bot.tickets.opening.open", "bot.tickets.draft"),
    "card_of": ("bot.tickets.bill.card", "bot.tickets.cards"),
    "for_client": ("bot.tickets.bill.card", "bot.tickets.cards"),
    "render": ("bot.messaging.notices.texts", "bot.messaging.texts"),
}
EARLIER = {"card_of": "card_values"}  # names that have changed


def of_tree(name: str) -> Any:
    """A name of this tree, wherever it is here. Raises ModuleNotFoundError."""
    here, before = HOMES[name]
    try:
        return getattr(importlib.import_module(here), name)
    except ModuleNotFoundError:
        return getattr(importlib.import_module(before), EARLIER.get(name, name))


def tables() -> dict[str, Any]:
    """The classes of rows by table name: names of classes have changed, those of tables have not."""
    importlib.import_module("bot.tables")
    return {str(mapper.class_.__tablename__): mapper.class_ for mapper in SQLModel._sa_registry.mappers}


class House:
    """A database with the demo company grown large, and the conversations over it."""

    def __init__(self, folder: Path) -> None:
        """Migrate, furnish and fill."""
        importlib.import_module("bot.handlers.screens")
        from bot.app import App
        from bot.demo.furnish import furnish
        from bot.handlers.wiring import update_handler
        from bot.messaging.runner import Runner
        from bot.settings import Settings

        self.rows = tables()
        url = f"sqlite:///{folder / 'house.db'}"
        app = App(Settings(bot_token=f"{BOT_ID}:{'x' * 35}", database_url=url, kb_encoder="off"), clock=lambda: NOON)
        self.database, self.office = app.database, app.office
        of_tree("upgrade")(self.database)
        furnish(self.database, lambda: NOON)
        idle = Runner()
        idle.stop()  # what the conversations start in the background ends at once
        me = User(id=BOT_ID, is_bot=True, first_name="Firstline", username="firstline_bot")
        self.handler = update_handler(app.settings, app.office, me, idle)
        self._numbers = count(1)
        self._fill()

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

    def opening(self, thing: int) -> float:
        """Milliseconds of processor time that the opening itself takes: the act and its cards, in a transaction."""
        draft = of_tree("Draft")(
            company_id=self.company,
            object_id=thing,
            contract_id=self.contract.id,
            requester_id=self.owner,
            description="Не печатает чеки",
        )
        open_ticket = of_tree("open_ticket")
        started = process_time()
        with self.office.work() as uow:
            open_ticket(uow, draft, self.owner)
        return (process_time() - started) * 1000

    def card(self, ticket_id: int) -> float:
        """Milliseconds of processor time that a card itself takes: what it shows is read and put into words."""
        card_of, for_client, render = map(of_tree, ("card_of", "for_client", "render"))
        started = process_time()
        with self.office.work() as uow:
            ticket = uow.session.get(self.rows["ticket"], ticket_id)
            shown = for_client(uow.session, ticket, card_of(uow.session, ticket, uow.now))
            values = {"subject": shown} if not isinstance(shown, dict) else shown  # the first version had no subjects
            words = render("ticket/card", "ru", **values)
        took = (process_time() - started) * 1000
        assert "Не печатает чеки" in words, words
        return took

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
    yield OPENING_ITSELF, lambda: house.opening(next(things))
    yield "a card", lambda: house.press(CLIENT, f"v1co:{house.last_ticket()}")
    yield CARD_ITSELF, lambda: house.card(house.last_ticket())
    yield "a page of prices", lambda: house.press(CLIENT, f"v1dl:{house.company}:0")
    yield "a list of ceilings", lambda: house.press(CLIENT, f"v1gl:{house.company}:0")


def main(times: int) -> None:
    """The least that each screen took of some times: others on the machine only add to it."""
    with tempfile.TemporaryDirectory() as folder:
        house = House(Path(folder))
        gc.collect()
        gc.freeze()
        gc.set_threshold(50_000, 20, 20)
        acts = dict(screens(house))
        found = dict.fromkeys(acts, inf)
        for _ in range(times):  # in turns: the contract's hours run out, and openings that offer a price cost more
            for name, act in acts.items():
                found[name] = min(found[name], act())
        print(json.dumps(found))
        house.database.dispose()


if __name__ == "__main__":
    main(int(sys.argv[1]))
