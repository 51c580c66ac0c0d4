"""Export for accounting: stable ids, the same bytes again, credit notes with a minus (R11.3)."""

import csv
import io
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from bot.billing.documents.credit_note import AlreadyCredited, issue_credit
from bot.clients.models import Company, StaffRole
from bot.db.errors import NotAllowed
from bot.reports.accounting import write_export
from tests.builders.bills import NOVEMBER, accepted, billed_firm, close, lines_of, statement_of
from tests.builders.jobs import Firm, worker
from tests.conftest import TestOffice

FILES = ("documents.csv", "lines.csv", "documents.xlsx")


def arranged(office: TestOffice) -> tuple[Firm, int]:
    with office.work() as uow:
        firm = billed_firm(uow, fee=1_500_000)
        uow.session.get(Company, firm.company).name = "=HYPERLINK(1);«Ромашка»"
        accepted(uow, firm, minutes=50)
        manager = worker(uow.session, "Мария", StaffRole.MANAGER)
    close(office)
    return firm, manager


def rows(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_text("utf-8-sig")), delimiter=";"))


def test_a_repeated_export_writes_the_same_bytes(office: TestOffice, session: Any, tmp_path: Path) -> None:
    arranged(office)
    assert write_export(session, NOVEMBER, tmp_path / "a") == 2
    write_export(session, NOVEMBER, tmp_path / "b")
    for name in FILES:
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


def test_documents_and_lines_have_stable_ids_and_exact_sums(office: TestOffice, session: Any, tmp_path: Path) -> None:
    arranged(office)
    write_export(session, NOVEMBER, tmp_path)
    invoice, act = sorted(rows(tmp_path / "documents.csv"), key=lambda row: row["kind"], reverse=True)
    assert (invoice["id"], act["id"]) == ("invoice-1-2026-000001", "act-1-2026-000001")
    assert (invoice["net"], invoice["vat"], invoice["gross"], invoice["vat_percent"]) == (
        "14344.26",
        "3155.74",
        "17500.00",
        "22",
    )
    assert invoice["client_name"] == "'=HYPERLINK(1);«Ромашка»"
    lines = [row for row in rows(tmp_path / "lines.csv") if row["document"] == invoice["id"]]
    assert [(row["id"], row["gross"]) for row in lines] == [
        ("invoice-1-2026-000001-001", "15000.00"),
        ("invoice-1-2026-000001-002", "2500.00"),
    ]
    sheet = load_workbook(tmp_path / "documents.xlsx")["documents"]
    assert [cell.value for cell in sheet[2]][:2] == ["invoice-1-2026-000001", "invoice"]


def test_a_credit_note_comes_with_a_minus_and_names_its_invoice(
    office: TestOffice, session: Any, tmp_path: Path
) -> None:
    firm, manager = arranged(office)
    paid = lines_of(session, statement_of(session, firm.contract))[1]
    with office.work() as uow:
        issue_credit(uow, [paid.id], "Работы не было", manager)
    session.rollback()
    assert write_export(session, NOVEMBER, tmp_path) == 3
    credit = rows(tmp_path / "documents.csv")[-1]
    assert (credit["kind"], credit["gross"], credit["vat"], credit["reverses"]) == (
        "credit",
        "-2500.00",
        "-450.82",
        "invoice-1-2026-000001",
    )


def test_a_line_is_taken_back_once_and_only_by_a_manager(office: TestOffice, session: Any) -> None:
    firm, manager = arranged(office)
    paid = lines_of(session, statement_of(session, firm.contract))[1]
    with office.work() as uow:
        with pytest.raises(NotAllowed):
            issue_credit(uow, [paid.id], "Хочу", firm.boss)
        issue_credit(uow, [paid.id], "Работы не было", manager)
        with pytest.raises(AlreadyCredited):
            issue_credit(uow, [paid.id], "Ещё раз", manager)
