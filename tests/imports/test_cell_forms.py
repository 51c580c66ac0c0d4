"""Every form in which Excel, LibreOffice and 1C keep a cell: read right, or told with sheet, row and column."""

# ruff: noqa: DTZ001 - a cell has no zone

import zipfile
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.worksheet.worksheet import Worksheet

from bot.clients.identification.phones import Reached
from bot.imports.check import check
from bot.imports.files.findings import Mistake
from bot.imports.files.sheets import Sheet, read_sheets
from bot.imports.known import Known

TODAY = date(2026, 11, 24)
MONEY = "# ##0,00\\ ₽"
# (kind of sheet, column, what the cell holds, its number format, what is read)
READ: tuple[tuple[str, str, Any, str, Any], ...] = (
    ("debts", "amount", 3750, "General", 375_000),
    ("debts", "amount", 3750.5, "0.00", 375_050),
    ("debts", "amount", 3750.5, MONEY, 375_050),
    ("debts", "amount", 3.3000000000000003, "General", 330),
    ("debts", "amount", 0.1 + 0.2, "0.00", 30),
    ("debts", "amount", 1e6, "0.00E+00", 100_000_000),
    ("debts", "amount", "3 750,00", "General", 375_000),
    ("debts", "amount", "1\u00a0250\u00a0000,50", "@", 125_000_050),
    ("debts", "amount", "1 500,00 ₽", "@", 150_000),
    ("debts", "amount", "1 500,00 руб.", "@", 150_000),
    ("debts", "amount", "\u202f100\u202f", "@", 10_000),
    ("debts", "amount", "'100", "@", 10_000),
    *(
        ("debts", "amount", text, "@", kopecks)
        for text, kopecks in (
            ("3.3000000000000003", 330),
            ("3,3000000000000003", 330),
            ("0.30000000000000004", 30),
            ("99.99999999999999", 10_000),
            ("1250.0000", 125_000),
            ("1250.5000 ₽", 125_050),
            ("₽ 1 250", 125_000),
            ("₽1\u202f250,50", 125_050),
            ("руб. 100", 10_000),
            ("RUB 100.00", 10_000),
            ("100 RUB", 10_000),
        )
    ),
    *(
        ("debts", "due", text, "@", date(2026, 11, 1))
        for text in (
            "2026-11-01 00:00:00.000",
            "01.11.2026 г.",
            "01.11.2026г.",
            "1 ноября 2026 г.",
            "1 Ноября 2026 года",
            "1-ноя-2026",
            "1-Nov-2026",
            "1 нояб. 2026 г.",
            "01-11-2026",
            "2026/11/01",
            "2026.11.01",
            "01.11.26 0:00",
            "01.11.2026\u202f00:00:00",
        )
    ),
    ("debts", "due", "30/11/2026", "@", date(2026, 11, 30)),
    ("debts", "due", "11/11/2026", "@", date(2026, 11, 11)),
    *(
        ("calls", "started", text, "@", datetime(2026, 11, 1, 10, 30, 15))
        for text in (
            "2026-11-01T10:30:15.000",
            "2026-11-01 10:30:15.1234567",
            "01.11.2026, 10:30:15",
            "1 ноября 2026 г. 10:30:15",
            "2026/11/01 10:30:15",
        )
    ),
    *(("work_items", "norm", text, "@", 90) for text in ("90.0", "90,00", "90.00000000000001", "1:30:00", "01:30")),
    *(("work_items", "norm", text, "@", 1800) for text in ("30:00", "30:00:00", "30 ч")),
    ("work_items", "norm", timedelta(hours=30), "[h]:mm;@", 1800),
    ("work_items", "norm", timedelta(hours=30), "[HH]:MM:SS", 1800),
    ("work_items", "norm", timedelta(hours=24), "[h]:mm", 1440),
    ("seller", "workday_end", timedelta(hours=24), "[h]:mm", 1440),
    *(("calls", "seconds", text, "@", 1200) for text in ("1200.0", "1 200,00", "1200,0", "1\u2009200")),
    *(("debts", "disputed", text, "@", True) for text in ("1.0", "TRUE", "Да", "+")),
    ("tax_regimes", "vat", "22.000000000000004 %", "@", 2200),
    ("debts", "invoice", "3.3000000000000003", "@", "3.3000000000000003"),
    ("debts", "due", date(2026, 11, 1), "DD.MM.YYYY", date(2026, 11, 1)),
    ("debts", "due", datetime(2026, 11, 1), "DD.MM.YYYY H:MM", date(2026, 11, 1)),
    ("debts", "due", "01.11.2026", "@", date(2026, 11, 1)),
    ("debts", "due", "1.11.2026", "@", date(2026, 11, 1)),
    ("debts", "due", "01.11.26", "@", date(2026, 11, 1)),
    ("debts", "due", "2026-11-01", "@", date(2026, 11, 1)),
    ("debts", "due", "2026-11-01T00:00:00", "@", date(2026, 11, 1)),
    ("debts", "due", "01.11.2026 0:00:00", "@", date(2026, 11, 1)),
    ("debts", "due", "01.11.2026\u00a000:00", "@", date(2026, 11, 1)),
    ("debts", "disputed", True, "General", True),
    ("debts", "disputed", False, "General", False),
    ("debts", "disputed", "ИСТИНА", "@", True),
    ("debts", "disputed", "да", "@", True),
    ("debts", "disputed", "ЛОЖЬ", "@", False),
    ("debts", "disputed", 1, "General", True),
    ("debts", "invoice", 12, "00000", "00012"),
    ("debts", "invoice", "00012", "@", "00012"),
    ("debts", "invoice", "'00012", "@", "00012"),
    ("debts", "invoice", 12, "General", "12"),
    ("debts", "invoice", "С\u00a01", "@", "С 1"),
    ("debts", "invoice", "  С-1\u200b ", "@", "С-1"),
    ("debts", "invoice", CellRichText("С", TextBlock(InlineFont(b=True), "-1")), "@", "С-1"),
    ("tax_regimes", "vat", 0.22, "0%", 2200),
    ("tax_regimes", "vat", 0.22, "0.00%", 2200),
    ("tax_regimes", "vat", 0.125, "0.0 %", 1250),
    ("tax_regimes", "vat", 0.07, "0%", 700),
    ("tax_regimes", "vat", "22%", "@", 2200),
    ("tax_regimes", "vat", "22 %", "@", 2200),
    ("tax_regimes", "vat", 22, "General", 2200),
    ("tax_regimes", "vat", 0, "0%", 0),
    ("tax_regimes", "vat", "0,5 %", "@", 50),
    ("tax_regimes", "vat", "без НДС", "@", None),
    ("tax_regimes", "vat", "Без\u00a0НДС", "@", None),
    ("tax_regimes", "vat", "НДС не облагается", "@", None),
    ("tax_regimes", "vat", "НДС 22%", "@", 2200),
    ("seller", "vat", "без НДС", "@", None),
    ("qualifications", "multiplier", 1.5, "0%", 15_000),
    ("qualifications", "multiplier", 150, "General", 15_000),
    ("work_items", "norm", 90, "General", 90),
    ("work_items", "norm", time(1, 30), "H:MM", 90),
    ("work_items", "norm", timedelta(hours=30), "[h]:mm", 1800),
    ("work_items", "norm", timedelta(minutes=90), "[h]:mm:ss", 90),
    ("work_items", "norm", "1:30:00", "@", 90),
    ("work_items", "norm", "1,5 ч", "@", 90),
    ("work_items", "norm", "1\u00a0ч 30\u00a0мин", "@", 90),
    ("work_items", "norm", "полчаса", "@", 30),
    ("work_items", "norm", "100 ч", "@", 6000),
    ("companies", "inn", 7707083893, "General", "7707083893"),
    ("companies", "inn", 7707083893.0, "0", "7707083893"),
    ("companies", "inn", "'7707083893", "@", "7707083893"),
    ("staff", "phone", 79001234567, "General", (Reached("+79001234567"),)),
    ("staff", "phone", 7.9001234567e10, "0.00E+00", (Reached("+79001234567"),)),
    ("staff", "phone", "8 (900) 123-45-67", "@", (Reached("+79001234567"),)),
    ("calls", "started", datetime(2026, 11, 1, 10, 30), "DD.MM.YYYY HH:MM", datetime(2026, 11, 1, 10, 30)),
    ("calls", "started", datetime(2026, 11, 1), "DD.MM.YYYY HH:MM", datetime(2026, 11, 1)),
    ("calls", "started", datetime(2026, 11, 1, 10, 29, 59, 999_700), "DD.MM.YYYY HH:MM", datetime(2026, 11, 1, 10, 30)),
    ("calls", "started", datetime(2026, 11, 1, 10, 30, 15), "DD.MM.YYYY HH:MM", datetime(2026, 11, 1, 10, 30, 15)),
    ("calls", "started", "01.11.2026 10:30:15", "@", datetime(2026, 11, 1, 10, 30, 15)),
    ("calls", "seconds", "1 200", "@", 1200),
    ("contracts", "ends", "01.01.0001", "@", None),
    ("contracts", "ends", "01.01.0001 0:00:00", "@", None),
    ("contracts", "ends", "0001-01-01T00:00:00", "@", None),
    ("contracts", "ends", "  .  .    ", "@", None),
    ("debts", "invoice", "01.01.0001", "@", "01.01.0001"),
    ("contracts", "ends", date(2027, 12, 31), "DD.MM.YYYY", date(2027, 12, 31)),
)
# (kind of sheet, column, what the cell holds, its number format, what is said)
TOLD: tuple[tuple[str, str, Any, str, str], ...] = (
    *(
        ("debts", "amount", text, "@", "нужна сумма")
        for text in ("(1 500)", "-5", "1,500.00", "1.500,00", "1 500-", "3,750")
    ),
    ("debts", "amount", -5, "General", "нужна сумма"),
    *(
        ("debts", "amount", text, "@", "нужна сумма")
        for text in ("3.300", "3.3333333333333335", "0.1234567890123456", "−5", "$ 100", "1250.5010")
    ),
    *(("debts", "due", text, "@", "где день, где месяц") for text in ("11/1/2026", "1/11/2026", "01/02/2026")),
    ("calls", "started", "11/1/2026 10:30", "@", "где день, где месяц"),
    ("debts", "due", "1 ноябряя 2026", "@", "нужна дата"),
    ("debts", "due", "2026-11-01T00:00:00.000Z", "@", "нужна дата"),
    ("debts", "due", "46327", "@", "нужна дата"),
    ("work_items", "norm", datetime(1900, 1, 1, 6, 0), "h:mm", "нужно время"),
    ("work_items", "norm", "60.5", "@", "нужно время"),
    ("calls", "seconds", "1200.5", "@", "целое число"),
    ("debts", "amount", 3.333, "General", "нужна сумма"),
    ("debts", "amount", 0.22, "0%", "нужна сумма"),
    ("debts", "amount", True, "General", "нужна сумма"),
    ("debts", "amount", "01.01.0001", "@", "нужна сумма"),
    ("debts", "amount", date(2026, 11, 1), "DD.MM.YYYY", "нужна сумма"),
    ("debts", "amount", "1,5E+6", "@", "потеряло цифры"),
    ("debts", "due", 46_327, "General", "нужна дата"),
    ("debts", "due", "01.11.0026", "@", "нужна дата"),
    ("debts", "due", datetime(2026, 11, 1, 10, 30), "DD.MM.YYYY", "нужна дата"),
    ("debts", "due", time(0, 0), "H:MM", "нужна дата"),
    ("debts", "due", "01.01.0001", "@", "обязательно"),
    ("debts", "due", "٠١.١١.٢٠٢٦", "@", "нужна дата"),
    ("debts", "invoice", 4.0702810900000002e19, "General", "потеряло цифры"),
    ("debts", "invoice", "=A1*2", "@", "нужно её значение"),
    *(("debts", "invoice", text, "@", "ошибка таблицы") for text in ("#N/A", "#Н/Д", "#ССЫЛКА!", "Err:502", "#####")),
    *(("tax_regimes", "vat", value, "General", "по-разному") for value in (0.22, 1.5)),
    *(("qualifications", "multiplier", value, "General", "по-разному") for value in (1.5, 2, 1)),
    ("tax_regimes", "vat", None, "0%", "обязательно"),
    ("tax_regimes", "vat", "не знаю", "@", "нужна ставка НДС"),
    ("seller", "vat", None, "0%", "обязательно"),
    ("work_items", "norm", time(1, 30, 15), "H:MM:SS", "нужно время"),
    ("work_items", "norm", 1.5, "General", "нужно время"),
    ("work_items", "norm", "2 дня", "@", "нужно время"),
    ("companies", "inn", 105018566, "General", "потерян ноль"),
    ("companies", "inn", "7,70708E+09", "@", "потеряло цифры"),
    ("staff", "phone", "7,9E+10", "@", "потеряло цифры"),
    ("calls", "seconds", "1,000", "@", "целое число"),
    ("calls", "seconds", "1_000", "@", "целое число"),
    ("calls", "seconds", "٣٠", "@", "целое число"),
    ("seller", "workday_end", "25:00", "@", "время суток"),
    ("seller", "workday_end", "9:00", "@", "рабочее время"),
    ("seller", "workday_end", "8:00", "@", "вместе"),
)
FULL: dict[str, dict[str, Any]] = {
    "debts": {"company": "shop", "invoice": "С-1", "amount": 100, "due": date(2026, 11, 1), "disputed": "нет"},
    "tax_regimes": {"since": date(2026, 1, 1), "vat": 22},
    "qualifications": {"plan": "base", "work_type": "ремонт", "multiplier": 150},
    "work_items": {"code": "FIX", "name": "Ремонт", "norm": 60},
    "companies": {"code": "shop", "name": "Магазин", "inn": "7707083893"},
    "staff": {"code": "e", "name": "Павел", "phone": "+7 900 123-45-67", "roles": "инженер"},
    "calls": {"code": "c", "started": "01.11.2026 10:30", "seconds": 90, "phone": "89001234567", "engineer": "e"},
    "contracts": {"company": "shop", "number": "Д-1", "plan": "base", "starts": date(2025, 1, 1), "ends": None},
    "seller": {"name": "Мы", "inn": "7707083893", "phone": "84951234567", "workday_end": "18:00", "vat": 22},
}


