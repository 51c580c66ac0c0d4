"""Good files, in every form they come in, and again."""

import csv
import io
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook
from sqlmodel import Session, SQLModel, col, func, select

from bot.billing.debts.models import Debt
from bot.billing.hours.balances import pool_balances
from bot.billing.hours.models import Pool, PoolEntry
from bot.billing.prices.models import PriceLine, PriceList
from bot.billing.seller.particulars import seller_rate
from bot.billing.terms.models import Plan
from bot.billing.work.models import TimeEntry
from bot.clients.identification.phones import Reached
from bot.clients.models import Company, Contract, Membership, Person, ServiceObject
from bot.clients.phone_lines import companies_of, numbers_of
from bot.tickets.calls.models import PhoneCall
from tests.conftest import TestOffice
from tests.imports.folder import SMALL, load, mistakes, small


def live_debts(session: Session) -> list[Debt]:
    return list(session.exec(select(Debt).where(col(Debt.ended_at).is_(None))).all())


def count(session: Session) -> dict[str, int]:
    """Rows of every table."""
    tables = SQLModel.metadata.sorted_tables
    return {t.name: session.connection().execute(select(func.count()).select_from(t)).scalar_one() for t in tables}


def one(session: Session, model: Any) -> Any:
    return session.exec(select(model)).one()


def test_a_small_folder(office: TestOffice, tmp_path: Path, session: Session) -> None:
    load(office, small(tmp_path / "in"))
    person = one(session, Person)
    assert (person.phone, person.name) == ("+79001234567", "Анна")
    roles = session.exec(select(Membership)).all()
    assert {(role.role, role.job_limit) for role in roles} == {("owner", 375_000), ("approver", 375_000)}
    plan = one(session, Plan)
    assert (plan.included_minutes, plan.monthly_fee) == (120, 900_000)
    assert plan.terms["targets"]["normal"] == {"reaction": 240, "resolution": 960}
    assert one(session, ServiceObject).kind == "kkt"
    assert one(session, Debt).kopecks == 10_050
    assert {line.kopecks for line in session.exec(select(PriceLine))} == {250_000, 90_000}
    contract = one(session, Contract)
    pools = pool_balances(session, [contract.id], date(2026, 11, 24))
    assert [(pool.kind, pool.left) for pool in pools] == [("included", 120), ("prepaid", 600)]


def test_again_changes_nothing(office: TestOffice, tmp_path: Path, database: Any) -> None:
    load(office, small(tmp_path / "in"))
    with database.read() as before:
        rows = count(before)
    assert load(office, tmp_path / "in").changed_nothing
    with database.read() as after:
        assert count(after) == rows


def test_vat_changes_on_its_day_and_none_is_said(office: TestOffice, tmp_path: Path, session: Session) -> None:
    seller = "name;inn;phone;vat\nСервис;7707083893;+7 495 000-00-00;20\n"
    regimes = "с;НДС\n01.01.2026;22\n01.01.2027;без НДС\n"
    folder = small(tmp_path / "in", seller=seller, tax_regimes=regimes)
    load(office, folder)
    days = (date(2025, 12, 31), date(2026, 1, 1), date(2026, 12, 31), date(2027, 1, 1))
    assert [seller_rate(session, day) for day in days] == [2000, 2200, 2200, None]
    assert load(office, folder).changed_nothing


def test_a_seller_s_file_that_is_silent_of_vat_keeps_what_is_known_and_makes_no_new_one(
    office: TestOffice, tmp_path: Path, session: Session
) -> None:
    silent = "name;inn;phone\nСервис;7707083893;+7 495 000-00-00\n"
    assert any("с каким НДС" in line for line in mistakes(office, small(tmp_path / "in", seller=silent)))
    load(office, small(tmp_path / "in", seller="name;inn;phone;vat\nСервис;7707083893;+7 495 000-00-00;20\n"))
    load(office, small(tmp_path / "in", seller=silent))
    assert seller_rate(session, date(2026, 11, 1)) == 2000


