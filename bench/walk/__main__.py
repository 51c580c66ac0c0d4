"""One message and one rouble through the house: which functions they touch, in the order of first touch.

`python -m bench.walk` plays both over the real code and counts; `docs/walk.md` tells what happens on the way, and what
it names must run here.

The message is a question with slips of the pen, from Telegram's server in the sandbox to the answer there. Another
client has asked the same before, so that what is made once (the base in memory, templates) isn't counted, and words
alone answer: the encoder works in a thread of its own. The rouble is an engineer's hour on a ticket that the contract
doesn't cover, by the domain's own acts from the opening to the invoice; nobody is told, as that is the message's way.

Counted are files of `bot/` with a function that ran, and these functions; what is defined inside one counts as it.
"""

import argparse
import asyncio
import logging
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import CodeType, FrameType

import structlog
from sqlmodel import select

from bench.walk.page import PAGE, named
from bot.billing.documents.models import Document
from bot.billing.quotes.models import Quote
from bot.db.engine import Database
from bot.db.schema.migrating import upgrade
from bot.demo.cast import gets_acquainted
from bot.demo.house import bot_in, demo_clock, until_quiet
from bot.demo.stage import PATIENCE, Actor, Stage
from bot.demo.transcript import Unwritten
from bot.messaging.outgoing.delivery import SWEEP_EVERY
from bot.sandbox.client import SandboxClient
from bot.sandbox.server import serve_in_thread
from bot.tickets.dispatch.take import start_work, take_ticket
from bot.tickets.month.close import close_period
from bot.tickets.offers.answer import approve_paid_work
from bot.tickets.work.accept import accept_work
from bot.tickets.work.finish import finish_work, say_time
from tests.builders.bills import AFTER_NOVEMBER, NOVEMBER, PRESS, billed_firm
from tests.builders.jobs import opened
from tests.conftest import TestOffice

HOUSE = Path(__file__).resolve().parents[2] / "bot"
BESIDE = ("demo", "sandbox")  # they stand for Telegram and its people
OF_MESSAGE = ("intake", "lane-", "delivery")  # not the ticker's and the web's, for which nobody waits here


@dataclass
class Trail:
    """What threads of these names touched: steps with the functions that each touched first, as `path: name`."""

    threads: tuple[str, ...]
    steps: dict[str, list[str]] = field(default_factory=dict)
    _codes: set[CodeType] = field(default_factory=set)
    _seen: set[str] = field(default_factory=set)
    _step: str | None = None

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """What runs in the block, here or in a thread that began in `follows`, belongs to this step."""
        self._step = name
        self.steps.setdefault(name, [])
        sys.setprofile(self._look)
        try:
            yield
        finally:
            sys.setprofile(None)
            self._step = None

    @contextmanager
    def follows(self) -> Iterator[None]:
        """Threads that begin in the block are looked at."""
        threading.setprofile(self._look)
        try:
            yield
        finally:
            threading.setprofile(None)

    def _look(self, frame: FrameType, event: str, _argument: object) -> None:
        if not threading.current_thread().name.startswith(self.threads):
            sys.setprofile(None)
        elif event == "call" and self._step is not None and frame.f_code not in self._codes:
            self._codes.add(frame.f_code)
            self._note(frame.f_code, self._step)

    def _note(self, code: CodeType, step: str) -> None:
        path = Path(code.co_filename)
        if path.suffix != ".py" or not path.is_relative_to(HOUSE) or path.relative_to(HOUSE).parts[0] in BESIDE:
            return
        name = f"{path.relative_to(HOUSE.parent)}: {code.co_qualname.partition('.<locals>')[0]}"
        if not name.endswith("<module>") and name not in self._seen:
            self._seen.add(name)
            self.steps[step].append(name)

    def show(self, title: str, *, each: bool) -> bool:
        """The figures, and with `each` the list; whether all that the page names has run."""
        ran = [name for found in self.steps.values() for name in found]
        told = named(title)
        print(f"{title}: {_files(ran)} files, {len(ran)} functions; in the walk {_files(told)} and {len(told)}")
        for step, found in self.steps.items() if each else ():
            print(f"  {step}")
            for name in found:
                print(f"    {name}")
        missing = [name for name in told if name not in self._seen]
        for name in missing:
            print(f"  named in {PAGE.name}, and did not run: {name}")
        return not missing


def _files(names: list[str]) -> int:
    return len({name.partition(":")[0] for name in names})


async def message(trail: Trail, folder: Path) -> None:
    """A question and its answer, over HTTP."""
    with serve_in_thread() as server:
        async with SandboxClient(server.url) as sandbox:
            bot = await sandbox.bot("Сервис-Линия")
            with trail.follows():
                async with bot_in(f"sqlite:///{folder}/message.db", bot, demo_clock(), encoder=False) as app:
                    stage = Stage(sandbox, bot, Unwritten(), lambda: until_quiet(app, bot, PATIENCE))
                    yulia = await stage.enters("Юлия Соколова", "клиент", "+79002000008")
                    pavel = await stage.enters("Павел Гусев", "клиент", "+79002000003")
                    for actor in (yulia, pavel):
                        await gets_acquainted(actor)
                    await _asks(stage, yulia)
                    with trail.step("a question and its answer"):
                        await _asks(stage, pavel)
                        await asyncio.sleep(SWEEP_EVERY)  # delivery's own round of what was left lying


async def _asks(stage: Stage, actor: Actor) -> None:
    await actor.says("принтер мнет бумгу")
    await actor.sees("Замяло бумагу")
    await stage.quiet()


def rouble(trail: Trail, folder: Path) -> None:
    """An hour of work, from the opened ticket to the lines of the invoice."""
    database = Database(f"sqlite:///{folder}/rouble.db")
    upgrade(database)
    office = TestOffice(database)
    with office.work() as uow:
        firm = billed_firm(uow)
    with trail.step("the ticket is opened: is it covered, what does it cost"), office.work() as uow:
        number = opened(uow, firm).id or 0
    with trail.step("the client says yes"), office.work() as uow:
        quote = uow.session.exec(select(Quote).where(Quote.ticket_id == number)).one()
        approve_paid_work(uow, quote.id or 0, 1, firm.approver, PRESS)
    with office.work() as uow:
        take_ticket(uow, number, firm.engineer)
        start_work(uow, number, firm.engineer)
    with trail.step("the engineer says the time and hands the work over"), office.work() as uow:
        say_time(uow, number, 50, "по факту", firm.engineer)
        finish_work(uow, number, firm.engineer)
    with trail.step("the client accepts: the time is booked"), office.work() as uow:
        accept_work(uow, number, firm.requester)
    office.moment = AFTER_NOVEMBER
    with trail.step("the month is closed: statement, invoice, debt"):
        list(close_period(office, NOVEMBER))
    with database.read() as session:
        assert session.exec(select(Document.gross)).first(), "no invoice came of it"
    database.dispose()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--each", action="store_true", help="name every function")
    each = parser.parse_args().each
    logging.disable(logging.WARNING)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    with tempfile.TemporaryDirectory() as folder:
        asked, billed = Trail(OF_MESSAGE), Trail(("MainThread",))
        asyncio.run(message(asked, Path(folder)))
        rouble(billed, Path(folder))
    held = [asked.show("One message", each=each), billed.show("One rouble", each=each)]
    return 0 if all(held) else 1


if __name__ == "__main__":
    sys.exit(main())