def written(folder: Path, kind: str, change: Callable[[Worksheet], None], **cells: tuple[Any, str]) -> Path:
    """A workbook with one sheet of one good row, changed."""
    book = Workbook()
    page = book.active
    assert page is not None
    page.title = kind
    values = FULL[kind]
    page.append(list(values))
    page.append([cells[name][0] if name in cells else value for name, value in values.items()])
    for place, name in enumerate(values, start=1):
        if name in cells:
            page.cell(2, place).number_format = cells[name][1]
    change(page)
    book.save(folder / "book.xlsx")
    return folder / "book.xlsx"


def plain(page: Worksheet) -> None:
    """Nothing is changed."""


def as_text(page: Worksheet) -> None:
    """What looks like a formula or an error is typed as text."""
    for cell in page[2]:
        if isinstance(cell.value, str) and cell.number_format == "@":
            cell.data_type = "s"


def told(path: Path) -> list[str]:
    sheets, findings = read_sheets(path)
    return [each.text("ru") for each in (*findings, *own(sheets))]


def own(sheets: list[Sheet]) -> list[Mistake]:
    """Mistakes of cells; that the rows they refer to are elsewhere is none here."""
    return [each for each in check(sheets, nothing(), TODAY)[1] if each.key != "unknown_ref"]