@pytest.mark.parametrize("between", [", ", "; ", "/", " / ", "\n"])
def test_all_phones_of_a_cell_are_kept_the_first_as_the_person_s_own(
    between: str, office: TestOffice, tmp_path: Path, session: Session
) -> None:
    people = 'code;name;phone;company;roles\nanna;Анна;"{}";shop;owner\n'
    cell = f"+7 900 123-45-67{between}8 495 765-43-21 доб. 12"
    folder = small(tmp_path / "in", people=people.format(cell))
    assert "Ещё телефоны: новых 0, изменено 1" in load(office, folder).text("ru")
    anna = one(session, Person)
    assert anna.phone == "+79001234567"
    assert numbers_of(session, anna.id) == (Reached("+79001234567"), Reached("+74957654321", "12"))
    assert load(office, folder).changed_nothing
    load(office, small(tmp_path / "in", people=people.format("8 900 123-45-67")))
    session.rollback()
    assert numbers_of(session, anna.id) == (Reached("+79001234567"),)


def test_colleagues_on_one_line_are_loaded_and_told(office: TestOffice, tmp_path: Path, session: Session) -> None:
    people = (
        "code;name;phone;company;roles\nanna;Анна;+7 495 123-45-67 доб. 12;shop;owner\n"
        "boris;Борис;8 (495) 123-45-67 доб. 13;shop;requester\n"
        "gleb;Глеб;8 (495) 765-43-21 доб. 1;cafe;requester\n"
    )
    folder = small(tmp_path / "in", people=people)
    told = load(office, folder).text("ru")
    assert "+7 495 123-45-67: одна линия у нескольких людей (Анна, Борис)" in told
    assert "Глеб: +7 495 765-43-21 — общий номер с добавочным, по нему не узнать: пригласите по ссылке" in told
    assert load(office, folder).changed_nothing
    alone = "code;name;phone;company;roles\nvera;Вера;84951234567;shop;owner\n"
    load(office, small(tmp_path / "in", people=alone))
    found = session.exec(select(Person).where(Person.phone == "+74951234567").order_by(col(Person.id))).all()
    assert [numbers_of(session, person.id)[0].extension for person in found] == ["12", "13", ""]
    strange = "code;name;phone;company;roles\nzoya;Зоя;84951234567 доб. 40;cafe;owner\n"
    assert mistakes(office, small(tmp_path / "in", people=strange)) == [], "two companies in one house"


def test_a_company_s_phones_are_its_lines(office: TestOffice, tmp_path: Path, session: Session) -> None:
    companies = "код;название;телефоны\nshop;Магазин;8 495 123-45-67 доб. 1, 8 495 765-43-21\ncafe;Кафе;\n"
    folder = small(tmp_path / "in", companies=companies)
    load(office, folder)
    assert [each.code for each in companies_of(session, "+74951234567")] == ["shop"]
    assert [each.code for each in companies_of(session, "+74957654321")] == ["shop"]
    assert load(office, folder).changed_nothing
    load(office, small(tmp_path / "in"))
    session.rollback()
    assert companies_of(session, "+74951234567"), "a file without the column says nothing of lines"
    load(office, small(tmp_path / "in", companies=companies.replace("8 495 123-45-67 доб. 1, ", "")))
    session.rollback()
    assert companies_of(session, "+74951234567") == []


HISTORY = "code;contract;object;requester;description;coverage;opened;closed;channel\n"
SPENT = "ticket;engineer;started;minutes;channel;учтено\n"


