"""One number of a contract at two companies: everybody counts from 1 (R2.3)."""

from pathlib import Path

import pytest
from sqlmodel import Session, col, select

from bot.billing.hours.models import Pool
from bot.billing.prices.models import PriceList
from bot.billing.terms.models import ContractOverride
from bot.clients.models import Company, Contract, ContractObject, ServiceObject
from bot.tickets.life.models import Ticket
from tests.conftest import TestOffice
from tests.imports.folder import SMALL, load, mistakes, small

TWO = {
    "contracts": "company;number;plan;starts\nshop;Д-1;base;01.01.2025\ncafe;Д-1;base;01.02.2025\n",
    "objects": "code;company;kind;model\nt1;shop;касса;Атол 91Ф\nt2;cafe;касса;Атол 30Ф\n",
    "contract_objects": "contract;object\nД-1;t1\nД-1;t2\n",
    "pools": "code;company;contract;kind;amount;starts\np1;shop;Д-1;prepaid;10 ч;2026-01-01\n"
    "p2;cafe;Д-1;prepaid;5 ч;2026-01-01\n",
}
FALLBACK = "company;number;plan;starts;fallback\n"
STRANGE = "code;company;contract;kind;amount;starts;objects\nshop_1;shop;Д-1;prepaid;10 ч;2026-01-01;t3\n"
UNCLEAR = "договор «Д-1» есть у нескольких компаний: «Магазин», «Кафе». Добавьте столбец «Компания» и назовите одну"


def whose(session: Session, *columns: object) -> set[tuple[object, ...]]:
    """Companies of the contracts, with what stands beside."""
    query = select(Company.code, *columns).join(Contract, col(Contract.company_id) == col(Company.id))  # type: ignore[call-overload]
    return {tuple(row) for row in session.exec(query).all()}


def test_two_companies_have_a_contract_of_one_number(office: TestOffice, tmp_path: Path, session: Session) -> None:
    folder = small(tmp_path / "in", **TWO)
    done = load(office, folder)
    assert whose(session, Contract.number) == {("shop", "Д-1"), ("cafe", "Д-1")}
    listed = (
        select(Company.code, ServiceObject.code)
        .join(Contract, col(Contract.company_id) == col(Company.id))
        .join(ContractObject, col(ContractObject.contract_id) == col(Contract.id))
        .join(ServiceObject, col(ServiceObject.id) == col(ContractObject.object_id))
    )
    assert set(session.exec(listed).all()) == {("shop", "t1"), ("cafe", "t2")}
    pools = (
        select(Company.code, Pool.code)
        .join(Contract, col(Contract.company_id) == col(Company.id))
        .join(Pool, col(Pool.contract_id) == col(Contract.id))
        .where(Pool.kind == "prepaid")
    )
    assert set(session.exec(pools).all()) == {("shop", "p1"), ("cafe", "p2")}
    assert "Договор «Д-1» теперь у нескольких компаний: Магазин, Кафе." in done.text("ru")
    assert load(office, folder).changed_nothing
    assert "теперь у нескольких" not in load(office, folder).text("ru")


def test_a_number_that_another_company_got_later_is_told(office: TestOffice, tmp_path: Path, session: Session) -> None:
    load(office, small(tmp_path / "in"))
    other = "company;number;plan;starts\ncafe;Д-1;base;01.02.2025\n"
    # The first one's rows name no company, and are of the one whose object they name.
    done = load(office, small(tmp_path / "in", contracts=other, pools=None))
    assert "Магазин, Кафе" in done.text("ru") and "Several companies" in done.text("en")
    assert whose(session, Contract.number) == {("shop", "Д-1"), ("cafe", "Д-1")}


@pytest.mark.parametrize(
    ("table", "rows", "column"),
    [
        ("pools", "code;contract;kind;amount;starts\np1;Д-1;prepaid;10 ч;2026-01-01\n", "contract"),
        ("overrides", "contract;clause;starts;step\nД-1;п. 1;2026-01-01;30\n", "contract"),
        ("exclusions", "договор;пункт;способ\nД-1;п. 1;выезд\n", "договор"),
        ("time_bands", "contract;start;end;multiplier\nД-1;18:00;22:00;150\n", "contract"),
        ("qualifications", "contract;work_type;multiplier\nД-1;ремонт;150\n", "contract"),
        ("price_lists", "code;name;scope;contract\nbase;Свой;договор;Д-1\n", "contract"),
    ],
)
def test_a_number_alone_that_two_have_is_asked_about(
    table: str, rows: str, column: str, office: TestOffice, tmp_path: Path
) -> None:
    (told,) = mistakes(office, small(tmp_path / "in", **{**TWO, table: rows}))
    assert told == f"{table}.csv, строка 2, столбец «{column}»: {UNCLEAR}"
    head, line = rows.splitlines()
    named = f"company;{head}\ncafe;{line}\n"
    assert mistakes(office, small(tmp_path / "in", **{**TWO, table: named})) == []