def nothing() -> Known:
    return Known(session=None)


@pytest.mark.parametrize(("kind", "column", "value", "shown_as", "expected"), READ)
def test_a_cell_is_read_as_its_author_sees_it(
    kind: str, column: str, value: Any, shown_as: str, expected: Any, tmp_path: Path
) -> None:
    sheets, findings = read_sheets(written(tmp_path, kind, as_text, **{column: (value, shown_as)}))
    assert not findings
    tables, more = check(sheets, nothing(), TODAY)
    assert not [each.text("ru") for each in more if each.key != "unknown_ref"]
    (row,) = tables.of(kind)
    assert getattr(row.row, column) == expected


@pytest.mark.parametrize(("kind", "column", "value", "shown_as", "words"), TOLD)
def test_what_can_not_be_trusted_is_told_with_its_place(
    kind: str, column: str, value: Any, shown_as: str, words: str, tmp_path: Path
) -> None:
    (line, *_) = told(written(tmp_path, kind, as_text, **{column: (value, shown_as)}))
    assert line.startswith(f"book.xlsx, лист «{kind}», строка 2, столбец «")
    assert words in line


def under_no_title(page: Worksheet) -> None:
    page["E1"] = None


def under_a_merged_title(page: Worksheet) -> None:
    page.merge_cells("D1:E1")
    page["E2"] = date(2027, 1, 1)


