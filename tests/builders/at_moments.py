"""A client wherever an awkward moment is, whose story is talked through with the clock moving; and whether every time
that anybody was told is a true one on the clocks it names, else on the reader's own (R3.5)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from bot.billing.hours.grants import grant_included
from bot.billing.hours.models import EntryKind, Pool, PoolEntry
from bot.billing.quotes.models import QuoteVersion
from bot.billing.statements.models import Statement, StatementLine
from bot.billing.terms.models import Plan
from bot.calendar.periods import Period
from bot.clients.models import (
    ClientRole,
    Company,
    Contract,
    Membership,
    Seller,
    ServiceObject,
    Site,
    StaffChat,
    StaffRole,
)
from bot.clients.zones import seller_zone
from bot.db.clock import at as there_at
from bot.messaging.models import Timer
from bot.messaging.outgoing.models import Outbox
from bot.tickets.life.models import Message, Ticket, TicketEvent
from bot.tickets.month.close import close_period
from tests.builders.bills import billed_firm
from tests.builders.jobs import Firm, person, worker
from tests.builders.stories import GROUP, in_group, learn
from tests.builders.talk import Talk
from tests.conftest import NOON
from tests.moments import Moment

MOSCOW = "Europe/Moscow"
LONG_AGO = datetime(2024, 1, 1, tzinfo=UTC)
CITIES = {
    "мск": MOSCOW,
    "время: Владивосток": "Asia/Vladivostok",
    "время: Калининград": "Europe/Kaliningrad",
    "время: Берлин": "Europe/Berlin",
}
_MONTHS = "января февраля марта апреля мая июня июля августа сентября октября ноября декабря"
MONTHS = re.findall(r"\w+", _MONTHS)
TOLD = re.compile(rf"(\d{{1,2}}) ({'|'.join(MONTHS)}), (\d\d):(\d\d)(?: \(([^)]+)\))?")


@dataclass
class Scene:
    """A firm at a moment; `now` is what the bot's clock shows, `home` the zone that the client's people read in."""

    talk: Talk
    moment: Moment
    firm: Firm
    home: str
    finance: int
    manager: int
    now: datetime
    before: set[datetime] = field(default_factory=set)

    def clock(self) -> datetime:
        return self.now

    def goes_to(self, day: date, hour: int, minute: int = 0) -> None:
        """The clock shows an hour at the site."""
        self.now = there_at(day, time(hour, minute), self.moment.zone).astimezone(UTC)

    def passes(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)

    @property
    def ticket(self) -> Ticket:
        """The newest one."""
        with self.talk.database.read() as session:
            found = session.exec(select(Ticket).order_by(col(Ticket.id).desc())).first()
            assert found is not None
            return found

    async def asks(self, *, urgent: bool = False) -> str:
        """The client says what is wrong and sends it; returns all that the requester reads then."""
        who = self.firm.requester
        await self.talk.say(who, "абракадабра")
        await self.talk.press(who, "📝 Оформить заявку")
        if urgent:
            await self.talk.press(who, "🔥 Срочно, всё стоит")
        said = await self.talk.press(who, "✅ Отправить")
        learn(self.talk)
        return said

    async def comes(self) -> None:
        """The engineer takes the job, goes and begins, minute by minute."""
        for button in ("✋ Беру", "🚗 Еду", "▶️ Начал"):
            await in_group(self.talk, self.firm.engineer, button)
            self.passes(1)

    async def hands_over(self, minutes: int = 50) -> str:
        """The engineer works so long and hands over what the clock counted; returns what the client reads."""
        self.passes(minutes - 1)
        await in_group(self.talk, self.firm.engineer, "🏁 Закончил")
        await self.talk.press(self.firm.engineer, "✅ Сдать работу")
        learn(self.talk)
        return self.talk.words(self.firm.requester)

    async def is_agreed(self) -> None:
        """The approver says yes ten minutes later."""
        self.passes(10)
        await self.talk.press(self.firm.approver, "✅ Согласовать")
        learn(self.talk)

    async def accepts(self) -> str:
        return await self.talk.press(self.firm.requester, "✅ Принять")

    def closes(self, period: Period) -> None:
        """A month is closed, on the fifth of the next one."""
        self.goes_to(period.end + timedelta(days=5), 12)
        for _ in close_period(self.talk.office, period, 9):
            pass
        learn(self.talk)

    def lines(self, period: Period) -> list[StatementLine]:
        """Lines of the month's statement that cost or drew something; none where it has no statement."""
        with self.talk.database.read() as session:
            found = session.exec(
                select(StatementLine)
                .join(Statement, col(Statement.id) == col(StatementLine.statement_id))
                .where(Statement.contract_id == self.firm.contract, Statement.period_start == period.start)
                .order_by(col(StatementLine.position))
            ).all()
            return list(found)

    def entries(self, kind: EntryKind) -> list[tuple[date, int, date | None]]:
        """Entries of pools: the pool's first day, minutes, the day of the work."""
        with self.talk.database.read() as session:
            rows = session.exec(
                select(Pool.starts, PoolEntry.amount, PoolEntry.work_date)
                .join(Pool, col(Pool.id) == col(PoolEntry.pool_id))
                .where(PoolEntry.kind == kind)
                .order_by(col(PoolEntry.id))
            ).all()
            return [(starts, amount, day) for starts, amount, day in rows]

    def remembers(self) -> None:
        """What is true now may be told although it is put off later."""
        with self.talk.database.read() as session:
            self.before |= set(self._moments(session))

    def require_true_times(self) -> None:
        """Every time that anybody was told is a moment of this story, read on the clocks that stand beside it, else on
        those of who reads it."""
        with self.talk.database.read() as session:
            clocks = self._clocks(session)
            known = {*self.before, *self._moments(session)}
            true = {each.replace(second=0, microsecond=0) for each in known}
            for call in session.exec(select(Outbox).order_by(col(Outbox.id))).all():
                text = str(call.params.get("text", call.params.get("caption", ""))).replace("\u00a0", " ")
                zone = clocks.get(call.chat_id, MOSCOW)
                for told in TOLD.finditer(text):
                    assert not true.isdisjoint(self._moments_of(told, zone)), (told[0], zone, text)

    def told(self, person: int) -> str:
        """All that a person was told so far."""
        chat = self.talk.account(person)
        with self.talk.database.read() as session:
            calls = session.exec(select(Outbox).where(Outbox.chat_id == chat).order_by(col(Outbox.id))).all()
            return "\n".join(str(call.params.get("text", "")) for call in calls).replace("\u00a0", " ")

    def heard_in_group(self) -> str:
        """All that the engineers' group was told so far."""
        with self.talk.database.read() as session:
            calls = session.exec(select(Outbox).where(Outbox.chat_id == GROUP).order_by(col(Outbox.id))).all()
            return "\n".join(str(call.params.get("text", "")) for call in calls).replace("\u00a0", " ")

    def _moments_of(self, told: re.Match[str], reader: str) -> set[datetime]:
        """What was told, as a moment of the nearest year; in the night when clocks go back an hour comes twice."""
        day, month, hour, minute, city = told.groups()
        zone = CITIES.get(city, reader)
        wall = time(int(hour), int(minute))
        years = [self.now.year + ahead for ahead in (-1, 0, 1)]
        days = [
            date(year, MONTHS.index(month) + 1, int(day))
            for year in years
            if f"{day} {month}" != "29 февраля" or year % 4 == 0
        ]
        near = min((there_at(each, wall, zone) for each in days), key=lambda each: abs(each - self.moment.at))
        return {near.replace(fold=fold).astimezone(UTC) for fold in (0, 1)}

    def _clocks(self, session: Session) -> dict[int, str]:
        """The zone that each chat of a client's person reads in; all others read on our clocks."""
        firm = self.firm
        people = (firm.requester, firm.approver, firm.boss, self.finance)
        assert seller_zone(session) == MOSCOW
        return {self.talk.account(each): self.home for each in people}

    def _moments(self, session: Session) -> Iterator[datetime]:
        yield opens(self.moment)
        yield from (each for each in session.exec(select(TicketEvent.happened_at)).all())
        yield from (each for each in session.exec(select(Message.sent_at)).all())
        yield from (each for each in session.exec(select(Timer.due_at)).all())
        for version in session.exec(select(QuoteVersion)).all():
            yield version.valid_until
            if version.offer.get("starts"):
                yield datetime.fromisoformat(str(version.offer["starts"])).astimezone(UTC)
        for ticket in session.exec(select(Ticket)).all():
            yield from (each for each in (ticket.reaction_due, ticket.resolution_due, ticket.preferred_at) if each)


