"""Whether people are at work now, and if not, when they are back (R8.1)."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from bot.billing.seller.particulars import seller_of
from bot.calendar.workdays import NoCalendarError, production_calendar
from bot.calendar.working_clock import WorkingClock
from bot.db.clock import HOME
from bot.db.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class Opening:
    """`resumes`, by the clocks of `timezone`, is None while open, and where the calendar has no data: then nothing is
    promised (R8.1)."""

    open: bool
    resumes: datetime | None
    timezone: str
    phone: str | None
    emergency_phone: str | None


def opening(session: Session, now: datetime, place: str | None = None) -> Opening:
    """The seller's working hours at this moment, for a job on the clocks of its `place`, by which it is taken and due
    (R8.1), else in the seller's own time zone; open where no seller is set yet."""
    seller = seller_of(session)
    if seller is None:
        return Opening(True, None, HOME, None, None)
    zone = place or seller.timezone
    begin = next_hours(session, zone, now)
    return Opening(begin == now, None if begin == now else begin, zone, seller.phone, seller.emergency_phone)


def work_begins(uow: UnitOfWork, zone: str, wanted: datetime | None, *, at_once: bool) -> datetime:
    """When a job at a place is expected to begin, by which it is decided and priced (R3.5): `at_once` (an emergency, or
    work already begun) now; else at the wanted time, now if that is past (R3.6); without one now if people work there,
    else when they do next. Now where no calendar says when."""
    if at_once:
        return uow.now
    if wanted is not None:
        return max(wanted, uow.now)
    return next_hours(uow.session, zone, uow.now) or uow.now


def hours_at(session: Session, zone: str) -> WorkingClock:
    """The seller's hours, on the clocks of a place (R8.1)."""
    seller = seller_of(session)
    opens, closes = (seller.workday_start, seller.workday_end) if seller else (9 * 60, 18 * 60)
    return WorkingClock(production_calendar(), zone, opens, closes)


def next_hours(session: Session, zone: str, now: datetime) -> datetime | None:
    """`now` if people work at a place, else when they do next; None where the calendar has no data (R8.4)."""
    try:
        return hours_at(session, zone).after(now, 0)
    except NoCalendarError:
        return None