def beside_the_titles(page: Worksheet) -> None:
    page["H2"] = "итого"


def merged_down(page: Worksheet) -> None:
    page.append(["shop", "Д-2", "base", date(2025, 1, 1)])
    page.merge_cells("E2:E3")


def merged_across(page: Worksheet) -> None:
    page.append(["Раздел первый"])
    page.merge_cells("A3:E3")


def tall_title(page: Worksheet) -> None:
    page.insert_rows(2)
    page.merge_cells("A1:A2")


def same_title(page: Worksheet) -> None:
    page["F1"] = "ends"
    page["F2"] = date(2027, 1, 1)


def error_cell(page: Worksheet) -> None:
    page["E2"] = "#N/A"


def formula(page: Worksheet) -> None:
    page["E2"] = "=D2+365"


@pytest.mark.parametrize(
    ("change", "place", "words"),
    [
        (under_no_title, "строка 2, столбец E:", "без названия"),
        (under_a_merged_title, "строка 2, столбец E:", "без названия"),
        (beside_the_titles, "строка 2, столбец H:", "без названия"),
        (merged_down, "строка 2, столбец «ends» (E):", "объединены"),
        (merged_across, "строка 3, столбец «company» (A):", "объединены"),
        (tall_title, "строка 1, столбец «company» (A):", "объединены"),
        (same_title, "строка 1, столбец «ends» (F):", "уже есть"),
        (error_cell, "строка 2, столбец «ends» (E):", "ошибка таблицы"),
        (formula, "строка 2, столбец «ends» (E):", "нет посчитанного значения"),
    ],
)
def test_no_filled_cell_is_lost_in_silence(
    change: Callable[[Worksheet], None], place: str, words: str, tmp_path: Path
) -> None:
    lines = told(written(tmp_path, "contracts", change, ends=(date(2026, 12, 31), "DD.MM.YYYY")))
    assert any(place in line and words in line for line in lines), lines


