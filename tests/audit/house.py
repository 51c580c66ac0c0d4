"""The running bot over the sandbox, with a clock that the audit moves, and people who press its buttons."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from pathlib import Path
from time import monotonic
from zoneinfo import ZoneInfo

from openpyxl import load_workbook

from bot.app import App
from bot.billing.seller.particulars import seller_of
from bot.billing.statements.start import begin_billing
from bot.cli.importing import Silent
from bot.db.engine import Database
from bot.db.unit_of_work import Office
from bot.demo.house import until_quiet
from bot.demo.stage import plain
from bot.handlers.conversations import routers
from bot.imports.bring_in import bring_in
from bot.sandbox.client import BotHandle, Group, Person, Pressed, SandboxClient, Seen
from bot.sandbox.server import Sandbox
from bot.settings import Settings
from tests.audit.firm import Regime, Terms, phone_of, write_calls, write_firm, write_no_debts
from tests.builders.talk import detached

MOSCOW = ZoneInfo("Europe/Moscow")
PATIENCE = 120.0
SHOWN = 6


@dataclass
class Clock:
    """Goes on by itself, and is moved forward by the audit."""

    start: datetime
    began: float = field(default_factory=monotonic)

    def __call__(self) -> datetime:
        return self.start + timedelta(seconds=monotonic() - self.began)

    def show(self, moment: datetime) -> None:
        """Show this moment from now on; never an earlier one."""
        self.start, self.began = max(moment, self()), monotonic()


@dataclass
class House:
    """One office with its clients, seen from their chats only."""

    app: App
    bot: BotHandle
    sandbox: SandboxClient
    clock: Clock
    folder: Path
    engineer: Person
    boss: Person
    group: Group
    owners: dict[str, Person]
    phones: dict[str, str]
    calls: int = 0
    last: Pressed | None = None
    books: list[Callable[[date], None]] = field(default_factory=list)

    @property
    def today(self) -> date:
        """The day in Moscow."""
        return self.clock().astimezone(MOSCOW).date()

    async def until(self, day: date, hour: int = 10, minute: int = 0) -> None:
        """Move the clock to an hour of a day in Moscow, and let everything that is due happen."""
        self.clock.show(datetime(day.year, day.month, day.day, hour, minute, tzinfo=MOSCOW).astimezone(UTC))
        await self.quiet()
        for each in self.books:
            each(self.today)

    async def everybody_pays(self) -> None:
        """Accounting's report says that no invoice is owed any more."""
        folder = write_no_debts(self.folder / f"no-debts-{self.today}")
        await asyncio.to_thread(self.imports, folder)
        await self.quiet()

    async def quiet(self) -> None:
        """Wait until nothing is left to do at this moment."""
        await until_quiet(self.app, self.bot, PATIENCE, timers=True)

    async def says(self, who: Person, text: str) -> None:
        """Write a line to the bot."""
        await who.says(self.bot, text)
        await self.quiet()

    async def presses(
        self, who: Person, label: str, ticket: int | None = None, nth: int = 0, group: bool = False
    ) -> str:
        """Press a button of the newest message that has it (about a ticket); returns that message's text."""
        peer = self.group if group else self.bot
        shown = await who.sees(peer)
        found = [each for each in shown if any(label in one for one in each.labels) and _about(each, ticket)]
        if not found:
            last = "\n".join(
                f"  {'>' if each.mine else '<'} {plain(each.text)!r} {each.labels}" for each in shown[-SHOWN:]
            )
            raise AssertionError(f"{who.first_name} has no button «{label}» about {ticket}:\n{last}")
        message = max(found, key=lambda each: each.changed)
        labels = [one for one in message.labels if label in one]
        button = [
            one for row in message.raw["reply_markup"]["inline_keyboard"] for one in row if one["text"] in labels
        ][nth]
        self.last = await who.presses(peer, data=button["callback_data"], on=message)
        await self.quiet()
        return plain(message.text)

    async def newest(self, who: Person, *words: str, ticket: int | None = None) -> str:
        """The newest message of the bot with these words. Raises AssertionError."""
        shown = [each for each in await who.sees(self.bot) if not each.mine and _about(each, ticket)]
        found = [each for each in shown if all(word in plain(each.text) for word in words)]
        if not found:
            raise AssertionError(f"{who.first_name} sees nothing of {words}: {[plain(e.text) for e in shown[-SHOWN:]]}")
        return plain(max(found, key=lambda each: each.changed).text)

    # clients

    async def opens(self, code: str, words: str, *, urgent: bool = False) -> int:
        """A new ticket; returns its number."""
        owner = self.owners[code]
        await self.says(owner, "📝 Новая заявка")
        await self.says(owner, words)
        if any("Нет, новая заявка" in label for label in (await owner.sees(self.bot))[-1].labels):
            await self.presses(owner, "Нет, новая заявка")
        if urgent:
            await self.presses(owner, "🔥 Срочно, всё стоит")
        await self.presses(owner, "✅ Отправить")
        found = re.search(r"№ (\d+)", await self.newest(owner, "№"))
        assert found is not None
        return int(found[1])

    async def approves(self, code: str, ticket: int) -> str:
        """The newest quote of the ticket; returns its text."""
        return await self.presses(self.owners[code], "✅ Согласовать", ticket)

    async def declines(self, code: str, ticket: int) -> str:
        return await self.presses(self.owners[code], "✖️ Отказаться", ticket)

    async def accepts(self, code: str, ticket: int) -> str:
        return await self.presses(self.owners[code], "✅ Принять", ticket)

    async def disputes(self, code: str, ticket: int, line: str, nth: int = 0) -> None:
        await self.presses(self.owners[code], "⚠️ Есть вопрос", ticket)
        await self.presses(self.owners[code], line, ticket, nth)
        await self.says(self.owners[code], "этого не было")

    async def reopens(self, code: str, ticket: int) -> None:
        await self.presses(self.owners[code], "🔁 Не починили", ticket)

    # staff

    async def settles(self, ticket: int, *, keep: bool) -> None:
        """The dispatcher settles the disputed lines of a ticket."""
        await self.presses(self.boss, "Оставить строку" if keep else "Снять строку", ticket, group=True)

    async def _job(self, ticket: int) -> None:
        await self.says(self.engineer, "🧰 Мои наряды")
        await self.presses(self.engineer, f"№\u00a0{ticket} ·")

    async def takes(self, ticket: int) -> None:
        await self._job(ticket)
        await self.presses(self.engineer, "✋ Беру", ticket)

    async def starts(self, ticket: int) -> None:
        await self._job(ticket)
        await self.presses(self.engineer, "▶️ Начал", ticket)

    async def adds(self, ticket: int, name: str, quantity: int = 1) -> None:
        """A work or part is added on site."""
        await self._job(ticket)
        await self.presses(self.engineer, "🏁 Закончил", ticket)
        await self.presses(self.engineer, "➕ Работа", ticket)
        await self.presses(self.engineer, name, ticket)
        await self.presses(self.engineer, f"× {quantity}", ticket)

    async def finishes(self, ticket: int, minutes: int) -> None:
        """The time is said and the work handed over."""
        await self._job(ticket)
        await self.presses(self.engineer, "🏁 Закончил", ticket)
        await self.presses(self.engineer, "⏱ Время", ticket)
        await self.says(self.engineer, f"{minutes} как было на месте")
        await self.presses(self.engineer, "⏱ Записать", ticket)
        await self.presses(self.engineer, "✅ Сдать работу", ticket)

    async def phones_in(self, code: str, ticket: int, seconds: Sequence[int]) -> None:
        """Calls of the client with the engineer come by a file and are booked on a ticket."""
        at = f"{self.clock().astimezone(MOSCOW) - timedelta(minutes=5):%d.%m.%Y %H:%M}"
        rows = []
        for each in seconds:
            self.calls += 1
            rows.append((f"call-{self.calls}", at, each, self.phones[code]))
        path = write_calls(self.folder / f"calls-{self.calls}", rows)
        await asyncio.to_thread(self.imports, path)
        await self.quiet()
        for _ in seconds:
            await self.presses(self.engineer, f"По заявке №\u00a0{ticket}")

    def imports(self, path: Path) -> None:
        """As `python -m bot import` does."""
        with Office(self.app.database, Silent(), self.clock).work() as uow:
            bring_in(uow, path)

    # what a client gets

    async def balance(self, code: str) -> list[tuple[str, str, str, str, str]]:
        """Pools as the screen shows them: (kind and end, left, granted, used, held)."""
        await self.says(self.owners[code], "⏱ Баланс")
        text = await self.newest(self.owners[code], "баланс")
        form = r"^(.+?): осталось (.+)\n\s*начислено (.+?), списано (.+?)(?:, в брони (.+))?$"
        found = re.findall(form, text, re.MULTILINE)
        return [(kind, left, granted, used, held) for kind, left, granted, used, held in found]

    async def months(self, code: str) -> dict[str, "Paper"]:
        """Every month there is a statement for, by its title on the button."""
        owner = self.owners[code]
        await self.says(owner, "/documents")
        listed = (await owner.sees(self.bot))[-1]
        papers = {}
        for label in [one for one in listed.labels if ":" in one]:
            await self.says(owner, "/documents")
            await self.presses(owner, label)
            screen = await self.newest(owner, "Всего:")
            await self.presses(owner, "Таблица, XLSX")
            sent = next(each for each in reversed(await owner.sees(self.bot)) if each.kind == "document")
            content = await self.sandbox._http.get(f"/files/{sent.raw['document']['file_id']}")
            papers[plain(label).partition(":")[0]] = read_paper(screen, content.content)
        return papers


