"""Gap-free numbers taken inside the transaction that uses them (R11.1)."""

from sqlmodel import Field, Session, SQLModel, select


class Counter(SQLModel, table=True):
    """The last number given of a series, e.g. `ticket` or `invoice/1/2026`."""

    __tablename__ = "counter"
    series: str = Field(primary_key=True, max_length=80)
    last: int = 0


def next_number(session: Session, series: str) -> int:
    """The next number of the series; the row stays locked until the transaction ends."""
    counter = session.exec(select(Counter).where(Counter.series == series).with_for_update()).one_or_none()
    if counter is None:
        counter = Counter(series=series)
        session.add(counter)
    counter.last += 1
    session.flush()
    return counter.last


def take_numbers(session: Session, series: str, count: int) -> range:
    """The next `count` numbers of the series at once; the row stays locked until the transaction ends."""
    first = next_number(session, series)
    counter = session.get_one(Counter, series)
    counter.last = first + count - 1
    session.flush()
    return range(first, first + count)
