"""All rows checked, by themselves and against the others and what was loaded earlier; all mistakes are told at once."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from bot.billing.prices.rule import HOUR, PriceMode
from bot.clients.identification.phones import Reached
from bot.imports.files.findings import Mistake
from bot.imports.files.headers import columns_of, words_of
from bot.imports.files.sheets import Sheet
from bot.imports.known import Known
from bot.imports.rows.kinds import KINDS, PersonRow, PriceLineRow, StaffRow
from bot.imports.rows.row import Ref, Row
from bot.imports.tables import Checked, Tables
from bot.imports.whose import Owners, owners, say_whose


def check(sheets: Sequence[Sheet], known: Known, today: date) -> tuple[Tables, list[Mistake]]:
    """Check every row of every sheet; a sheet without a required column is told of once, not in each row."""
    tables = Tables(there=frozenset(sheet.kind for sheet in sheets))
    findings: list[Mistake] = []
    for sheet in sheets:
        kind = KINDS[sheet.kind]
        missing = [name for name, info in kind.model_fields.items() if info.is_required() and name not in sheet.headers]
        titles = columns_of(sheet.kind).shown
        findings += [Mistake(sheet.at(), "column_missing", {"name": titles[name]}) for name in missing]
        for line in sheet.lines if not missing else ():
            unsaid = [name for name in kind.said if name in sheet.headers and name not in kind.meant(line.cells)]
            findings += [Mistake(sheet.at(line.number, name), "required", {"value": ""}) for name in unsaid]
            try:
                row = kind.model_validate(line.cells, context={"today": today})
            except ValidationError as error:
                findings += [_finding(sheet, line.number, detail) for detail in error.errors(include_url=False)]
            else:
                tables.of(sheet.kind).append(Checked(sheet, line.number, row))
    found = owners(tables, known)
    findings += say_whose(tables, found)
    findings += _repeated(tables)
    findings += _people_differ(tables, known)
    unread = {
        sheet.kind for sheet in sheets if KINDS[sheet.kind].key and KINDS[sheet.kind].key[-1] not in sheet.headers
    }
    written = {sheet.kind: _codes_written(sheet) for sheet in sheets}
    findings += _dangling(tables, known, found, written, unread)
    return tables, findings


def _finding(sheet: Sheet, line: int, detail: ErrorDetails) -> Mistake:
    values = dict(detail.get("ctx") or {})
    key = str(values.pop("key", "")) or _standard(detail["type"])
    name = str(values.pop("column", "")) or (str(detail["loc"][0]) if detail["loc"] else None)
    given = str(detail["input"])[:60] if isinstance(detail["input"], str) else ""
    plain = {field: value for field, value in values.items() if isinstance(value, str | int)}
    return Mistake(sheet.at(line, name), key, {"value": given, **plain})


def _standard(kind: str) -> str:
    """Pydantic's own error types by the label that tells them."""
    if kind in ("string_too_long", "string_pattern_mismatch"):
        return kind.removeprefix("string_")
    if kind.startswith(("int_", "greater_", "less_")):
        return "number"
    return "required" if kind in ("missing", "string_too_short", "too_short") else "wrong"


def _repeated(tables: Tables) -> Iterator[Mistake]:
    for kind, rows in tables.rows.items():
        seen: dict[tuple[Any, ...], int] = {}
        for each in rows:
            key = each.row.own_key()
            if key in seen:
                name = each.row.key[-1] if each.row.key else None
                shown = " · ".join(str(part) for part in key if part is not None)
                yield Mistake(each.sheet.at(each.line, name), "repeated", {"value": shown, "first": seen[key]})
            seen.setdefault(key, each.line)
        if kind == "objects":
            yield from _stickers(rows)


def _stickers(rows: Sequence[Checked]) -> Iterator[Mistake]:
    seen: dict[str, int] = {}
    for each in rows:
        sticker = each.row.qr_code
        if sticker is not None and seen.setdefault(sticker, each.line) != each.line:
            yield Mistake(each.sheet.at(each.line, "qr_code"), "repeated", {"value": sticker, "first": seen[sticker]})


def _people_differ(tables: Tables, known: Known) -> Iterator[Mistake]:
    """One code is one person; one phone too, but for colleagues on one line: by phone neither is recognised (R2.1)."""
    by_code: dict[str, tuple[str, tuple[Reached, ...]]] = {}
    by_phone = dict(known.phones)
    works_for = {code: set(companies) for code, companies in known.works_for.items()}
    for each in tables.of("people"):
        works_for.setdefault(each.row.code, set()).add(each.row.company)
    for each in [*tables.of("staff"), *tables.of("people")]:
        row: StaffRow | PersonRow = each.row
        said = (row.name, row.phone)
        if by_code.setdefault(row.code, said) != said:
            yield Mistake(each.sheet.at(each.line, "name"), "person_differs", {"value": row.code})
        if not row.phone or row.phone[0].extension:
            continue  # whoever shares a switchboard is told apart by nobody
        own = row.phone[0].number
        other = by_phone.setdefault(own, row.code)
        if other not in (row.code, None) and not (works_for.get(row.code, set()) & works_for.get(str(other), set())):
            yield Mistake(each.sheet.at(each.line, "phone"), "phone_taken", {"value": own})


@dataclass(frozen=True, slots=True)
class PhoneTold:
    """A number by which nobody is recognised: `names` share it, or the one who has it is behind a switchboard."""

    names: tuple[str, ...]
    phone: str


