"""When the client would like the work done: asked for where the hour makes the price (R5.3), shown with it before."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlmodel import Session

from bot.billing.scope.decide import bands_of
from bot.billing.terms.of_contract import terms_by_day, terms_of
from bot.calendar.bands import Band, split
from bot.clients.models import Contract
from bot.clients.policy import policy
from bot.db.clock import at as there_at
from bot.db.clock import day_of, local
from bot.db.errors import Outdated
from bot.db.unit_of_work import UnitOfWork
from bot.sums.vat import WHOLE
from bot.tickets.intake.appeals import own
from bot.tickets.life.models import Appeal

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
    appeal.preferred_at = at
    uow.session.flush()
    return appeal


def _multiplier(wall: datetime, bands: tuple[Band, ...]) -> int:
    begin = wall.replace(second=0, microsecond=0, tzinfo=None)
    return split(begin, begin + timedelta(minutes=1), bands, WHOLE)[0].bp
