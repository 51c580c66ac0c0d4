"""Debts of before the update: their report has its day, an invoice that stood twice is owed once, the newest stays."""

from datetime import timedelta
from importlib import import_module

from sqlmodel import col, select, text

from bot.billing.debts.models import Debt, DebtReport
from bot.db.schema.migrating import MIGRATIONS
from tests.builders.jobs import build_firm
from tests.conftest import NOON, TestOffice


def test_doubles_end_and_nothing_is_dropped(office: TestOffice) -> None:
    with office.work() as uow:
        uow.session.execute(text("DROP INDEX uq_debt_dated"))
        uow.session.execute(text("DROP INDEX uq_debt_undated"))
        company = build_firm(uow.session).company
        for days, invoice in ((2, "1"), (1, "1"), (0, "2")):
            uow.session.add(
                Debt(
                    company_id=company,
                    invoice=invoice,
                    kopecks=100 - days,
                    due=NOON.date(),
                    reported_at=NOON - timedelta(days=days),
                )
            )
    (script,) = (MIGRATIONS / "versions").glob("*_debt_reports.py")
    with office.work() as uow:
        import_module(f"migrations.versions.{script.stem}").keep_one(uow.session.connection())
    with office.database.read() as session:
        debts = session.exec(select(Debt).order_by(col(Debt.id))).all()
        assert [debt.ended_at is None for debt in debts] == [False, True, True]
        assert session.exec(select(DebtReport.as_of)).all() == [NOON.date()]
