"""Companies and their terms, as files that a user imports."""

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

EQUIPMENT = "Атол 91Ф"


@dataclass(frozen=True)
class Regime:
    """The seller's VAT from a day on: hundredths of a percent, None «без НДС»; whether prices have it inside."""

    since: date
    rate: int | None
    inclusive: bool


@dataclass(frozen=True)
class Item:
    """A work or part: `mode` fixed, norm or actual; `norm` minutes; `price` in kopecks, None where rates make it."""

    code: str
    name: str
    unit: str
    mode: str
    norm: int
    price: int | None
    part: bool = False


ITEMS = {
    each.code: each
    for each in (
        Item("BOARD", "Ремонт платы", "шт", "fixed", 90, 700_000),
        Item("CHECK", "Проверка узла", "шт", "fixed", 30, 90_050),
        Item("SCREEN", "Установка дисплея", "норм-час", "norm", 45, None),
        Item("TUNING", "Наладка механизма", "час", "actual", 0, None),
        Item("ROLLER", "Ролик подачи", "шт", "fixed", 0, 37_035, part=True),
    )
}
CALL_OUT = 150_000


@dataclass(frozen=True)
class Bought:
    """A pool from a file: `amount` in its unit (minutes, kopecks, tickets, visits, points)."""

    kind: str
    amount: int
    starts: date
    ends: date | None = None
    unit: str = "minutes"


@dataclass(frozen=True)
class Terms:
    """What one company has agreed. Money in kopecks, time in minutes, shares in hundredths of a percent."""

    code: str
    fee: int = 0
    included: int = 0
    visits: int = 0
    rate: int = 250_000
    call_out: bool = False
    step: int = 15
    remote: int = 15
    visit: int = 60
    scope: str = "ticket_day"
    by_fact: bool = False
    unlimited: bool = False
    parts_paid: bool = True
    point: int | None = None
    overrun: int = 0
    emergency: int | None = None
    rollover: str = "none"
    pools: Sequence[Bought] = ()
    bands: Sequence[tuple[str, str, str, int]] = ()
    debt: tuple[int, int] | None = None  # kopecks, days overdue
    starts: date = date(2026, 1, 1)
    phone: str = field(default="", compare=False)

    @property
    def number(self) -> str:
        return f"Д-{self.code}"

    @property
    def company(self) -> str:
        return f"ООО «{self.code.capitalize()}»"