def phones_told(tables: Tables) -> tuple[PhoneTold, ...]:
    """Numbers that tell nobody: lines that colleagues share, and the only number of one with an extension (R2.1)."""
    lines: dict[str, dict[str, str]] = {}
    behind: set[str] = set()
    for each in [*tables.of("staff"), *tables.of("people")]:
        for reached in each.row.phone:
            lines.setdefault(reached.number, {})[each.row.code] = each.row.name
        if each.row.phone and all(reached.extension for reached in each.row.phone):
            behind.add(each.row.phone[0].number)
    return tuple(
        PhoneTold(tuple(names.values()), phone) for phone, names in lines.items() if len(names) > 1 or phone in behind
    )


def _codes_written(sheet: Sheet) -> set[str]:
    """Codes of a sheet as they stand in it, of bad rows too: one mistake should not bring a dozen others."""
    name = KINDS[sheet.kind].key[-1] if KINDS[sheet.kind].key else ""
    return {line.cells[name] for line in sheet.lines if name in line.cells}


def _dangling(
    tables: Tables, known: Known, found: Owners, written: dict[str, set[str]], unread: set[str]
) -> Iterator[Mistake]:
    """References that lead nowhere, to another company's row or round in a circle; not those into an unread sheet."""
    written["people"] = {
        code for kind in ("people", "staff") for code in [each.row.code for each in tables.of(kind)]
    } | written.get("staff", set())
    places = {each.row.own_key() for each in tables.of("sites")} | known.sites.keys()
    for rows in tables.rows.values():
        for each in rows:
            for name, sheet, value in _references(each.row):
                if name == "item" and value.startswith(HOUR) and isinstance(each.row, PriceLineRow):
                    types = list(dict.fromkeys(words_of("work_type").values()))
                    if value.removeprefix(HOUR) not in types:
                        expected = ", ".join(HOUR + each_type for each_type in types)
                        yield Mistake(each.sheet.at(each.line, name), "word", {"value": value, "expected": expected})
                    continue
                if sheet == "sites":
                    there = each.row.company is None or (each.row.company, value) in places
                elif sheet == "contracts":
                    there = sheet in unread or value in written.get(sheet, ()) or value in found.contracts
                else:
                    there = sheet in unread or value in written.get(sheet, ()) or known.has(sheet, value)
                if not there:
                    yield Mistake(each.sheet.at(each.line, name), "unknown_ref", {"value": value, "kind": sheet})
            yield from _strangers(each, found)
    yield from _priced_norms(tables, known)
    yield from _moved(tables, known)
    yield from _circles(tables, known)


def _references(row: Row) -> Iterator[tuple[str, str, str]]:
    """(field, sheet referred to, code) of each reference of a row."""
    for name, sheet in _refs_of(type(row)):
        value = getattr(row, name)
        for code in value if isinstance(value, tuple) else (value,):
            if code is not None:
                yield name, sheet, code


def _refs_of(kind: type[Row]) -> list[tuple[str, str]]:
    found = []
    for name, info in kind.model_fields.items():
        marks = list(info.metadata)
        for argument in getattr(info.annotation, "__args__", ()):
            marks += getattr(argument, "__metadata__", ())
        found += [(name, mark.sheet) for mark in marks if isinstance(mark, Ref)]
    return found


def _strangers(each: Checked, found: Owners) -> Iterator[Mistake]:
    """A contract may only name objects of its own company (R2.3)."""
    contract = getattr(each.row, "contract", None)
    if contract is None or not found.have(each.row.company, contract):
        return
    for name in ("object", "objects"):
        value = getattr(each.row, name, None) or ()
        for code in value if isinstance(value, tuple) else (value,):
            if found.objects.get(code, each.row.company) != each.row.company:
                yield Mistake(each.sheet.at(each.line, name), "other_company", {"value": code})


def _priced_norms(tables: Tables, known: Known) -> Iterator[Mistake]:
    """A norm costs norm × rate: a price of its own would never be asked for (R5.7)."""
    modes = {code: item.mode for code, item in known.work_items.items()}
    modes |= {each.row.code: each.row.mode for each in tables.of("work_items")}
    for each in tables.of("price_lines"):
        if modes.get(each.row.item) == PriceMode.NORM:
            yield Mistake(each.sheet.at(each.line, "price"), "priced_norm", {"value": each.row.item})


def _moved(tables: Tables, known: Known) -> Iterator[Mistake]:
    """An object stays with its company: its history is theirs."""
    before = known.owners()
    for each in tables.of("objects"):
        if before.get(each.row.code, each.row.company) != each.row.company:
            yield Mistake(each.sheet.at(each.line, "company"), "moved", {"value": before[each.row.code]})


def _circles(tables: Tables, known: Known) -> Iterator[Mistake]:
    """Fallback contracts that lead back to where they began (R3.1)."""
    keys = {contract.id: key for key, contract in known.contracts.items()}
    following = {
        key: keys.get(contract.fallback_id) if contract.fallback_id is not None else None
        for key, contract in known.contracts.items()
    }
    for each in tables.of("contracts"):
        following[each.row.own_key()] = (each.row.company, each.row.fallback) if each.row.fallback else None
    for each in tables.of("contracts"):
        passed: list[tuple[str, str]] = [each.row.own_key()]
        while (after := following.get(passed[-1])) is not None and after not in passed:
            passed.append(after)
        if after is not None:
            shown = " → ".join(number for _company, number in [*passed, after])
            yield Mistake(each.sheet.at(each.line, "fallback"), "circle", {"value": shown})
