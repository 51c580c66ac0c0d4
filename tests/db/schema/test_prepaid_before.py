"""What a debtor's work waited for before offers remembered it: what was let go on goes on (R3.6)."""

from importlib import import_module

from alembic.migration import MigrationContext
from alembic.operations import Operations

from bot.billing.quotes.send import awaits_prepayment
from bot.db.schema.migrating import MIGRATIONS
from bot.tickets.offers.answer import approve_paid_work
from bot.tickets.opening.release import release_hold
from tests.builders.bills import PRESS, quote_of
from tests.builders.jobs import build_firm, opened
from tests.conftest import TestOffice


def test_work_that_was_let_go_on_before_the_update_waits_for_nothing_after_it(office: TestOffice) -> None:
    with office.work() as uow:
        firm = build_firm(uow.session, debt=20)
        held, running = opened(uow, firm), opened(uow, firm)
        for ticket in (held, running):
            approve_paid_work(uow, quote_of(uow, ticket).id, 1, firm.approver, PRESS)
        release_hold(uow, running.id, firm.dispatcher)
    (script,) = (MIGRATIONS / "versions").glob("*_prepaid_work.py")
    revision = import_module(f"migrations.versions.{script.stem}")
    with office.work() as uow, Operations.context(MigrationContext.configure(uow.session.connection())):
        revision.downgrade()
        revision.upgrade()
    with office.work() as uow:
        assert [awaits_prepayment(quote_of(uow, each)) for each in (held, running)] == [True, False]