def test_terms_and_prices_go_to_the_contract_of_the_company_named(
    office: TestOffice, tmp_path: Path, session: Session
) -> None:
    beside = {
        "overrides": "company;contract;clause;starts;step\nshop;Д-1;п. 1;2026-01-01;30\ncafe;Д-1;п. 1;2026-01-01;60\n",
        "exclusions": "company;contract;clause;channels\ncafe;Д-1;п. 1;visit\n",
        "time_bands": "company;contract;start;end;multiplier\nshop;Д-1;18:00;22:00;150\ncafe;Д-1;18:00;22:00;200 %\n",
        "qualifications": "company;contract;work_type;multiplier\nshop;Д-1;ремонт;150\ncafe;Д-1;ремонт;120\n",
        "price_lists": "code;name;scope;company;contract\nbase;Общий;default;;\nown;Свой;contract;cafe;Д-1\n",
        "price_lines": "list;item;price\nbase;FIX;2500\nbase;CLEAN;900\nown;FIX;2000\n",
    }
    load(office, small(tmp_path / "in", **TWO, **beside))
    contracts = {row.company_id: row for row in session.exec(select(Contract)).all()}
    shop, cafe = (
        contracts[session.exec(select(Company.id).where(Company.code == code)).one()] for code in ("shop", "cafe")
    )
    assert "exclusions" not in shop.terms and cafe.terms["exclusions"][0]["channels"] == ["visit"]
    assert [each.terms["bands"][0]["bp"] for each in (shop, cafe)] == [15_000, 20_000]
    assert [each.terms["qualifications"]["repair"] for each in (shop, cafe)] == [15_000, 12_000]
    steps = {row.contract_id: row.terms["step"] for row in session.exec(select(ContractOverride)).all()}
    assert steps == {shop.id: 30, cafe.id: 60}
    own = session.exec(select(PriceList).where(PriceList.code == "own")).one()
    assert (own.contract_id, own.company_id) == (cafe.id, None)


def test_past_jobs_are_of_the_company_whose_object_they_name(
    office: TestOffice, tmp_path: Path, session: Session
) -> None:
    jobs = "code;contract;object;requester;description;coverage;opened;closed\n"
    staff = "code;name;phone;roles\ne;Павел;89001112233;инженер\n"
    people = SMALL["people.csv"] + "boris;Борис;8 900 765-43-21;cafe;owner;\n"
    row = "h{};Д-1;t{};{};Не печатает;входит;2026-11-02 10:00;2026-11-02 11:00\n"
    folder = small(
        tmp_path / "in",
        **TWO,
        staff=staff,
        people=people,
        tickets=jobs + row.format(1, 1, "anna") + row.format(2, 2, "boris"),
    )
    load(office, folder)
    query = (
        select(Ticket.code, Company.code)
        .join(Contract, col(Contract.id) == col(Ticket.contract_id))
        .join(Company, col(Company.id) == col(Contract.company_id))
    )
    assert dict(session.exec(query).all()) == {"h1": "shop", "h2": "cafe"}
    crossed = (
        jobs.replace("contract", "company;contract")
        + "h3;shop;Д-1;t2;anna;Не печатает;входит;2026-11-02 10:00;2026-11-02 11:00\n"
    )
    (told,) = mistakes(office, small(tmp_path / "in", **TWO, tickets=crossed))
    assert "объект «t2» принадлежит другой компании" in told


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        (
            {"pools": "code;company;contract;kind;amount;starts\np1;cafe;Д-1;prepaid;10 ч;2026-01-01\n"},
            ["pools.csv, строка 2, столбец «contract»: у компании «Кафе» нет договора «Д-1», он есть у: «Магазин»"],
        ),
        (
            {"contracts": f"{FALLBACK}shop;Д-1;base;2025-01-01;\ncafe;Д-2;base;2025-01-01;Д-1\n"},
            ["contracts.csv, строка 3, столбец «fallback»: у компании «Кафе» нет договора «Д-1», он есть у: «Магазин»"],
        ),
        (
            {"exclusions": "plan;company;clause;channels\nbase;shop;п. 1;visit\n"},
            ["exclusions.csv, строка 2, столбец «company»: компания нужна здесь только рядом с номером договора"],
        ),
        (
            {"contracts": "company;number;plan;starts\nshop;Д-1;base;2025-01-01\nshop;Д-1;base;2025-01-01\n"},
            ["contracts.csv, строка 3, столбец «number»: «shop · Д-1» уже есть в строке 2"],
        ),
        (
            {**TWO, "objects": TWO["objects"] + "t3;cafe;касса;А\n", "pools": STRANGE},
            [
                "pools.csv, строка 2, столбец «objects»: объект «t3» принадлежит другой компании,"
                " не той, с которой договор"
            ],
        ),
    ],
)
def test_a_contract_of_another_company_is_told(
    changed: dict[str, str], words: list[str], office: TestOffice, tmp_path: Path
) -> None:
    assert mistakes(office, small(tmp_path / "in", **changed)) == words


def test_a_fallback_is_looked_for_at_one_s_own_company(office: TestOffice, tmp_path: Path, session: Session) -> None:
    rows = (
        "company;number;plan;starts;fallback\nshop;Д-1;base;2025-01-01;Д-2\nshop;Д-2;base;2025-01-01;\n"
        "cafe;Д-1;base;2025-01-01;\ncafe;Д-2;base;2025-01-01;Д-1\n"
    )
    load(office, small(tmp_path / "in", **{**TWO, "contracts": rows}))
    by_id = {row.id: row for row in session.exec(select(Contract)).all()}
    chains = {
        (by_id[row.fallback_id].company_id == row.company_id, row.number, by_id[row.fallback_id].number)
        for row in by_id.values()
        if row.fallback_id is not None
    }
    assert chains == {(True, "Д-1", "Д-2"), (True, "Д-2", "Д-1")}