def test_a_counted_formula_is_its_value_and_an_empty_text_is_empty(tmp_path: Path) -> None:
    path = written(tmp_path, "contracts", formula)
    for result, expected in (("<v>46387</v>", "2026-12-31"), ('" t="str"><f>D2+365</f><v></v>', None)):
        changed = tmp_path / f"{expected}.xlsx"
        with zipfile.ZipFile(path) as old, zipfile.ZipFile(changed, "w") as new:
            for name in old.namelist():
                raw = old.read(name).decode()
                if name.endswith("sheet1.xml") and expected:
                    raw = raw.replace("<v></v>", result).replace("<v />", result).replace("<v/>", result)
                    assert result in raw
                elif name.endswith("sheet1.xml"):
                    raw = raw.replace('<c r="E2"', '<c r="E2" t="str"')
                new.writestr(name, raw)
        sheets, findings = read_sheets(changed)
        assert not findings
        (line,) = next(each.lines for each in sheets)
        assert line.cells.get("ends") == (expected and "46387")


def test_hidden_rows_columns_and_a_protected_sheet_are_read(tmp_path: Path) -> None:
    def hide(page: Worksheet) -> None:
        page.append(["shop", "Д-2", "base", date(2025, 1, 1), date(2026, 12, 31)])
        page.row_dimensions[3].hidden = True
        page.column_dimensions["E"].hidden = True
        page.protection.sheet = True
        page["J1"] = None

    sheets, findings = read_sheets(written(tmp_path, "contracts", hide))
    assert not findings
    assert [line.cells.get("ends") for line in sheets[0].lines] == [None, "2026-12-31"]


