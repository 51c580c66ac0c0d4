"""Whether people are at work now, and if not, when they are back (R8.1)."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from bot.billing.seller.particulars import seller_of
from bot.calendar.workdays import NoCalendarError, production_calendar
from bot.calendar.working_clock import WorkingClock


@dataclass(frozen=True, slots=True)
class Opening:
    """`resumes` is None while open, and where the calendar has no data: then nothing is promised (R8.1)."""

    open: bool
    resumes: datetime | None
    timezone: str
    phone: str | None
    emergency_phone: str | None


def opening(session: Session, now: datetime) -> Opening:
    """The seller's working hours at this moment, in the seller's time zone; open where no seller is set yet."""
    seller = seller_of(session)
    if seller is None:
        return Opening(True, None, "Europe/Moscow", None, None)
    phones = seller.timezone, seller.phone, seller.emergency_phone
    clock = WorkingClock(production_calendar(), seller.timezone, seller.workday_start, seller.workday_end)
    try:
        begin, _ = next(clock.stretches(now))
    except NoCalendarError:
        return Opening(False, None, *phones)
    return Opening(begin == now, None if begin == now else begin, *phones)
