"""A sheet of debts is accounting's report of a day; payments for our invoices come with it (R9.3)."""

from pathlib import Path

from sqlmodel import Session, select

from bot.billing.debts.models import Debt, DebtReport
from bot.billing.documents.models import Payment
from tests.conftest import NOON, TestOffice
from tests.imports.folder import load, mistakes, small

HEAD = "компания;счет;дата счета;сумма;срок оплаты;на дату\n"


def reports(session: Session) -> list[str]:
    session.rollback()
    return [f"{day:%d.%m}" for day in session.exec(select(DebtReport.as_of).order_by(DebtReport.id)).all()]


def test_a_report_is_kept_with_its_day_and_an_older_one_is_refused(
    office: TestOffice, tmp_path: Path, session: Session
) -> None:
    line = "shop;12;05.11.2026;100,50;10.11.2026;{}\n"
    load(office, small(tmp_path / "in", debts=HEAD + line.format("20.11.2026")))
    load(office, small(tmp_path / "in", debts=HEAD + line.format("20.11.2026")))
    assert reports(session) == ["20.11"]
    load(office, small(tmp_path / "in", debts=HEAD))
    assert reports(session) == ["20.11", f"{NOON:%d.%m}"], "an empty sheet is a report too, of today"
    load(office, small(tmp_path / "in", debts=None))
    assert len(reports(session)) == 2, "no sheet is none"
    (line_told,) = mistakes(office, small(tmp_path / "in", debts=HEAD + line.format("20.11.2026")))
    assert "есть отчёт о долгах новее, чем на 20.11.2026" in line_told


def test_one_number_of_two_years_is_two_debts(office: TestOffice, tmp_path: Path, session: Session) -> None:
    two = "shop;12;05.11.2025;100;10.11.2025;\nshop;12;05.11.2026;200;10.11.2026;\n"
    load(office, small(tmp_path / "in", debts=HEAD + two))
    assert [debt.kopecks for debt in session.exec(select(Debt).order_by(Debt.id)).all()] == [10_000, 20_000]
    (told,) = mistakes(office, small(tmp_path / "in", debts=HEAD + two + "shop;12;05.11.2026;200;10.11.2026;\n"))
    assert "уже есть в строке 3" in told


def test_days_that_can_t_be_are_told(office: TestOffice, tmp_path: Path) -> None:
    ahead = mistakes(office, small(tmp_path / "in", debts=HEAD + "shop;1;;100;10.11.2026;01.12.2026\n"))
    assert "01.12.2026 ещё не наступило" in ahead[0]
    two = "shop;1;;100;10.11.2026;20.11.2026\nshop;2;;100;10.11.2026;21.11.2026\n"
    differ = mistakes(office, small(tmp_path / "in", debts=HEAD + two))
    assert "в одном отчёте о долгах одна дата" in differ[0]


def test_a_payment_for_no_invoice_of_ours_is_told_with_its_row(
    office: TestOffice, tmp_path: Path, session: Session
) -> None:
    sheet = "компания;счет;сумма;дата оплаты;номер платежки\nshop;77;100;20.11.2026;5\n"
    (told,) = mistakes(office, small(tmp_path / "in", payments=sheet))
    assert "нет нашего счёта №\u00a077" in told and "2" in told
    assert session.exec(select(Payment)).all() == []