@dataclass(frozen=True)
class Row:
    """A line of a statement as the spreadsheet has it; sums in kopecks, time in minutes."""

    name: str
    kind: str
    ticket: int | None
    late: bool
    net: int
    vat: int
    gross: int
    raw: int
    billed: int
    pools: str


@dataclass(frozen=True)
class Paper:
    """A month: the screen in the chat and the lines of the spreadsheet."""

    screen: str
    rows: tuple[Row, ...]
    left_out: tuple[tuple[int | None, str, str], ...]

    @property
    def gross(self) -> int:
        """What the screen calls the total, in kopecks."""
        found = re.search(r"Всего: ([\d ]+(?:,\d\d)?) ₽", self.screen)
        assert found is not None, self.screen
        return kopecks(found[1])


def kopecks(text: str) -> int:
    """«4 000,50» → 400050."""
    whole, _, part = text.replace(" ", "").partition(",")
    return int(whole) * 100 + int((part or "0").ljust(2, "0"))


def read_paper(screen: str, content: bytes) -> Paper:
    """The screen and the spreadsheet of a month."""
    lines, _, left = load_workbook(BytesIO(content)).worksheets
    head, *rows = [list(row) for row in lines.iter_rows(values_only=True)]
    place = {str(title): at for at, title in enumerate(head)}

    def cell(row: list[object], title: str) -> object:
        return row[place[title]]

    def money(row: list[object], title: str) -> int:
        return round(float(str(cell(row, title))) * 100)

    found = [
        Row(
            str(cell(row, "Наименование")),
            str(cell(row, "Кто платит")),
            int(str(cell(row, "Заявка"))) if cell(row, "Заявка") is not None else None,
            bool(cell(row, "Период")),
            money(row, "Без НДС, руб."),
            money(row, "НДС, руб."),
            money(row, "Сумма, руб."),
            int(str(cell(row, "Потрачено, мин"))),
            int(str(cell(row, "Учтено, мин"))),
            plain(str(cell(row, "Из пакетов, мин") or "")),
        )
        for row in rows
        if cell(row, "№") is not None  # the row of totals has no number
    ]
    out = [tuple(row) for row in left.iter_rows(values_only=True, min_row=2)]
    return Paper(screen, tuple(found), tuple(out))


