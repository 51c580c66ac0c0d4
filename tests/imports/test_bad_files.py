"""A bad file: nothing is loaded, and each mistake is told with its place and what is expected (R4.5, R5.7)."""

import ast
import tomllib
from pathlib import Path

import pytest
from openpyxl import Workbook
from sqlmodel import Session, select

from bot.clients.models import Company, Person
from bot.imports.files.headers import _tables
from bot.messaging.notices.texts import LANGUAGES
from tests.conftest import TestOffice
from tests.imports.folder import SMALL, load, mistakes, small

CASES = {
    "inn digits": ({"companies": "code;name;inn\nshop;М;7701234567\n"}, ["companies.csv", "строка 2", "«inn»", "ИНН"]),
    "inn length": ({"companies": "код;название;ИНН\nshop;М;77\n"}, ["строка 2", "«ИНН»", "10 или 12 цифр"]),
    "empty cell": ({"companies": "code;name\nshop;\n"}, ["строка 2", "обязательно"]),
    "too long": ({"companies": f"code;name\nshop;{'я' * 301}\n"}, ["не больше 300"]),
    "phone": ({"people": "code;name;phone;company;roles\na;А;12;shop;owner\n"}, ["«phone»", "+7 900 123-45-67"]),
    "role": ({"people": "code;name;company;roles\na;А;shop;царь\n"}, ["«царь»", "approver"]),
    "no role": ({"people": "code;name;company;roles\na;А;shop;,\n"}, ["«roles»", "обязательно"]),
    "money": ({"price_lines": "list;item;price\nbase;FIX;3,750\n"}, ["«price»", "3750,00"]),
    "zero price": ({"price_lines": "list;item;price\nbase;FIX;0\n"}, ["не бывает нулевой"]),
    "work type": ({"price_lines": "list;item;price\nbase;hour:dance;5\n"}, ["«hour:dance»", "hour:repair"]),
    "date": ({"contracts": "company;number;plan;starts\nshop;1;base;31.02.2026\n"}, ["«31.02.2026»", "31.03.2026"]),
    "end first": (
        {"contracts": "company;number;plan;starts;ends\nshop;Д-1;base;2026-02-01;2026-01-01\n"},
        ["«ends»", "раньше начала"],
    ),
    "half a target": ({"plans": "code;name;reaction_low\nbase;Б;5\n"}, ["«resolution_low»|resolution_low", "вместе"]),
    "unknown column": ({"companies": "code;name;цвет\nshop;М;синий\n"}, ["«цвет»", "лишний столбец", "ИНН"]),
    "column twice": ({"companies": "code;name;код\nshop;М;x\n"}, ["такой столбец уже есть"]),
    "no column": ({"companies": "name\nМ\n"}, ["нет обязательного столбца", "код"]),
    "no header": ({"companies": "\n\n"}, ["таблица пуста"]),
    "repeated code": ({"companies": "code;name\nshop;М\ncafe;К\nshop;Д\n"}, ["строка 4", "«shop»", "строке 2"]),
    "no such company": ({"objects": "code;company;kind;model\nt1;tent;касса;А\n"}, ["«tent»", "Компании"]),
    "no such site": ({"objects": "code;company;site;kind;model\nt1;cafe;s1;касса;А\n"}, ["«s1»", "Площадки"]),
    "no such work": ({"price_lines": "list;item;price\nbase;FLY;5\n"}, ["«FLY»", "Работы"]),
    "price of a norm": (
        {"work_items": "code;name;norm;mode\nFIX;Ремонт;60;норма\nCLEAN;Ч;30;\n"},
        ["строка 2", "«FIX»", "норм"],
    ),
    "list like an hour": ({"price_lines": "list;item;price\nhour:repair;FIX;5\n"}, ["«hour:repair»", "«list»"]),
    "foreign object": (
        {"contracts": "company;number;plan;starts\ncafe;Д-1;base;2025-01-01\n"},
        ["contract_objects.csv", "другой компании"],
    ),
    "circle": (
        {
            "contracts": "company;number;plan;starts;fallback\n"
            "shop;Д-1;base;2025-01-01;Д-2\nshop;Д-2;base;2025-01-01;Д-1\n"
        },
        ["Д-1 → Д-2 → Д-1"],
    ),
    "list of nobody": ({"price_lists": "code;name;scope\nbase;О;client\n"}, ["«company»|company", "не согласуются"]),
    "gift without reason": (
        {"pools": "code;contract;kind;amount;starts;ends\np;Д-1;gift;60;2026-01-01;2026-12-31\n"},
        ["подарочным"],
    ),
    "one phone, two people": (
        {"people": "code;name;phone;company;roles\na;А;89001234567;shop;owner\nb;Б;89001234567;cafe;owner\n"},
        ["строка 3", "+79001234567", "другого человека"],
    ),
    "one code, two people": (
        {"people": "code;name;company;roles\na;А;shop;owner\na;Б;cafe;owner\n"},
        ["строка 3", "другим именем"],
    ),
    "vat of nobody": ({"seller": None, "tax_regimes": "since;vat\n01.01.2026;22\n"}, ["Нет исполнителя", "init"]),
    "more cells than columns": ({"companies": "code;name\nshop;М;лишнее\n"}, ["строка 2", "«лишнее»"]),
    "open quotes": ({"companies": 'code;name\nshop;"М\n'}, ["companies.csv", "кавычки"]),
    "no letters": ({"companies": b"code;name\nshop;\x98\n"}, ["UTF-8"]),
    "utf-16 without a mark": ({"companies": "code;name\nshop;М\n".encode("utf-16-le")}, ["UTF-8"]),
    "bad sticker": ({"objects": "code;company;kind;model;qr_code\nt1;shop;касса;А;а б\n"}, ["«qr_code»"]),
    "bad exclusion": ({"exclusions": "plan;clause\nbase;п. 1\n"}, ["ничего не называет"]),
    "two owners": ({"exclusions": "plan;contract;clause;channels\nbase;Д-1;п. 1;visit\n"}, ["ровно одно"]),
    "empty band": ({"time_bands": "plan;start;end;multiplier\nbase;22:00;22:00;150\n"}, ["«end»", "24:00"]),
    "band of no day": ({"time_bands": "plan;days;start;end;multiplier\nbase;завтра;18:00;22:00;150\n"}, ["«завтра»"]),
    "band of nobody": ({"time_bands": "start;end;multiplier\n18:00;22:00;150\n"}, ["ровно одно"]),
    "account": (
        {"seller": "name;inn;phone;account;bic\nМы;7707083893;84951234567;40702810000000012345;044525225\n"},
        ["«account»", "ключ"],
    ),
    "time zone": ({"companies": "code;name;timezone\nshop;М;Москва\n"}, ["Europe/Moscow"]),
    "unknown table": ({"погода": "a;b\n1;2\n"}, ["«погода»", "docs/import.md"]),
    "rating": (
        {
            "tickets": "code;contract;object;requester;description;coverage;opened;closed;rating\n"
            "h;Д-1;t1;anna;x;COVERED;2026-09-01 10:00;2026-09-01 11:00;6\n"
        },
        ["«rating»", "«6»"],
    ),
    "closed before opened": (
        {
            "tickets": "code;contract;object;requester;description;coverage;opened;closed\n"
            "h;Д-1;t1;anna;x;COVERED;2026-09-01 10:00;2026-09-01 09:00\n"
        },
        ["«closed»", "раньше"],
    ),
    "hours that aren't there": (
        {
            "tickets": "code;contract;object;requester;description;coverage;opened;closed\n"
            "h;Д-1;t1;anna;x;часы;2026-09-01 10:00;2026-09-01 11:00\n",
            "time_entries": "ticket;engineer;started;minutes\nh;anna;2026-09-01 10:00;5000\n",
        },
        ["tickets.csv", "«h»", "не хватает"],
    ),
}


