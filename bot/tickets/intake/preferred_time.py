"""When the client would like the work done, in words or from a list where the hour makes the price (R5.3, R1.11)."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlmodel import Session

from bot.billing.scope.decide import bands_of
from bot.billing.terms.of_contract import terms_by_day, terms_of
from bot.calendar.bands import Band, split
from bot.calendar.read_wish import PartsOfDay, WishedTime, WishKind, read_wish
from bot.clients.models import Contract
from bot.clients.policy import policy
from bot.clients.zones import object_zone
from bot.db.clock import at as there_at
from bot.db.clock import day_of, local, there
from bot.db.errors import Outdated
from bot.db.unit_of_work import UnitOfWork
from bot.sums.vat import WHOLE
from bot.tickets.intake.appeals import own, said, say_aside
from bot.tickets.life.models import Appeal, Message

WORDS = 200  # letters of a wish

HOURS = ("preferred_morning_hour", "preferred_day_hour", "preferred_evening_hour")


@dataclass(frozen=True, slots=True)
class Slot:
    """A time to begin at and the multiplier of its hour, in basis points; 10 000 is the ordinary price."""

    at: datetime
    multiplier: int

    @property
    def dearer(self) -> bool:
        """Whether an hour costs more than the ordinary one then."""
        return self.multiplier > WHOLE


def slots(session: Session, contract_id: int, zone: str, now: datetime) -> list[Slot]:
    """Times offered for the next days of the contract, where it asks for one and has hours of another price."""
    contract = session.get_one(Contract, contract_id)
    found = []
    days = [day for day in _next_days(session, zone, now) if contract.starts <= day <= (contract.ends or day)]
    for day, terms in terms_by_day(session, contract_id, days).items():
        bands = bands_of(terms) if terms.asks_time else ()
        moments = [there_at(day, time(policy(session, name)), zone) for name in HOURS]
        found += [Slot(each, _multiplier(each, bands)) for each in moments if each > now and bands]
    return found


def day_after(session: Session, contract: Contract, zone: str, now: datetime) -> date | None:
    """The first day for which a visit may be wished and the contract is over; None where there is none."""
    if contract.ends is None:
        return None
    return next((day for day in _next_days(session, zone, now) if day > contract.ends), None)


def _next_days(session: Session, zone: str, now: datetime) -> list[date]:
    today = day_of(now, zone)
    return [today + timedelta(days=ahead) for ahead in range(policy(session, "preferred_days"))]


def slot_at(session: Session, contract_id: int, zone: str, at: datetime) -> Slot:
    """A chosen time with the multiplier of its hour."""
    wall = local(at, zone)
    return Slot(wall, _multiplier(wall, bands_of(terms_of(session, contract_id, day_of(at, zone)))))


def prefer_time(uow: UnitOfWork, appeal_id: int, at: datetime | None, by: int) -> Appeal:
    """The client says when, or that it doesn't matter (None). Raises NotFound, and Outdated for a time that is over
    or further away than is offered."""
    appeal = own(uow.session, appeal_id, by)
    latest = uow.now + timedelta(days=policy(uow.session, "preferred_days"))
    if at is not None and not uow.now < at <= latest:
        raise Outdated
    appeal.preferred_at, appeal.preferred_words = at, None
    uow.session.flush()
    return appeal


@dataclass(frozen=True, slots=True)
class HeardTime:
    """What was understood of a wish, on the clocks of the object's place; `kind` is None where nothing was: then the
    words go to people as they are. `over`: it was understood and is past, so nothing was noted."""

    words: str
    kind: WishKind | None
    begins: datetime | None = None
    until: datetime | None = None
    over: bool = False


def say_time(uow: UnitOfWork, appeal_id: int, message: Message, by: int) -> HeardTime:
    """The client says in words when it suits, asked for it; said in several lines it is one wish.

    Raises NotFound, and Outdated where no object is chosen or all is urgent.
    """
    appeal = own(uow.session, appeal_id, by)
    if appeal.object_id is None or appeal.emergency:
        raise Outdated
    say_aside(uow, message)
    zone = object_zone(uow.session, appeal.object_id)
    words, wish = _read(uow, appeal, message.text, zone)
    return _noted(uow, appeal, words, wish, zone)


def time_beside(uow: UnitOfWork, appeal: Appeal, message: Message) -> HeardTime | None:
    """The same unasked: a line said to a draft that names a later day and nothing else, or goes on with such a wish.
    None for any other: it is part of the description, «с утра» too."""
    if appeal.ended_at is not None or appeal.object_id is None or appeal.emergency:
        return None
    zone = object_zone(uow.session, appeal.object_id)
    words, wish = _read(uow, appeal, message.text, zone)
    if wish is None or wish.begins is None or not wish.day_named:
        return None
    if day_of(there(wish.begins, zone), zone) <= day_of(uow.now, zone):
        return None
    described = said(uow.session, appeal.id)
    if described.text == message.text.strip() and described.files <= 1:
        return None  # nothing else is said yet: what has happened was asked for
    say_aside(uow, message)
    return _noted(uow, appeal, words, wish, zone)


def _read(uow: UnitOfWork, appeal: Appeal, line: str, zone: str) -> tuple[str, WishedTime | None]:
    """A line as it goes on with the wish before it, else by itself."""
    wall = local(uow.now, zone).replace(tzinfo=None)
    parts = PartsOfDay(*(policy(uow.session, name) for name in HOURS))
    line = " ".join(line.split())
    alone = read_wish(line, wall, parts)
    if appeal.preferred_words and (alone is None or alone.kind is not WishKind.ANY):
        both = f"{appeal.preferred_words} {line}"
        if len(both) <= WORDS and (wish := read_wish(both, wall, parts)) is not None:
            return both, wish
    return line[:WORDS], alone


def _noted(uow: UnitOfWork, appeal: Appeal, words: str, wish: WishedTime | None, zone: str) -> HeardTime:
    begins = _moment(wish.begins, zone) if wish is not None else None
    if wish is not None and begins is not None and begins <= uow.now:
        return HeardTime(words, wish.kind, begins, over=True)
    furthest = uow.now + timedelta(days=policy(uow.session, "preferred_furthest_days"))
    if begins is not None and begins > furthest:
        wish = begins = None
    appeal.preferred_at = begins
    appeal.preferred_words = None if wish is not None and wish.kind is WishKind.ANY else words
    uow.session.flush()
    if wish is None:
        return HeardTime(words, None)
    return HeardTime(words, wish.kind, begins, _moment(wish.until, zone))


def _moment(wall: datetime | None, zone: str) -> datetime | None:
    return local(there(wall, zone), zone) if wall is not None else None


def _multiplier(wall: datetime, bands: tuple[Band, ...]) -> int:
    begin = wall.replace(second=0, microsecond=0, tzinfo=None)
    return split(begin, begin + timedelta(minutes=1), bands, WHOLE)[0].bp
