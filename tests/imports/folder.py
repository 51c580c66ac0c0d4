"""Small folders of tables for tests of the importer."""

from pathlib import Path

from bot.db.unit_of_work import Office
from bot.imports.bring_in import Imported, bring_in
from bot.imports.files.findings import BadImportError

SMALL = {
    "companies.csv": "code;name;inn\nshop;Магазин;7707083893\ncafe;Кафе;\n",
    "sites.csv": "company;code;name\nshop;s1;Тверская\n",
    "people.csv": "code;name;phone;company;roles;job_limit\nanna;Анна;+7 900 123-45-67;shop;owner, approver;3 750,00\n",
    "plans.csv": "code;name;monthly_fee;included;reaction_normal;resolution_normal\nbase;Базовый;9000;2 ч;240;960\n",
    "contracts.csv": "company;number;plan;starts\nshop;Д-1;base;01.01.2025\n",
    "objects.csv": "code;company;site;kind;model;serial\nt1;shop;s1;касса;Атол 91Ф;0010\n",
    "contract_objects.csv": "contract;object\nД-1;t1\n",
    "work_items.csv": "code;name;norm\nFIX;Ремонт кассы;60\nCLEAN;Чистка;30\n",
    "price_lists.csv": "code;name;scope\nbase;Основной;default\n",
    "price_lines.csv": "list;item;price\nbase;FIX;2 500,00\nbase;CLEAN;900\nbase;hour:repair;2500\n",
    "pools.csv": "code;contract;kind;amount;starts\np1;Д-1;prepaid;10 ч;2026-01-01\n",
    "debts.csv": "company;invoice;amount;due\nshop;С-1;100,50;2026-11-01\n",
}


def small(folder: Path, **changed: str | bytes | None) -> Path:
    """Write the small folder; `companies="…"` replaces a file, None leaves it out."""
    folder.mkdir(exist_ok=True)
    files: dict[str, str | bytes | None] = {**SMALL, **{f"{name}.csv": text for name, text in changed.items()}}
    for name, content in files.items():
        if content is None:
            (folder / name).unlink(missing_ok=True)
        else:
            (folder / name).write_bytes(content.encode() if isinstance(content, str) else content)
    return folder


def load(office: Office, path: Path) -> Imported:
    """Import in a transaction of its own."""
    with office.work() as uow:
        return bring_in(uow, path)


def mistakes(office: Office, path: Path, lang: str = "ru") -> list[str]:
    """The lines told about a folder that can't be taken."""
    try:
        load(office, path)
    except BadImportError as error:
        return [finding.text(lang) for finding in error.findings]
    return []
