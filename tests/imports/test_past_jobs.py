"""Past jobs have the clocks of the place where they were done, and each day's hours from its own month (R3.5, R4.4)."""

from datetime import UTC, date, datetime
from pathlib import Path

from sqlmodel import Session, col, select

from bot.billing.hours.models import EntryKind, Pool, PoolEntry
from bot.billing.quotes.models import Approval
from bot.billing.work.models import TimeEntry
from bot.db.clock import day_of
from bot.tickets.life.models import Ticket, TicketEvent
from tests.conftest import TestOffice
from tests.imports.folder import SMALL, load, mistakes, small

VLADIVOSTOK = "Asia/Vladivostok"  # seven hours ahead of Moscow
SITES = "company;code;name;timezone\nshop;s1;Владивосток;Asia/Vladivostok\n"
OBJECTS = SMALL["objects.csv"] + "t2;shop;;касса;Атол 91Ф;0011\n"
ON_CONTRACT = SMALL["contract_objects.csv"] + "Д-1;t2\n"
TICKETS = "code;contract;object;requester;description;coverage;opened;started;finished;closed;channel\n"
SPENT = "ticket;engineer;started;minutes;channel;billed\n"


def test_the_times_of_a_past_job_are_those_at_its_object(office: TestOffice, tmp_path: Path, session: Session) -> None:
    moments = "2026-11-01 00:30;2026-11-01 01:00;2026-11-01 02:00;2026-11-01 03:00"
    tickets = TICKETS + "".join(
        f"{code};Д-1;{thing};anna;x;платно;{moments};visit\n" for code, thing in (("a", "t1"), ("b", "t2"))
    )
    times = SPENT + "".join(f"{code};anna;2026-11-01 01:00;60;visit;60\n" for code in "ab")
    works = "ticket;item;price;coverage\na;CLEAN;900;quote\n"
    decided = "ticket;person;decided\na;anna;2026-11-01 00:45\n"
    changed = {"sites": SITES, "objects": OBJECTS, "contract_objects": ON_CONTRACT}
    done = {"tickets": tickets, "time_entries": times, "ticket_works": works, "approvals": decided}
    load(office, small(tmp_path / "in", **changed, **done))
    there, home = session.exec(select(Ticket).order_by(col(Ticket.code))).all()
    assert there.opened_at == datetime(2026, 10, 31, 14, 30, tzinfo=UTC)
    assert home.opened_at == datetime(2026, 10, 31, 21, 30, tzinfo=UTC)
    for entry, zone in zip(
        session.exec(select(TimeEntry).order_by(col(TimeEntry.ticket_id))).all(),
        (VLADIVOSTOK, "Europe/Moscow"),
        strict=True,
    ):
        assert entry.started_at is not None
        assert entry.work_date == day_of(entry.started_at, zone) == date(2026, 11, 1)
    assert session.exec(select(Approval.decided_at)).one() == datetime(2026, 10, 31, 14, 45, tzinfo=UTC)
    order = select(TicketEvent.kind).where(TicketEvent.ticket_id == there.id).order_by(col(TicketEvent.happened_at))
    assert session.exec(order).all() == ["opened", "approved", "started", "finished", "closed"]


def drawn(session: Session) -> list[tuple[str, date, date | None, int]]:
    query = select(Pool.kind, Pool.starts, PoolEntry.work_date, PoolEntry.amount)
    query = query.join(Pool, col(Pool.id) == col(PoolEntry.pool_id)).where(PoolEntry.kind == EntryKind.CONSUME)
    return [tuple(row) for row in session.exec(query.order_by(col(PoolEntry.id))).all()]


OVER_MIDNIGHT = "h;Д-1;t1;anna;x;часы;2026-10-31 22:00;2026-10-31 23:00;2026-11-01 01:00;2026-11-02 10:00;visit\n"


def test_a_job_over_the_end_of_a_month_takes_each_day_s_hours_from_its_month(
    office: TestOffice, tmp_path: Path, session: Session
) -> None:
    """Two hours a month: nobody opened anything else in November, whose hours must be there all the same."""
    times = SPENT + "h;anna;2026-10-31 23:00;60;visit;60\nh;anna;2026-11-01 00:00;90;visit;90\n"
    folder = small(tmp_path / "in", tickets=TICKETS + OVER_MIDNIGHT, time_entries=times, pools=None)
    office.moment = datetime(2026, 12, 24, 9, 0, tzinfo=UTC)
    load(office, folder)
    october, november = date(2026, 10, 1), date(2026, 11, 1)
    assert drawn(session) == [
        ("included", october, date(2026, 10, 31), 60),
        ("included", november, date(2026, 11, 1), 90),
    ]
    assert load(office, folder).changed_nothing


def test_what_a_month_lacks_is_told_once_a_job(office: TestOffice, tmp_path: Path) -> None:
    times = SPENT + "h;anna;2026-10-31 23:00;150;visit;150\nh;anna;2026-11-01 00:00;130;visit;130\n"
    told = mistakes(office, small(tmp_path / "in", tickets=TICKETS + OVER_MIDNIGHT, time_entries=times, pools=None))
    assert len(told) == 1
    assert "не хватает 40\u00a0мин" in told[0]
