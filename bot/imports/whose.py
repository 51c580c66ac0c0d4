"""Whose contract a row means: a number is one company's own, and another company may have the same."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from bot.imports.files.findings import Mistake
from bot.imports.known import Known
from bot.imports.rows.row import Row
from bot.imports.tables import Checked, Tables


@dataclass(slots=True)
class Owners:
    """Codes of companies by what is theirs, of the files and of what was loaded earlier."""

    contracts: dict[str, list[str]] = field(default_factory=dict)  # by number
    objects: dict[str, str] = field(default_factory=dict)
    people: dict[str, set[str]] = field(default_factory=dict)
    sites: dict[str, set[str]] = field(default_factory=dict)  # a site's code is unique within its company
    names: dict[str, str] = field(default_factory=dict)  # of companies

    def have(self, company: str, number: str) -> bool:
        """Whether the company has a contract of this number."""
        return company in self.contracts.get(number, ())

    def named(self, number: str) -> str:
        """The companies that have a contract of this number, as people know them."""
        return ", ".join(f"«{self.names.get(code, code)}»" for code in self.contracts[number])


def owners(tables: Tables, known: Known) -> Owners:
    """What the database knows and the good rows of the files say."""
    found = Owners(objects=known.owners(), people={code: set(each) for code, each in known.works_for.items()})
    found.names = {code: company.name for code, company in known.companies.items()}
    found.names |= {each.row.code: each.row.name for each in tables.of("companies")}
    found.objects |= {each.row.code: each.row.company for each in tables.of("objects")}
    for each in tables.of("people"):
        found.people.setdefault(each.row.code, set()).add(each.row.company)
    for company, code in [*known.sites, *(each.row.own_key() for each in tables.of("sites"))]:
        found.sites.setdefault(code, set()).add(company)
    numbers = dict.fromkeys([*known.contracts, *(each.row.own_key() for each in tables.of("contracts"))])
    for company, number in numbers:
        found.contracts.setdefault(number, []).append(company)
    return found


def say_whose(tables: Tables, found: Owners) -> Iterator[Mistake]:
    """Fill in the company of each row that names a contract by its number alone: the one that has it, of several the
    one whose object, site or person the row names. Yields the rows where that says nothing, or says another company."""
    for rows in tables.rows.values():
        for place, each in enumerate(rows):
            number = getattr(each.row, "contract", None)
            if number not in found.contracts:
                continue
            having = found.contracts[number]
            company = each.row.company
            if company is not None:
                if company not in having:
                    yield _others(each, "contract", number, found)
                continue
            fitting = having if len(having) == 1 else [code for code in having if code in _meant(each.row, found)]
            if len(fitting) == 1:
                rows[place] = replace(each, row=each.row.model_copy(update={"company": fitting[0]}))
            else:
                yield Mistake(
                    each.sheet.at(each.line, "contract"),
                    "contract_unclear",
                    {"value": number, "companies": found.named(number)},
                )
    for each in tables.of("contracts"):
        fallback = each.row.fallback
        if fallback in found.contracts and not found.have(each.row.company, fallback):
            yield _others(each, "fallback", fallback, found)


def _meant(row: Row, found: Owners) -> set[str]:
    """Companies whose things a row names: an object is one company's, a person or a site's code may be of several."""
    things = [getattr(row, "object", None), *getattr(row, "objects", ())]
    of_things = {found.objects[code] for code in things if code in found.objects}
    return (
        of_things
        or found.sites.get(getattr(row, "site", None) or "", set())
        or found.people.get(getattr(row, "requester", None) or "", set())
    )


def _others(each: Checked, column: str, number: str, found: Owners) -> Mistake:
    values = {
        "value": number,
        "company": found.names.get(each.row.company, each.row.company),
        "companies": found.named(number),
    }
    return Mistake(each.sheet.at(each.line, column), "contract_of_another", values)
