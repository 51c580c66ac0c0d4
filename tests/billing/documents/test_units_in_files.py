"""Units in what accounting and the client open: export and XLSX say hours, pieces, months, with their codes (R11.4)."""

import io
from decimal import Decimal
from pathlib import Path
from typing import Any

from openpyxl import load_workbook

from bot.billing.documents.credit_note import issue_credit
from bot.billing.documents.issued import statement_view
from bot.billing.documents.printing.xlsx import statement_xlsx
from bot.clients.models import StaffRole
from bot.reports.accounting import write_export
from tests.billing.documents.test_export import rows
from tests.builders.bills import NOVEMBER, accepted, billed_firm, close, lines_of, statement_of
from tests.builders.jobs import worker
from tests.conftest import TestOffice


def test_export_and_workbook_multiply_and_name_their_units(office: TestOffice, session: Any, tmp_path: Path) -> None:
    with office.work() as uow:
        firm = billed_firm(uow, fee=1_500_000)
        accepted(uow, firm, minutes=50)
        manager = worker(uow.session, "Мария", StaffRole.MANAGER)
    close(office)
    statement = statement_of(session, firm.contract)
    paid = lines_of(session, statement)[1]
    with office.work() as uow:
        issue_credit(uow, [paid.id], "Работы не было", manager)
    session.rollback()
    write_export(session, NOVEMBER, tmp_path)
    lines = rows(tmp_path / "lines.csv")
    assert [(row["unit"], row["okei"], row["quantity"], row["price"]) for row in lines if "invoice" in row["id"]] == [
        ("мес", "362", "1", "15000.00"),
        ("ч", "356", "1", "2500.00"),
    ]
    assert {(row["quantity"], row["gross"]) for row in lines if "credit" in row["id"]} == {("-1", "-2500.00")}
    assert all(Decimal(row["quantity"]) * Decimal(row["price"]) == Decimal(row["gross"]) for row in lines)

    for lang, units in (("ru", ["мес", "ч"]), ("en", ["month", "h"])):
        _, content = statement_xlsx(session, statement_view(session, statement.id), lang)
        sheet = load_workbook(io.BytesIO(content)).worksheets[0]
        headers = [cell.value for cell in sheet[1]]
        *table, total = [
            dict(zip(headers, (cell.value for cell in row), strict=True)) for row in sheet.iter_rows(min_row=2)
        ]
        place = headers.index("Ед." if lang == "ru" else "Unit")
        assert [row[headers[place]] for row in table] == units
        quantity, price, gross = (headers[place + step] for step in (-1, 2, 5))
        assert [row[headers[place + 1]] for row in table] == ["362", "356"]
        assert all(row[quantity] * row[price] == row[gross] for row in table)
        sums = [headers[place + step] for step in (3, 4, 5)]
        stored = [Decimal(each) / 100 for each in (statement.net, statement.vat, statement.gross)]
        assert [Decimal(str(total[name])) for name in sums] == stored
        assert [sum(Decimal(str(row[name])) for row in table) for name in sums] == stored
        minutes = [headers[place + step] for step in (6, 7)]
        assert [total[name] for name in minutes] == [50, 60] == [sum(row[name] for row in table) for name in minutes]
        assert total[headers[1]] == ("Итого" if lang == "ru" else "Total")
        assert sheet.auto_filter.ref == f"A1:{sheet.cell(1, len(headers)).column_letter}{len(table) + 1}"
        assert {cell.number_format for cell in sheet["E"][1:-1]} == {"DD.MM.YYYY"}