@pytest.mark.sampled(26)
@pytest.mark.parametrize("name", CASES)
def test_a_mistake_is_told_with_its_place(name: str, office: TestOffice, tmp_path: Path, session: Session) -> None:
    changed, expected = CASES[name]
    told = mistakes(office, small(tmp_path / "in", **changed))
    assert told
    for words in expected:
        assert any(choice in line for line in told for choice in words.split("|")), (words, told)
    english = mistakes(office, tmp_path / "in", "en")
    assert len(english) == len(told)
    assert session.exec(select(Company)).all() == []


def test_all_mistakes_are_told_at_once(office: TestOffice, tmp_path: Path) -> None:
    told = mistakes(
        office,
        small(
            tmp_path / "in",
            companies="code;name;inn\nshop;;7701234567\ncafe;К;\n",
            people="code;name;phone;company;roles\na;А;1;shop;owner\nb;Б;2;tent;царь\n",
        ),
    )
    assert len(told) >= 5
    assert sum("companies.csv" in line for line in told) == 2
    assert not any("«shop»" in line for line in told), "a bad row is no missing row"


def test_a_workbook_names_sheet_and_cell(office: TestOffice, tmp_path: Path) -> None:
    book = Workbook()
    page = book.active
    assert page is not None
    page.title = "Компании"
    for row in (["Код", "Название", "ИНН"], ["shop", "Магазин", 7701234567]):
        page.append(row)
    book.save(tmp_path / "clients.xlsx")
    (told,) = mistakes(office, tmp_path / "clients.xlsx")
    assert told.startswith("clients.xlsx, лист «Компании», строка 2, столбец «ИНН» (C): «7701234567»")


