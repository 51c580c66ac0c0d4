"""Price lists: a changed list is a new version from a day on; the old one stays for work dated before it (R5.2)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlmodel import Session, col, select

from bot.billing.prices.models import PriceLine, PriceList
from bot.imports.known import Known
from bot.imports.load.writing import Writer
from bot.imports.rows.kinds import PriceLineRow, PriceListRow
from bot.imports.tables import Tables

BIGGEST = 5  # as many as a person reads
Place = tuple[str, str | None, date | None, date | None]  # item, model, valid from and to


@dataclass(frozen=True, slots=True)
class Repriced:
    """An item whose price changes, in kopecks."""

    name: str
    model: str | None
    before: int
    after: int


@dataclass(frozen=True, slots=True)
class PriceChange:
    """What a new version of a price list changes, in lines; `biggest` are the changes to look at, by share.

    `since` is its first day, None for a list that has always been; `backdated` when that day is over already.
    """

    name: str
    version: int
    since: date | None
    backdated: bool
    dearer: int
    cheaper: int
    added: int
    removed: int
    biggest: tuple[Repriced, ...] = ()


def load_prices(tables: Tables, known: Known, writer: Writer, today: date) -> list[PriceChange]:
    """Write the lists whose lines or first day differ from the current version: the new one holds from the day the
    sheet names, else from today. Returns what changes, list by list."""
    changes: list[PriceChange] = []
    listed: dict[str, list[PriceLineRow]] = {}
    for each in tables.of("price_lines"):
        listed.setdefault(each.row.list, []).append(each.row)
    described = {each.row.code: _described(each.row, known) for each in tables.of("price_lists")}
    dated = {each.row.code: each.row.valid_from for each in tables.of("price_lists")}
    for code in dict.fromkeys([*described, *listed]):
        current, lines = known.price_lists.get(code), listed.get(code, [])
        fresh = {(line.item, line.model, line.valid_from, line.valid_to): line.price for line in lines}
        before = _prices(writer.session, current)
        since = dated.get(code)
        moved = current is not None and since is not None and since != current.valid_from
        if current is not None and ((fresh == before and not moved) or not lines):
            writer.put("price_lists", current, PriceList, {}, **described.get(code, {}))
            continue
        values = described.get(code) or _as_before(current)
        version = 1
        if current is not None:
            version, current.current, since = current.version + 1, False, since or today
            _end_before(writer.session, code, since)
        made = writer.add("price_lists", PriceList(code=code, version=version, valid_from=since, **values))
        known.price_lists[code] = made
        _write_lines(writer, made, lines)
        changes.append(_compared(known, made, before, fresh, today))
    return changes


def _end_before(session: Session, code: str, since: date) -> None:
    """Earlier versions price work up to the day before; one that began later prices none."""
    for row in session.exec(select(PriceList).where(PriceList.code == code)).all():
        if row.valid_to is None or row.valid_to >= since:
            row.valid_to = since - timedelta(days=1)
            session.add(row)


def _described(row: PriceListRow, known: Known) -> dict[str, Any]:
    return {
        "name": row.name,
        "scope": row.scope,
        "company_id": known.companies[row.company].id if row.company and row.scope == "client" else None,
        "contract_id": known.contract_of(row).id if row.contract else None,
        "category": row.category,
    }


def _as_before(current: PriceList | None) -> dict[str, Any]:
    names = {"name", "scope", "company_id", "contract_id", "category"}
    return current.model_dump(include=names) if current is not None else {}


def _write_lines(writer: Writer, made: PriceList, lines: Sequence[PriceLineRow]) -> None:
    for line in lines:
        values = line.model_dump(include={"model", "valid_from", "valid_to"})
        writer.session.add(PriceLine(list_id=made.id, item_code=line.item, kopecks=line.price, **values))
    writer.session.flush()
    writer.count("price_lines").added += len(lines)


def _prices(session: Session, current: PriceList | None) -> dict[Place, int]:
    if current is None:
        return {}
    lines = session.exec(select(PriceLine).where(col(PriceLine.list_id) == current.id)).all()
    return {(line.item_code, line.model, line.valid_from, line.valid_to): line.kopecks for line in lines}


def _compared(
    known: Known, made: PriceList, before: dict[Place, int], fresh: dict[Place, int], today: date
) -> PriceChange:
    both = before.keys() & fresh.keys()
    changed = [place for place in fresh if place in both and fresh[place] != before[place]]
    changed.sort(key=lambda place: -abs(fresh[place] - before[place]) / max(before[place], 1))
    return PriceChange(
        made.name,
        made.version,
        made.valid_from,
        backdated=made.version > 1 and made.valid_from is not None and made.valid_from < today,
        dearer=sum(fresh[place] > before[place] for place in both),
        cheaper=sum(fresh[place] < before[place] for place in both),
        added=len(fresh.keys() - before.keys()),
        removed=len(before.keys() - fresh.keys()),
        biggest=tuple(_repriced(known, place, before, fresh) for place in changed[:BIGGEST]),
    )


def _repriced(known: Known, place: Place, before: dict[Place, int], fresh: dict[Place, int]) -> Repriced:
    item = known.work_items.get(place[0])
    return Repriced(item.name if item is not None else place[0], place[1], before[place], fresh[place])