def write_firm(folder: Path, regimes: Sequence[Regime], companies: Sequence[Terms], today: date) -> Path:
    """A folder that brings the seller, staff, companies, contracts and prices."""
    folder.mkdir(parents=True, exist_ok=True)

    def put(name: str, header: str, rows: Iterable[Sequence[object]]) -> None:
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, delimiter=";")
            writer.writerow(header.split())
            writer.writerows([["" if each is None else each for each in row] for row in rows])

    put(
        "seller",
        "name inn kpp account bank bic corr_account phone timezone workday_start workday_end vat",
        [
            (
                *("ООО «Сервис-Линия»", "7701123451", "770101001", "40702810200000012345", "ПАО Сбербанк"),
                *("044525225", "30101810400000000225", "+7 495 123-45-67", "Europe/Moscow", "09:00", "18:00", "22"),
            )
        ],
    )
    put(
        "tax_regimes",
        "since vat inclusive",
        [(each.since, _share(each.rate), _yes(each.inclusive)) for each in regimes],
    )
    put(
        "staff",
        "code name phone roles",
        [
            ("eng", "Фомин Сергей", "+79001000001", "инженер"),
            ("boss", "Титова Оксана", "+79001000002", "диспетчер, менеджер, администратор"),
        ],
    )
    put("companies", "code name timezone manager", [(c.code, c.company, "Europe/Moscow", "boss") for c in companies])
    put(
        "people",
        "code name phone company roles",
        [
            (f"own-{c.code}", f"Хозяин {c.code}", phone_of(place), c.code, "владелец")
            for place, c in enumerate(companies)
        ],
    )
    put(
        "plans",
        "code name monthly_fee included included_visits unlimited offered callout step minimum_remote minimum_visit"
        " rounding hourly_by_fact point overrun rollover emergency_ceiling clause",
        [
            (
                *(
                    c.code,
                    f"План {c.code}",
                    _money(c.fee),
                    f"{c.included} мин",
                    c.visits or None,
                    _yes(c.unlimited),
                    "нет",
                ),
                *("CALLOUT" if c.call_out else None, c.step, c.remote, c.visit, c.scope, _yes(c.by_fact)),
                *(_money(c.point), _share(c.overrun), c.rollover, _money(c.emergency), "п. 1"),
            )
            for c in companies
        ],
    )
    put(
        "contracts",
        "company number plan starts covers_all",
        [(c.code, c.number, c.code, c.starts, "да") for c in companies],
    )
    put(
        "exclusions",
        "contract clause work_types",
        [(c.number, "п. 3: запчасти отдельно", "запчасти") for c in companies if c.parts_paid],
    )
    put(
        "time_bands",
        "plan days start end multiplier",
        [(c.code, *band[:3], _share(band[3])) for c in companies for band in c.bands],
    )
    put(
        "objects",
        "code company kind model serial",
        [(f"o-{c.code}", c.code, "касса", EQUIPMENT, f"SN{c.code}") for c in companies],
    )
    put(
        "work_items",
        "code name unit kind work_type norm mode",
        [
            *(
                (
                    i.code,
                    i.name,
                    i.unit,
                    "part" if i.part else "work",
                    "parts" if i.part else "repair",
                    i.norm or None,
                    i.mode,
                )
                for i in ITEMS.values()
            ),
            ("CALLOUT", "Выезд инженера", "шт", "work", "other", None, "fixed"),
        ],
    )
    put(
        "price_lists",
        "code name scope contract",
        [("base", "Основной", "default", None), *((f"p-{c.code}", c.code, "contract", c.number) for c in companies)],
    )
    put(
        "price_lines",
        "list item price",
        [
            ("base", "CALLOUT", _money(CALL_OUT)),
            *(("base", i.code, _money(i.price)) for i in ITEMS.values() if i.price is not None),
            *((f"p-{c.code}", "hour:repair", _money(c.rate)) for c in companies),
        ],
    )
    put(
        "pools",
        "code contract kind amount unit starts ends reason granted_by",
        [
            (
                *(f"{c.code}-{place}", c.number, pool.kind, _amount(pool), pool.unit, pool.starts, pool.ends),
                *("Основание", "boss" if pool.kind == "gift" else None),
            )
            for c in companies
            for place, pool in enumerate(c.pools)
        ],
    )
    put(
        "debts",
        "company invoice amount due",
        [(c.code, f"С-{c.code}", _money(c.debt[0]), f"сегодня-{c.debt[1]}") for c in companies if c.debt is not None],
    )
    return folder


def write_calls(folder: Path, calls: Sequence[tuple[str, str, int, str]]) -> Path:
    """A folder with phone calls of the engineer: (code, local begin `dd.mm.yyyy hh:mm`, seconds, phone)."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "calls.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter=";")
        writer.writerow(["code", "started", "seconds", "phone", "engineer"])
        writer.writerows((code, at, seconds, phone, "eng") for code, at, seconds, phone in calls)
    return folder


def write_no_debts(folder: Path) -> Path:
    """A folder with accounting's report of a day on which nobody owes anything (R9.3)."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "debts.csv").write_text("company;invoice;amount;due\n", encoding="utf-8")
    return folder


def phone_of(place: int) -> str:
    """The phone of the owner of the company at this place."""
    return f"+7900200{place:04}"


def _money(kopecks: int | None) -> str | None:
    return None if kopecks is None else f"{kopecks // 100},{kopecks % 100:02}"


def _share(bp: int | None) -> str:
    return "без НДС" if bp is None else f"{bp // 100} %"


def _yes(value: bool) -> str:
    return "да" if value else "нет"


def _amount(pool: Bought) -> str:
    if pool.unit == "minutes":
        return f"{pool.amount} мин"
    return str(_money(pool.amount)) if pool.unit == "roubles" else str(pool.amount)
