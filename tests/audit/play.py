"""A company as it is played: each act is pressed in the chats and written into the auditor's book."""

import re
from collections import Counter
from dataclasses import dataclass, field
from datetime import date

from tests.audit.book import Book
from tests.audit.firm import ITEMS, Regime, Terms
from tests.audit.house import House, Paper, kopecks
from tests.audit.values import Offer, Pool

MONTHS = (
    *("январь", "февраль", "март", "апрель", "май", "июнь"),
    *("июль", "август", "сентябрь", "октябрь", "ноябрь", "декабрь"),
)
OF_MONTH = (
    *("января", "февраля", "марта", "апреля", "мая", "июня"),
    *("июля", "августа", "сентября", "октября", "ноября", "декабря"),
)
KINDS = {"included": "Включено в тариф", "gift": "В подарок", "prepaid": "Куплено"}


@dataclass
class Player:
    """One company's people, our engineer and dispatcher in its jobs, and the auditor beside them."""

    house: House
    terms: Terms
    book: Book
    differences: list[str] = field(default_factory=list)
    invoices: int = 0

    @property
    def code(self) -> str:
        return self.terms.code

    async def opens(
        self, words: str = "касса молчит с самого утра", *, urgent: bool = False, day: date | None = None
    ) -> int:
        """A ticket, and what the client is told of who pays."""
        number = await self.house.opens(self.code, words, urgent=urgent)
        job = self.book.opened(number, day, urgent=urgent)
        if job.offers:
            await self._told(number, job.offers[-1])
        return number

    async def approves(self, number: int) -> None:
        await self.house.approves(self.code, number)
        self.book.answered(number, yes=True)

    async def declines(self, number: int) -> None:
        await self.house.declines(self.code, number)
        self.book.answered(number, yes=False)

    async def begins(self, number: int) -> None:
        """The engineer takes the job and starts."""
        await self.house.takes(number)
        await self.house.starts(number)

    async def adds(self, number: int, code: str, quantity: int = 1, *, yes: bool | None = True) -> Offer | None:
        """A work or part on site, and the client's answer if one is asked for (None: no answer)."""
        await self.house.adds(number, ITEMS[code].name, quantity)
        offer = self.book.added(number, code, quantity)
        if offer is not None:
            await self._told(number, offer)
            if yes is not None and offer.open:
                await (self.approves(number) if yes else self.declines(number))
        return offer

    async def calls(self, number: int, *seconds: int) -> None:
        """Phone calls about the job, booked by the engineer (R5.8)."""
        await self.house.phones_in(self.code, number, seconds)
        for each in seconds:
            self.book.spent(number, -(-each // 60), "remote")

    async def finishes(self, number: int, minutes: int) -> None:
        await self.house.finishes(number, minutes)
        self.book.spent(number, minutes)
        self.book.finished(number)

    async def accepts(self, number: int) -> None:
        await self.house.accepts(self.code, number)
        self.book.accepted(number)

    async def disputes_time(self, number: int, nth: int = 0) -> None:
        """Dispute the nth time entry that is neither disputed nor struck, in order of day and making."""
        await self.house.disputes(self.code, number, "Время работы", nth)
        free = sorted((e for e in self.book.jobs[number].entries if not (e.disputed or e.struck)), key=lambda e: e.day)
        free[nth].disputed = True

    async def disputes_work(self, number: int, name: str) -> None:
        """Dispute a work or part by its name."""
        await self.house.disputes(self.code, number, name)
        for offer in self.book.jobs[number].offers:
            for line in offer.lines:
                if line.name == name:
                    line.disputed = True

    async def settles(self, number: int, *, keep: bool) -> None:
        await self.house.settles(number, keep=keep)
        self.book.settled(number, keep=keep)

    async def reopens(self, number: int) -> None:
        """«Не починили»: the engineer comes again."""
        await self.house.reopens(self.code, number)
        self.book.jobs[number].finished = None

    async def whole(self, minutes: int, *added: tuple[str, int], accept: bool = True) -> int:
        """A whole job with everything approved."""
        number = await self.opens()
        if self.book.jobs[number].offers:
            await self.approves(number)
        await self.begins(number)
        for code, quantity in added:
            await self.adds(number, code, quantity)
        await self.finishes(number, minutes)
        if accept:
            await self.accepts(number)
        return number

    # comparing

    async def _told(self, number: int, offer: Offer) -> None:
        word, form = ("без согласования", r"работу на") if offer.beforehand else ("Итого", r"Итого(?: не больше)?:")
        text = await self.house.newest(self.house.owners[self.code], word, ticket=number)
        found = re.search(form + r" ([\d ]+(?:,\d\d)?) ₽", text)
        said = kopecks(found[1]) if found else None
        if said != offer.gross:
            self._differs(f"quote of № {number}: {said} instead of {offer.gross}")
        if not offer.beforehand and ("не больше" in text) != offer.up_to:
            self._differs(f"quote of № {number}: «до N» is {'не больше' in text}")

    def _differs(self, words: str) -> None:
        self.differences.append(f"{self.code}: {words}")

    async def compare_balance(self) -> None:
        """The balance screen beside the auditor's pools."""
        shown = await self.house.balance(self.code)
        expected = sorted(_row(pool) for pool in self.book.pools if pool.open_on(self.book.today))
        if sorted(shown) != expected:
            self._differs(f"balance {sorted(shown)} instead of {expected}")

    async def compare_months(self) -> None:
        """Every statement that the client can get beside the auditor's."""
        papers = await self.house.months(self.code)
        expected = {_title(end): end for end, month in self.book.months.items() if month.dues or month.times}
        if set(papers) != set(expected):
            self._differs(f"months {sorted(papers)} instead of {sorted(expected)}")
        for title in set(papers) & set(expected):
            self._compare(title, papers[title], expected[title])

    def _compare(self, title: str, paper: Paper, end: date) -> None:
        month = self.book.months[end]
        self.invoices += 1
        found = Counter((row.ticket, row.gross, row.vat) for row in paper.rows if row.gross)
        wanted = Counter((due.ticket, due.gross, due.vat) for due in month.dues)
        if found != wanted:
            self._differs(f"{title}: has {dict(found - wanted)}, must have {dict(wanted - found)}; rows {paper.rows}")
        if any(row.net + row.vat != row.gross for row in paper.rows):
            self._differs(f"{title}: net and VAT don't make the sum")
        if paper.gross != month.gross:
            self._differs(f"{title}: total {paper.gross} instead of {month.gross}")
        minutes: dict[int, tuple[int, int]] = {}
        for row in paper.rows:
            if row.ticket is not None and (row.raw or row.billed):
                raw, billed = minutes.get(row.ticket, (0, 0))
                minutes[row.ticket] = raw + row.raw, billed + row.billed
        if minutes != month.times:
            self._differs(f"{title}: minutes {minutes} instead of {month.times}")


def new_player(house: House, terms: Terms, regimes: list[Regime], billing_from: date) -> Player:
    """A company that nothing happened in yet."""
    book = Book(terms, regimes, billing_from, house.today)
    house.books.append(book.until)
    return Player(house, terms, book)


def _title(end: date) -> str:
    return f"{MONTHS[end.month - 1]} {end.year}"


def _row(pool: Pool) -> tuple[str, str, str, str, str]:
    kind = KINDS[pool.kind] + (
        f" до {pool.ends.day} {OF_MONTH[pool.ends.month - 1]} {pool.ends.year}" if pool.ends else ""
    )
    return (
        kind,
        _amount(pool.left, pool.unit),
        _amount(pool.amount, pool.unit),
        _amount(pool.used, pool.unit),
        _amount(pool.held, pool.unit) if pool.held else "",
    )


def _amount(count: int, unit: str) -> str:
    if unit == "minutes":
        return _hours(count)
    if unit == "roubles":
        sign, count = ("−" if count < 0 else ""), abs(count)
        whole = f"{count // 100:,}".replace(",", " ")
        return f"{sign}{whole}" + (f",{count % 100:02}" if count % 100 else "") + " ₽"
    return f"{count} {_counted(count, *FORMS[unit])}"


FORMS = {
    "tickets": ("заявка", "заявки", "заявок"),
    "visits": ("выезд", "выезда", "выездов"),
    "points": ("балл", "балла", "баллов"),
}


def _hours(minutes: int) -> str:
    if minutes < 0:
        return f"−{_hours(-minutes)}"
    if minutes % 60 == 0 and minutes:
        return f"{minutes // 60} ч"
    return f"{minutes // 60} ч {minutes % 60} мин" if minutes >= 60 else f"{minutes} мин"


def _counted(count: int, one: str, few: str, many: str) -> str:
    tail = abs(count) % 100
    if 10 < tail < 20:
        return many
    return {1: one, 2: few, 3: few, 4: few}.get(tail % 10, many)
