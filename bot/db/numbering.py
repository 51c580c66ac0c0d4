"""Gap-free numbers taken inside the transaction that uses them (R11.1)."""

from sqlalchemy import text
from sqlmodel import Field, Session, SQLModel, select

from bot.db.locks import lock_counter


class Counter(SQLModel, table=True):
    """The last number given of a series, e.g. `ticket` or `invoice/1/2026`."""

    __tablename__ = "counter"
    series: str = Field(primary_key=True, max_length=80)
    last: int = 0


_BEGIN = text("INSERT INTO counter (series, last) VALUES (:series, 0) ON CONFLICT DO NOTHING")


def next_number(session: Session, series: str) -> int:
    """The next number of the series; the row stays locked until the transaction ends."""
    return take_numbers(session, series, 1)[0]


def take_numbers(session: Session, series: str, count: int) -> range:
    """The next `count` numbers of the series at once; the row stays locked until the transaction ends."""
    query = select(Counter).where(Counter.series == series)
    counter = lock_counter(session, series, query)
    if counter is None:
        # Two that begin a series at once: the second waits here and then goes on from the first.
        session.connection().execute(_BEGIN, {"series": series})
        counter = lock_counter(session, series, query)
    first = counter.last + 1
    counter.last += count
    session.flush()
    return range(first, first + count)
