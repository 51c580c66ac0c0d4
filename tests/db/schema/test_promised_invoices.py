"""A promise of before the update that a reminder has told broken is not told broken again after it."""

from datetime import date, timedelta
from importlib import import_module

from sqlmodel import col, select

from bot.billing.debts.models import DebtReminder, PaymentPromise
from bot.billing.debts.rule import DebtLevel
from bot.db.schema.migrating import MIGRATIONS
from tests.builders.jobs import build_firm
from tests.conftest import NOON, TestOffice


def test_what_was_told_broken_before_the_update_stays_told(office: TestOffice) -> None:
    told_at = NOON - timedelta(days=1)
    with office.work() as uow:
        firm = build_firm(uow.session)
        for until in (date(2026, 11, 20), date(2026, 11, 23)):
            uow.session.add(
                PaymentPromise(company_id=firm.company, until=until, kopecks=1, person_id=firm.boss, made_at=NOON)
            )
        level = DebtLevel.D1
        uow.session.add(DebtReminder(company_id=firm.company, level=level, kopecks=1, told_at=told_at, reached=True))
    (script,) = (MIGRATIONS / "versions").glob("*_promised_invoices.py")
    with office.work() as uow:
        import_module(f"migrations.versions.{script.stem}").mark_told(uow.session.connection())
    with office.database.read() as session:
        promises = session.exec(select(PaymentPromise).order_by(col(PaymentPromise.id))).all()
        assert [promise.broken_told_at for promise in promises] == [told_at, None]