def test_minutes_without_a_count_are_rounded_as_the_contract_rounds_and_so_drawn(
    office: TestOffice, tmp_path: Path, session: Session
) -> None:
    """R5.5: two of one day together, remote and visit apart, what the file counts is taken as it is."""
    tickets = HISTORY + "h;Д-1;t1;anna;x;часы;2026-11-02 10:00;2026-11-03 18:00;remote\n"
    times = SPENT + (
        "h;anna;2026-11-02 10:00;7;remote;\nh;anna;2026-11-02 11:00;4;remote;\n"
        "h;anna;2026-11-02 12:00;50;visit;\nh;anna;2026-11-03 12:00;10;remote;13\n"
    )
    folder = small(tmp_path / "in", tickets=tickets, time_entries=times)
    load(office, folder)
    rows = session.exec(select(TimeEntry).order_by(col(TimeEntry.id))).all()
    assert [(row.minutes, row.billed_minutes) for row in rows] == [(7, 15), (4, 0), (50, 60), (10, 13)]
    assert all(row.settled_at is not None for row in rows)
    drawn = session.exec(select(PoolEntry.amount).where(PoolEntry.kind == "consume")).all()
    assert sum(drawn) == 88
    assert load(office, folder).changed_nothing


def test_every_past_ticket_short_of_hours_is_told(office: TestOffice, tmp_path: Path, session: Session) -> None:
    tickets = HISTORY + "".join(
        f"h{n:02};Д-1;t1;anna;x;часы;2026-11-02 10:{n:02};2026-11-03 18:00;remote\n" for n in range(12)
    )
    times = SPENT + "".join(f"h{n:02};anna;2026-11-02 11:00;;remote;\n".replace(";;", ";700;") for n in range(12))
    told = mistakes(office, small(tmp_path / "in", tickets=tickets, time_entries=times))
    assert [line.split("«h")[1][:2] for line in told] == [f"{n:02}" for n in range(1, 12)]
    assert "не хватает 11\u00a0ч 30\u00a0мин" in told[0]
    assert "не хватает 11\u00a0ч 45\u00a0мин" in told[1]
    assert session.exec(select(TimeEntry)).all() == []


def test_one_invoice_number_in_two_years_is_two_debts(office: TestOffice, tmp_path: Path, session: Session) -> None:
    debts = (
        "company;invoice;дата счёта;amount;due\n"
        "shop;12;15.10.2025;100,50;01.11.2025\nshop;12;15.10.2026 0:00:00;200;01.11.2026\n"
    )
    folder = small(tmp_path / "in", debts=debts)
    load(office, folder)
    assert sorted(debt.kopecks for debt in session.exec(select(Debt)).all()) == [10_050, 20_000]
    assert load(office, folder).changed_nothing


def test_calls_are_taken_once_in_the_seller_s_time(office: TestOffice, tmp_path: Path, session: Session) -> None:
    staff = "code;name;phone;roles\npetr;Пётр;+7 900 765-43-21;engineer\n"
    calls = (
        "id;начало;длительность;номер;инженер;отвечен;тема\n"
        "a-1;24.11.2026 10:15;95;8 900 123-45-67;petr;да;\n"
        "a-2;24.11.2026 11:00;600;8 900 123-45-67;petr;да;жалоба\n"
    )
    folder = small(tmp_path / "in", staff=staff, calls=calls)
    load(office, folder)
    assert load(office, folder).changed_nothing
    found = session.exec(select(PhoneCall).order_by(col(PhoneCall.code))).all()
    assert [(call.state, call.seconds) for call in found] == [("draft", 95), ("unbilled", 600)]
    assert found[0].started_at == datetime(2026, 11, 24, 7, 15, tzinfo=UTC)


def test_a_changed_limit_is_a_new_right(office: TestOffice, tmp_path: Path, session: Session) -> None:
    folder = small(tmp_path / "in")
    load(office, folder)
    people = folder / "people.csv"
    people.write_text(people.read_text(encoding="utf-8").replace("3 750,00", "1 000,00"), encoding="utf-8")
    assert load(office, folder).counts["roles"].changed == 2
    rights = session.exec(select(Membership.job_limit, Membership.ended_at)).all()
    assert sorted((limit, ended is None) for limit, ended in rights) == [(100_000, True)] * 2 + [(375_000, False)] * 2