DEBTS = 'company;invoice;amount;due\r\nshop;С-1;"3 750,00";01.11.2026\r\n'


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1251", "utf-16"])
@pytest.mark.parametrize(
    "text",
    [
        DEBTS,
        DEBTS.replace("\r\n", "\n"),
        DEBTS.replace("\r\n", "\r"),
        DEBTS.replace(";", "\t"),
        DEBTS.replace(";", ","),
        "sep=;\r\n" + DEBTS,
        "sep=,\r\n" + DEBTS.replace(";", ","),
        "\r\n\r\n" + DEBTS.replace(";", ","),
        DEBTS.replace("С-1", '="С-1"'.replace('"', '""').join('""')),
        DEBTS.replace("invoice", '"счет"').replace("3 750,00", "3\u00a0750,00 ₽"),
    ],
)
def test_a_csv_of_any_letters_and_separators(text: str, encoding: str, tmp_path: Path) -> None:
    if encoding == "cp1251" and "₽" in text:
        text = text.replace("₽", "руб.")
    (tmp_path / "debts.csv").write_bytes(text.encode(encoding))
    sheets, findings = read_sheets(tmp_path)
    assert not findings
    (row,) = check(sheets, nothing(), TODAY)[0].of("debts")
    assert (row.row.invoice, row.row.amount, row.row.due) == ("С-1", 375_000, date(2026, 11, 1))


def test_a_csv_tells_cells_without_a_title_by_their_number(tmp_path: Path) -> None:
    (tmp_path / "debts.csv").write_text("company;invoice;amount;;due\nshop;С-1;5;x;01.11.2026;лишнее\n", "utf-8")
    lines = told(tmp_path)
    assert any("строка 2, столбец 4:" in line and "без названия" in line for line in lines)
    assert any("строка 2, столбец 6:" in line and "«лишнее»" in line for line in lines)


def test_tables_of_another_format_are_told_of(tmp_path: Path) -> None:
    for name in ("debts.xls", "people.ods", "~$debts.xlsx", "._debts.csv"):
        (tmp_path / name).write_bytes(b"x")
    (tmp_path / "debts.csv").write_text(DEBTS, "utf-8")
    assert sorted(line.split(":")[0] for line in told(tmp_path)) == ["debts.xls", "people.ods"]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
@pytest.mark.parametrize(
    "text",
    [
        "company;invoice;amount;due;;\r\nshop;С-1;3 750,00;01.11.2026;;\r\n;;;;;\r\n",
        "\ufeffcompany\u00a0;\u00a0invoice;amount *;due\nshop;С-1;3\u2009750,00;01.11.2026 0:00:00\n",
        'sep=\t\n"company"\tinvoice\t"сумма"\t"срок\nоплаты"\nshop\tС-1\t"3\u202f750,00 ₽"\t01.11.2026\n',
        "SEP=;\r\ncompany;invoice;amount;due\r\nshop;С-1;3750.0000;2026-11-01T00:00:00\r\n",
        "Компания,Счёт,Сумма,Срок оплаты\nshop,С-1,3750.00,2026-11-01\n",
    ],
)
def test_a_csv_as_a_program_leaves_it(text: str, encoding: str, tmp_path: Path) -> None:
    (tmp_path / "debts.csv").write_bytes(text.encode(encoding))
    sheets, findings = read_sheets(tmp_path)
    assert [each.text("ru") for each in findings] == []
    (row,) = check(sheets, nothing(), TODAY)[0].of("debts")
    assert (row.row.invoice, row.row.amount, row.row.due) == ("С-1", 375_000, date(2026, 11, 1))
