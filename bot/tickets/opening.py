"""Whether people are at work now, and if not, when they are back (R8.1)."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlmodel import Session

from bot.billing.seller import seller_of
from bot.billing.workdays import FULL_DAY, NoCalendarError, production_calendar

LOOK_AHEAD_DAYS = 30


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
    zone = ZoneInfo(seller.timezone)
    local = now.astimezone(zone)
    phones = seller.timezone, seller.phone, seller.emergency_phone
    calendar = production_calendar()
    try:
        for ahead in range(LOOK_AHEAD_DAYS):
            day = local.date() + timedelta(days=ahead)
            worked = calendar.minutes(day)
            if worked == 0:
                continue
            start = datetime.combine(day, _clock(seller.workday_start), zone)
            end = datetime.combine(day, _clock(seller.workday_end - (FULL_DAY - worked)), zone)
            if local < end:
                return Opening(local >= start, None if local >= start else start, *phones)
    except NoCalendarError:
        pass
    return Opening(False, None, *phones)


def _clock(minutes: int) -> time:
    return time(minutes // 60, minutes % 60)