def test_as_a_workbook_with_russian_sheets(office: TestOffice, tmp_path: Path, session: Session) -> None:
    names = {"companies": "Компании", "people": "Люди", "contracts": "Договоры", "plans": "Тарифы"}
    book = Workbook()
    book.remove(book.worksheets[0])
    for file, text in SMALL.items():
        kind = file.removesuffix(".csv")
        page = book.create_sheet(names.get(kind, kind))
        for row in csv.reader(io.StringIO(text), delimiter=";"):
            page.append([_native(cell) for cell in row])
    book.save(tmp_path / "all.xlsx")
    load(office, tmp_path / "all.xlsx")
    assert one(session, Contract).starts == date(2025, 1, 1)
    assert session.exec(select(Company.inn).where(Company.code == "shop")).one() == "7707083893"
    assert one(session, Debt).kopecks == 10_050


def _native(cell: str) -> Any:
    if cell == "01.01.2025":
        return date(2025, 1, 1)
    if cell == "100,50":
        return 100.5
    return int(cell) if cell.isdigit() and not cell.startswith("0") else cell


@pytest.mark.parametrize("encoding", ["cp1251", "utf-8-sig"])
@pytest.mark.parametrize("delimiter", [",", "\t"])
def test_letters_and_delimiters(
    office: TestOffice, tmp_path: Path, session: Session, encoding: str, delimiter: str
) -> None:
    text = f"Код{delimiter}Название\nshop{delimiter}Магазин «Ёлка»\n"
    (tmp_path / "Клиенты.csv").write_bytes(text.encode(encoding))
    load(office, tmp_path)
    assert one(session, Company).name == "Магазин «Ёлка»"


def test_a_changed_list_is_a_new_version(office: TestOffice, tmp_path: Path, session: Session) -> None:
    load(office, small(tmp_path / "in"))
    lines = "list;item;price\nbase;FIX;2600\nbase;CLEAN;850\nbase;hour:setup;2200\n"
    done = load(office, small(tmp_path / "in", price_lines=lines))
    (change,) = done.prices
    assert (change.version, change.dearer, change.cheaper, change.added, change.removed) == (2, 1, 1, 1, 1)
    assert "подорожает 1\u00a0позиция, подешевеет 1, новых 1, исчезнет 1" in done.text("ru")
    assert "• Чистка: 900\u00a0₽ → 850\u00a0₽\n• Ремонт кассы: 2\u00a0500\u00a0₽ → 2\u00a0600\u00a0₽" in done.text(
        "ru", preview=True
    )
    lists = session.exec(select(PriceList).order_by(col(PriceList.version))).all()
    assert [(each.version, each.current) for each in lists] == [(1, False), (2, True)]
    old = session.exec(select(PriceLine).where(PriceLine.list_id == lists[0].id)).all()
    assert sorted(line.kopecks for line in old) == [90_000, 250_000, 250_000]


def test_lines_alone_make_a_new_version_of_a_known_list(office: TestOffice, tmp_path: Path, session: Session) -> None:
    load(office, small(tmp_path / "in"))
    (tmp_path / "prices").mkdir()
    (tmp_path / "prices" / "price_lines.csv").write_text("list;item;price\nbase;FIX;2600\n")
    load(office, tmp_path / "prices")
    current = session.exec(select(PriceList).where(col(PriceList.current).is_(True))).one()
    assert (current.version, current.name, current.scope) == (2, "Основной", "default")


def test_what_a_person_chose_is_not_written_over(office: TestOffice, tmp_path: Path, session: Session) -> None:
    load(office, small(tmp_path / "in"))
    with office.work() as uow:
        one(uow.session, Person).language = "en"
    load(office, tmp_path / "in")
    assert one(session, Person).language == "en"


