"""Tables as 1C, Excel and Google Sheets write them, with all that stands round the rows: read right, or told where."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from openpyxl import Workbook
from openpyxl.styles import Font
from openpyxl.worksheet.worksheet import Worksheet

from bot.imports.check import check
from bot.imports.files.headers import sheet_named
from bot.imports.files.sheets import read_sheets
from tests.conftest import TestOffice
from tests.imports.folder import mistakes, small
from tests.imports.test_cell_forms import TODAY, nothing, told

HEAD = "Компания;Счет;Сумма;Срок оплаты;Оспаривается"
LINE = "shop;С-1;1 250,50;01.11.2026 0:00:00;-"
ONE = ("С-1", 125_050, date(2026, 11, 1), False)
# What stands in the file; its one debt is read whatever is round it.
READ = {
    "plain": f"{HEAD}\n{LINE}\n",
    "a mark and told semicolons": f"\ufeffsep=;\r\n{HEAD}\r\n{LINE}\r\n",
    "empty rows": f"\n;;;;\n{HEAD}\n;;;;\n\n{LINE}\n;;;;\n\n",
    "a report's title and period": f"Задолженность по контрагентам;;;;\nПериод:;30.11.2026;;;\n;;;;\n{HEAD}\n{LINE}\n",
    "totals": f"{HEAD}\n{LINE}\nИтого;;1 250,50;;\n",
    "totals of a group": f"{HEAD}\n{LINE}\nИтого по Магазину:;;1 250,50;;\nВсего;;1 250,50;;\n",
    "totals in another column": f"{HEAD}\n{LINE}\n;Итого:;1 250,50;;\n",
    "totals in English": f"{HEAD}\n{LINE}\nGrand total;;1250.50;;\n",
    "rows numbered": "№ п/п;" + HEAD + "\n1;" + LINE + "\n;Итого;;1 250,50;;\n",
    "rows numbered by a sign": "№;" + HEAD + "\n1;" + LINE + "\n",
    "rows numbered in full": "№ п.п.;" + HEAD + "\n1;" + LINE + "\n",
    "roubles in the title": HEAD.replace("Сумма", "Сумма, руб.") + f"\n{LINE}\n",
    "roubles in brackets": HEAD.replace("Сумма", "Сумма (руб)") + f"\n{LINE}\n",
    "a title of two lines": HEAD.replace("Срок оплаты", '"Срок\nоплаты"') + f"\n{LINE}\n",
    "a sum with odd spaces": f"{HEAD}\n{LINE.replace('1 250,50', '1' + chr(160) + '250,50' + chr(160) + 'р.')}\n",
    "a float's dust": f"{HEAD}\n{LINE.replace('1 250,50', '1250.5000000000002')}\n",
}
# What stands in the file, and what is said of it.
TOLD = {
    "a dash for the sum": (f"{HEAD}\n{LINE.replace('1 250,50', '-')}\n", "строка 2, столбец «Сумма»: пусто"),
    "a long dash for the day": (f"{HEAD}\n{LINE.replace('01.11.2026 0:00:00', '—')}\n", "столбец «Срок оплаты»: пусто"),
    "a day without its format": (
        f"{HEAD}\n{LINE.replace('01.11.2026 0:00:00', '46327')}\n",
        "столбец «Срок оплаты»: «46327»: нужна дата, а это её номер в Excel (01.11.2026)",
    ),
    "a row above the titles": (f"{LINE}\n{HEAD}\n{LINE}\n", "строка 1: строка выше названий столбцов"),
    "a signature": (f"{HEAD}\n{LINE}\nБухгалтер;;;;\n", "строка 3, столбец «Счет»: пусто"),
    "no titles": (f"{LINE}\n", "столбец «shop»: лишний столбец"),
    "a number sign in the middle": (
        f"{HEAD};№\n{LINE};1\n",
        "строка 1, столбец «№»: лишний столбец, здесь бывают: компания, счет",
    ),
    "totals alone": (f"{HEAD}\n{LINE.replace('shop', 'Итоговый')}\n", "«Итоговый» не найдено"),
}


@pytest.mark.parametrize("encoding", ["utf-8", "cp1251"])
@pytest.mark.parametrize("text", READ.values(), ids=READ)
def test_a_debt_is_read_whatever_is_round_it(text: str, encoding: str, tmp_path: Path) -> None:
    if "\ufeff" in text and encoding == "cp1251":
        text = text.removeprefix("\ufeff")
    (tmp_path / "Долги.csv").write_bytes(text.encode(encoding))
    sheets, findings = read_sheets(tmp_path)
    assert [each.text("ru") for each in findings] == []
    tables, more = check(sheets, nothing(), TODAY)
    assert [each.text("ru") for each in more if each.key != "unknown_ref"] == []
    (row,) = tables.of("debts")
    assert (row.row.invoice, row.row.amount, row.row.due, row.row.disputed) == ONE


@pytest.mark.parametrize(("text", "words"), TOLD.values(), ids=TOLD)
def test_what_is_none_of_a_debt_is_told_with_its_place(
    text: str, words: str, office: TestOffice, tmp_path: Path
) -> None:
    lines = mistakes(office, small(tmp_path / "in", debts=text))
    assert any(line.startswith("debts.csv") and words in line for line in lines), lines


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("Клиенты - Лист1", "companies"),
        ("Клиенты — Лист 2", "companies"),
        ("companies - Sheet1", "companies"),
        ("Клиенты.xlsx - Лист1", "companies"),
        ("Клиенты (1)", "companies"),
        ("03 Клиенты - Лист1 (12)", "companies"),
        ("Клиенты — копия", "companies"),
        ("прайс-листы", "price_lists"),
        ("Лист1", None),
        (" - Лист1", None),
        ("Клиенты 2026", None),
        ("", None),
    ],
)
def test_a_table_is_known_by_its_name_with_what_programs_add(name: str, kind: str | None) -> None:
    assert sheet_named(name) == kind


def clients(folder: Path, change: Callable[[Workbook, Worksheet], None]) -> Path:
    """«Клиенты.xlsx» with one sheet «Лист1» of one company, changed."""
    book = Workbook()
    page = book.active
    assert page is not None
    page.title = "Лист1"
    page.append(["Код", "Название", "ИНН"])
    page.append(["shop", "Магазин", 7707083893])
    change(book, page)
    book.save(folder / "Клиенты.xlsx")
    return folder / "Клиенты.xlsx"


def as_it_is(_book: Workbook, _page: Worksheet) -> None:
    """Nothing is changed."""


def new_workbook(book: Workbook, _page: Worksheet) -> None:
    for title in ("Лист2", "Лист3"):
        book.create_sheet(title)


def a_report(_book: Workbook, page: Worksheet) -> None:
    page.insert_rows(1, 2)
    page["A1"] = "Список клиентов"
    page.merge_cells("A1:C1")
    page.append(["Всего клиентов", None, 1])
    page["A5"] = "Итого"
    page["C5"] = "=SUM(C4:C4)"
    page.merge_cells("A5:B5")


def formatted_to_the_end(_book: Workbook, page: Worksheet) -> None:
    page.cell(1_048_576, 3).font = Font(bold=True)
    page.cell(2, 16_384).font = Font(bold=True)


@pytest.mark.parametrize("change", [as_it_is, new_workbook, a_report, formatted_to_the_end])
@pytest.mark.timeout(60)
def test_a_workbook_as_excel_leaves_it(change: Callable[[Workbook, Worksheet], None], tmp_path: Path) -> None:
    sheets, findings = read_sheets(clients(tmp_path, change))
    assert [each.text("ru") for each in findings] == []
    (row,) = check(sheets, nothing(), TODAY)[0].of("companies")
    assert (row.row.code, row.row.name, row.row.inn) == ("shop", "Магазин", "7707083893")


def two_filled(book: Workbook, _page: Worksheet) -> None:
    book.create_sheet("Лист2").append(["заметки"])


def nothing_at_all(_book: Workbook, page: Worksheet) -> None:
    page.delete_rows(1, 2)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (two_filled, "лист «Лист1»: таблица «Лист1» неизвестна"),
        (nothing_at_all, "лист «Лист1»: таблица пуста"),
    ],
)
def test_a_workbook_that_says_too_little_is_told(
    change: Callable[[Workbook, Worksheet], None], words: str, tmp_path: Path
) -> None:
    assert any(words in line for line in told(clients(tmp_path, change)))


def test_a_dash_says_nothing_but_no(office: TestOffice, tmp_path: Path) -> None:
    """Of a VAT it says nothing either: that is asked about, not taken for «без НДС» (R6.1)."""
    folder = small(
        tmp_path / "in",
        companies="code;name;inn;category;active\nshop;Магазин;-;—;+\ncafe;Кафе;–;-;-\n",
        sites="company;code;name;address\nshop;s1;Тверская;-\n",
    )
    sheets, _ = read_sheets(folder)
    tables, findings = check(sheets, nothing(), TODAY)
    assert findings == []
    assert [(each.row.inn, each.row.category, each.row.active) for each in tables.of("companies")] == [
        (None, "standard", True),
        (None, "standard", False),
    ]
    assert tables.of("sites")[0].row.address is None
    seller = "name;inn;phone;vat\nСервис;7707083893;+7 495 000-00-00;-\n"
    assert any("столбец «vat»: пусто" in line for line in mistakes(office, small(tmp_path / "in", seller=seller)))