def _about(message: Seen, ticket: int | None) -> bool:
    return ticket is None or re.search(rf"№\u00a0{ticket}(?!\d)", message.text) is not None


@asynccontextmanager
async def opened_house(
    server: Sandbox,
    database_url: str,
    folder: Path,
    companies: Sequence[Terms],
    regimes: Sequence[Regime],
    start: datetime,
    billing_from: date,
) -> AsyncIterator[House]:
    """An office that has imported these companies and knows their people; everybody has said hello."""
    clock = Clock(start.astimezone(UTC))
    database = Database(database_url)
    with Office(database, Silent(), clock).work() as uow:
        bring_in(uow, write_firm(folder / "firm", regimes, companies, start.date()))
        seller = seller_of(uow.session)
        assert seller is not None
        begin_billing(uow, seller, billing_from)
    database.dispose()
    async with AsyncExitStack() as stack:
        stack.enter_context(detached(routers()))
        sandbox = await stack.enter_async_context(SandboxClient(server.url))
        bot = await sandbox.bot("Сервис-Линия")
        settings = Settings(
            bot_token=bot.token,
            database_url=database_url,
            telegram_api_url=server.url,
            telegram_proxies="",
            webhook_url="",
            dispatch_chat_id=None,
            web_host="127.0.0.1",
            web_port=0,
            telegram_limits="off",
            kb_encoder="off",
            _env_file=None,
        )
        app = App(settings, clock=clock)
        await asyncio.to_thread(app.start)
        stack.push_async_callback(asyncio.to_thread, app.stop)
        phones = {each.code: phone_of(place) for place, each in enumerate(companies)}
        engineer = await sandbox.person("Сергей", phone="+79001000001")
        boss = await sandbox.person("Оксана", phone="+79001000002")
        owners = {code: await sandbox.person(f"Хозяин {code}", phone=phone) for code, phone in phones.items()}
        group = await sandbox.group("Инженеры", boss, engineer, bot)
        house = House(app, bot, sandbox, clock, folder, engineer, boss, group, owners, phones)
        for person in (engineer, boss, *owners.values()):
            await person.starts(bot)
            await house.quiet()
            await house.presses(person, "✅ Согласен")
            await person.shares_contact(bot)
            await house.quiet()
        await boss.says(group, "/dispatch")
        await house.quiet()
        yield house