def test_changed_rows_change(office: TestOffice, tmp_path: Path, session: Session) -> None:
    load(office, small(tmp_path / "in"))
    companies = "code;name;inn\nshop;Большой магазин;7707083893\ncafe;Кафе;\n"
    done = load(office, small(tmp_path / "in", companies=companies))
    assert (done.counts["companies"].changed, done.counts["companies"].same) == (1, 1)
    assert session.exec(select(Company.name).where(Company.code == "shop")).one() == "Большой магазин"


def test_a_paid_invoice_goes(office: TestOffice, tmp_path: Path, session: Session) -> None:
    load(office, small(tmp_path / "in"))
    load(office, small(tmp_path / "in", debts="company;invoice;amount;due\nshop;С-2;5;2026-12-01\n"))
    assert [debt.invoice for debt in live_debts(session)] == ["С-2"]


def test_an_empty_sheet_of_debts_ends_the_last_one_and_a_missing_sheet_none(
    office: TestOffice, tmp_path: Path, session: Session
) -> None:
    load(office, small(tmp_path / "in"))
    assert load(office, small(tmp_path / "in", debts=None)).debts.ended == 0
    assert one(session, Debt).invoice == "С-1"
    done = load(office, small(tmp_path / "in", debts="company;invoice;amount;due\n"))
    assert "• Магазин, С-1: 100,50 ₽" in done.text("ru").replace("\u00a0", " ")
    session.rollback()
    assert live_debts(session) == []
    assert one(session, Debt).ended_at is not None, "what was owed is kept"


def test_debts_that_end_are_said_with_their_sum_and_a_partial_sheet_is_asked_about(
    office: TestOffice, tmp_path: Path
) -> None:
    head = "company;invoice;amount;due\n"
    four = [f"shop;С-{number};{number}00;2026-11-01\n" for number in range(1, 5)]
    first = load(office, small(tmp_path / "in", debts=head + "".join(four))).text("ru", preview=True)
    assert "больше не числ" not in first
    one_gone = (
        load(office, small(tmp_path / "in", debts=head + "".join(four[:3])))
        .text("ru", preview=True)
        .replace("\u00a0", " ")
    )
    assert "Долги: 1 счёт больше не числится (было 4), на 400 ₽: считаем оплаченным." in one_gone
    assert "загрузите его полностью" not in one_gone
    assert "менять нечего" not in one_gone
    done = load(office, small(tmp_path / "in", debts=head + four[0]))
    most = done.text("ru").replace("\u00a0", " ")
    assert "Долги: 2 счёта больше не числятся (было 3), на 500 ₽: считаем оплаченными." in most
    assert "Если в листе не все долги, загрузите его полностью." in most
    assert "Debts: 2 invoices are no longer listed (of 3), ₽500: taken as paid. If" in done.text("en").replace(
        "\u00a0", " "
    )
    again = load(office, tmp_path / "in")
    assert again.changed_nothing
    assert "больше не числ" not in again.text("ru")


def test_included_hours_come_once_a_month(office: TestOffice, tmp_path: Path, session: Session) -> None:
    load(office, small(tmp_path / "in"))
    office.moment += timedelta(days=20)
    assert load(office, tmp_path / "in").granted == 1
    assert load(office, tmp_path / "in").granted == 0
    included = session.exec(select(Pool).where(Pool.kind == "included").order_by(col(Pool.starts))).all()
    assert [(pool.starts, pool.ends) for pool in included] == [
        (date(2026, 11, 1), date(2026, 11, 30)),
        (date(2026, 12, 1), date(2026, 12, 31)),
    ]
    grants = session.exec(select(PoolEntry).where(col(PoolEntry.pool_id).in_([pool.id for pool in included]))).all()
    assert [(entry.kind, entry.amount) for entry in grants] == [("grant", 120), ("grant", 120)]