def opens(moment: Moment) -> datetime:
    """When people are at the site next: now, or at nine of the day on which they work."""
    wall = moment.at.astimezone(ZoneInfo(moment.zone))
    if moment.works == moment.day and time(9) <= wall.time() < time(18):
        return moment.at
    return there_at(moment.works, time(9), moment.zone).astimezone(UTC)


def staged(
    talk: Talk,
    moment: Moment,
    *,
    home: str | None = None,
    minutes: int = 0,
    days: tuple[date, date | None] = (LONG_AGO.date(), None),
    **terms: Any,
) -> Scene:
    """A client whose till stands on a site where the moment is, while its people read at `home` (there too, if it is
    None); a seller in Moscow, the engineers' group, and a contract with `minutes` a month on its `days`."""
    home = home or moment.zone
    talk.office.clock = lambda: moment.at
    with talk.office.work() as uow:
        firm = billed_firm(uow, terms={"exclusions": [], **terms} if minutes else terms or None)
        session = uow.session
        company, contract = session.get_one(Company, firm.company), session.get_one(Contract, firm.contract)
        company.timezone, (contract.starts, contract.ends) = home, days
        session.get_one(Plan, contract.plan_id).included_minutes = minutes
        place = Site(company_id=firm.company, code="s", name="Склад", timezone=moment.zone)
        session.add(place)
        session.flush()
        session.get_one(ServiceObject, firm.till).site_id = place.id
        session.get_one(Seller, 1).billing_from = LONG_AGO.date()
        session.add(StaffChat(chat_id=GROUP, title="Инженеры", is_forum=False, linked_at=NOON))
        finance = person(session, "Счётова", firm.company, ClientRole.FINANCE)
        manager = worker(session, "Мария", StaffRole.MANAGER)
        for each in session.exec(select(Membership)).all():
            each.granted_at = LONG_AGO
        session.flush()
        grant_included(uow)
    scene = Scene(talk, moment, firm, home, finance, manager, moment.at)
    talk.office.clock = scene.clock
    return scene


def told_at(moment: datetime, zone: str, reader: str) -> str:
    """«1 декабря, 09:30», with the zone where the reader's clocks show another time."""
    wall, own = moment.astimezone(ZoneInfo(zone)), moment.astimezone(ZoneInfo(reader))
    city = next(name for name, each in CITIES.items() if each == zone)
    shown = f"{wall.day} {MONTHS[wall.month - 1]}, {wall:%H:%M}"
    return shown if wall.utcoffset() == own.utcoffset() else f"{shown} ({city})"