def test_no_folder_no_tables_no_workbook(office: TestOffice, tmp_path: Path) -> None:
    assert "нет такого" in mistakes(office, tmp_path / "nowhere")[0]
    assert "нет файлов" in mistakes(office, tmp_path)[0]
    (tmp_path / "a.xlsx").write_bytes(b"no zip")
    assert "повреждён" in mistakes(office, tmp_path)[0]
    (tmp_path / "a.txt").write_text("x")
    assert "не читается" in mistakes(office, tmp_path / "a.txt")[0]


def test_the_same_table_in_two_files(office: TestOffice, tmp_path: Path) -> None:
    folder = small(tmp_path / "in", клиенты=SMALL["companies.csv"])
    assert any("уже была" in line for line in mistakes(office, folder))


def test_a_phone_known_to_the_database_belongs_to_its_person(office: TestOffice, tmp_path: Path) -> None:
    load(office, small(tmp_path / "in"))
    other = "code;name;phone;company;roles\nboris;Борис;+79001234567;cafe;owner\n"
    assert any("другого человека" in line for line in mistakes(office, small(tmp_path / "in", people=other)))


def test_an_object_does_not_move_to_another_company(office: TestOffice, tmp_path: Path) -> None:
    load(office, small(tmp_path / "in"))
    moved = small(tmp_path / "in", objects="code;company;kind;model\nt1;cafe;касса;А\n", contract_objects=None)
    assert any("принадлежало" in line for line in mistakes(office, moved))


def test_every_label_of_a_mistake_is_used_and_every_used_one_exists() -> None:
    """A mistake without a label would be a crash in front of the user."""
    keys = {"wrong": 0, "Trouble": 0, "Mistake": 1, "_mistake": 2}
    used = {
        node.args[keys[node.func.id]].value
        for path in Path("bot/imports").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in keys
        if isinstance(node.args[keys[node.func.id]], ast.Constant)
    }
    assert len(used) > 40
    for lang in LANGUAGES:
        labels = tomllib.loads(Path(f"bot/templates/{lang}/labels/import.toml").read_text("utf-8"))
        assert used <= labels["import_error"].keys()
        assert set(_tables()["sheets"]) <= labels["import_sheet"].keys()


def test_a_stranger_who_wrote_before_gets_the_code(office: TestOffice, tmp_path: Path, session: Session) -> None:
    with office.work() as uow:
        uow.session.add(Person(name="Незнакомка", phone="+79001234567", created_at=uow.now))
    load(office, small(tmp_path / "in"))
    person = session.exec(select(Person).where(Person.phone == "+79001234567")).one()
    assert (person.code, person.name) == ("anna", "Анна")


def test_the_documentation_names_every_table_and_column() -> None:
    text = Path("docs/import.md").read_text("utf-8")
    for kind, sheet in _tables()["sheets"].items():
        assert f"| `{kind}` |" in text
        line = next(line for line in text.splitlines() if line.startswith(f"| `{kind}` |"))
        assert all(f"({titles[0]})" in line for titles in sheet["columns"].values())
    assert all(f"{name} (" in text for name in _tables()["groups"]["terms"])
