"""Draws of a base from before they said what they were for are tied to their time, where only one can be meant."""

from importlib import import_module

from sqlmodel import col, select

from bot.billing.hours.models import EntryKind, PoolEntry
from bot.db.schema.migrating import MIGRATIONS
from bot.tickets.work.accept import accept_work, dispute_work, resolve_dispute
from tests.billing.hours.test_hours_taken_back import timed, times_of
from tests.builders.bills import work
from tests.builders.jobs import balance, build_firm, opened
from tests.conftest import TestOffice


def test_hours_drawn_before_the_update_come_back_after_it(office: TestOffice) -> None:
    with office.work() as uow:
        firm = build_firm(uow.session, minutes=600)
        ticket = opened(uow, firm)
        work(uow, firm, ticket, 50)
        second = timed(uow, ticket, 30)
        dispute_work(uow, ticket.id, "time", second.id, "не было", firm.requester)
        accept_work(uow, ticket.id, firm.requester)
        shared = opened(uow, firm)
        work(uow, firm, shared, 50)
        timed(uow, shared, 30)
        accept_work(uow, shared.id, firm.requester)
        for draw in uow.session.exec(select(PoolEntry).where(PoolEntry.kind == EntryKind.CONSUME)).all():
            draw.time_entry_id = None
    (script,) = (MIGRATIONS / "versions").glob("*_what_a_draw_was_for.py")
    with office.work() as uow:
        import_module(f"migrations.versions.{script.stem}").tie(uow.session.connection())
    with office.work() as uow:
        draws = select(PoolEntry).where(PoolEntry.kind == EntryKind.CONSUME).order_by(col(PoolEntry.id))
        first = times_of(uow, ticket)[0]
        tied = [draw.time_entry_id for draw in uow.session.exec(draws).all()]
        assert tied == [first.id, None, None], "of two settled together nobody knows which"
        dispute_work(uow, ticket.id, "time", first.id, "не было", firm.requester)
        resolve_dispute(uow, ticket.id, False, firm.dispatcher)
        assert balance(uow, firm) == (510, 0, 90)
