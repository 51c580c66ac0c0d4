"""The price list a client sees: each item at the price that applies to them (R5.2), to be read and searched."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

import Stemmer
from sqlalchemy import ColumnElement, SQLColumnExpression, or_
from sqlmodel import Session, col, select

from bot.billing.prices.models import PriceLine as PriceRow
from bot.billing.prices.models import PriceList as ListRow
from bot.billing.prices.models import WorkItem
from bot.billing.prices.rule import HOUR, ItemPrice, ListScope, PriceListVersion, PriceMode, find_price, hour_of, labour
from bot.billing.seller.particulars import price_regime
from bot.clients.models import Company
from bot.sums.vat import with_vat


@dataclass(frozen=True, slots=True)
class BookItem:
    """A work, a part, or the rate of an hour of a work type, which is no work item and has no name (`id` None)."""

    id: int | None
    code: str
    name: str
    unit: str
    part: bool
    work_type: str
    mode: PriceMode
    norm_minutes: int

    @property
    def hourly(self) -> bool:
        """Whether it is the rate of an hour of a work type."""
        return self.code.startswith(HOUR)

    @property
    def priced_by(self) -> str:
        """The item of a price list that it has its price from (R5.7)."""
        return hour_of(self.work_type) if self.mode is PriceMode.NORM else self.code


@dataclass(frozen=True, slots=True)
class ModelPrice:
    """What one costs for a model, in kopecks; for any other one (None)."""

    model: str | None
    price: int


@dataclass(frozen=True, slots=True)
class Priced:
    """An item with the price of one in kopecks; None: an estimate is needed. `models` have a price of their own."""

    code: str
    name: str
    unit: str
    price: int | None
    models: Sequence[ModelPrice] = ()


def price_lists(
    session: Session,
    company: Company | None,
    contracts: Collection[int],
    on: date,
    items: Collection[str] | None = None,
) -> list[PriceListVersion]:
    """Lists that apply to a company and its contracts, in the versions that price work of a day (R5.2); for nobody in
    particular, the default ones. Of `items` alone where they are named. Prices have VAT inside, whatever way the list
    gives them (R6.3)."""
    rows = _in_force(session, company, contracts, on)
    return _versions(session, rows, on, items)


def price_lists_of(
    session: Session, company: Company, contracts: Collection[int], on: date, items: Collection[str]
) -> dict[int, tuple[PriceListVersion, ...]]:
    """The same for each of a company's contracts: its own lists, and those that apply to all of them."""
    rows = _in_force(session, company, contracts, on)
    versions = list(zip(rows, _versions(session, rows, on, items), strict=True))
    return {
        contract: tuple(
            version for row, version in versions if row.scope != ListScope.CONTRACT or row.contract_id == contract
        )
        for contract in contracts
    }


def price_days(
    session: Session, company: Company | None, contracts: Collection[int], on: date
) -> tuple[date | None, date | None]:
    """Since when a client's prices of a day hold, and from when others will; None where no day is set."""
    rows = session.exec(select(ListRow).where(_applies(company, contracts))).all()
    starts = [
        row.valid_from for row in rows if row.valid_from and (row.valid_to is None or row.valid_from <= row.valid_to)
    ]
    since = max((day for day in starts if day <= on), default=None)
    return since, min((day for day in starts if day > on), default=None)


def book_items(session: Session, company: Company | None, contracts: Collection[int], on: date) -> list[BookItem]:
    """All that a client's price list has on a day, without the prices: hours first, then works, then parts."""
    lists = [row.id for row in _in_force(session, company, contracts, on)]
    query = select(PriceRow.item_code).where(col(PriceRow.list_id).in_(lists)).distinct()
    hours = session.exec(query.where(col(PriceRow.item_code).startswith(HOUR))).all()
    return [
        *(BookItem(None, code, "", "", False, code.removeprefix(HOUR), PriceMode.ACTUAL, 0) for code in sorted(hours)),
        *work_items(session, col(WorkItem.kind).desc(), col(WorkItem.code)),
    ]


def work_items(session: Session, *order: SQLColumnExpression[str] | SQLColumnExpression[int]) -> list[BookItem]:
    """Every work and part, as columns: there may be thousands, of which a screen shows a few."""
    columns = (WorkItem.id, WorkItem.code, WorkItem.name, WorkItem.unit, WorkItem.kind, WorkItem.work_type)
    query = select(*columns, WorkItem.mode, WorkItem.norm_minutes).order_by(*order)  # type: ignore[call-overload]  # eight columns: SQLModel types four
    return [
        BookItem(number, code, name, unit, kind == "part", work_type, PriceMode(mode), norm)
        for number, code, name, unit, kind, work_type, mode, norm in session.exec(query)
    ]


def at_prices(
    session: Session, company: Company | None, contracts: Collection[int], on: date, items: Sequence[BookItem]
) -> list[Priced]:
    """Some items at the client's prices of a day."""
    lists = price_lists(session, company, contracts, on, {item.priced_by for item in items})
    return [
        Priced(
            item.code,
            item.name,
            item.unit,
            _of_norm(item, _price(item.priced_by, on, lists)),
            [ModelPrice(each.model, _of_norm(item, each.price) or 0) for each in _by_model(item.priced_by, on, lists)],
        )
        for item in items
    ]


def search_prices(book: Sequence[BookItem], words: str) -> list[BookItem]:
    """Items whose name or code has every word, whatever its ending: «картриджа» finds «картридж»."""
    wanted = [_stem(word) for word in words.casefold().replace("ё", "е").split() if any(map(str.isalnum, word))]
    if not wanted:
        return []
    return [item for item in book if all(any(said.startswith(word) for said in _said(item)) for word in wanted)]


def _said(item: BookItem) -> list[str]:
    text = f"{item.name} {item.code}".casefold().replace("ё", "е")
    return [item.code.casefold(), *text.replace("-", " ").replace(",", " ").split()]


@lru_cache(maxsize=512)
def _stem(word: str) -> str:
    return str(Stemmer.Stemmer("russian").stemWord(word))


def _in_force(session: Session, company: Company | None, contracts: Collection[int], on: date) -> Sequence[ListRow]:
    query = select(ListRow).where(
        _applies(company, contracts),
        or_(col(ListRow.valid_from).is_(None), col(ListRow.valid_from) <= on),
        or_(col(ListRow.valid_to).is_(None), col(ListRow.valid_to) >= on),
    )
    return session.exec(query.order_by(col(ListRow.id))).all()


def _applies(company: Company | None, contracts: Collection[int]) -> ColumnElement[bool]:
    default = col(ListRow.scope) == ListScope.DEFAULT
    if company is None:
        return default
    return or_(
        default,
        (col(ListRow.scope) == ListScope.CLIENT) & (col(ListRow.company_id) == company.id),
        (col(ListRow.scope) == ListScope.CONTRACT) & col(ListRow.contract_id).in_(contracts),
        (col(ListRow.scope) == ListScope.CATEGORY) & (col(ListRow.category) == company.category),
    )


def _versions(
    session: Session, rows: Sequence[ListRow], on: date, items: Collection[str] | None
) -> list[PriceListVersion]:
    regime = price_regime(session, on)
    columns = (PriceRow.list_id, PriceRow.item_code, PriceRow.kopecks, PriceRow.model)
    query = select(*columns, PriceRow.valid_from, PriceRow.valid_to, PriceRow.id)  # type: ignore[call-overload]  # seven columns: SQLModel types four
    query = query.where(col(PriceRow.list_id).in_([row.id for row in rows])).order_by(col(PriceRow.id))
    if items is not None:
        query = query.where(col(PriceRow.item_code).in_(sorted(items)))
    lines: dict[int, list[ItemPrice]] = defaultdict(list)
    for owner, code, kopecks, model, since, until, number in session.exec(query):
        lines[owner].append(ItemPrice(code, with_vat(kopecks, regime), model, since, until, str(number)))
    return [
        PriceListVersion(
            ListScope(row.scope), tuple(lines[row.id]), row.valid_from, row.valid_to, f"{row.code} v{row.version}"
        )
        for row in rows
    ]


def _price(code: str, on: date, lists: Sequence[PriceListVersion]) -> int | None:
    found = find_price(code, on, lists)
    return found.line.kopecks if found is not None else None


def _of_norm(item: BookItem, price: int | None) -> int | None:
    """The price of one: of a norm, norm × rate (R5.7)."""
    return price if price is None or item.mode is not PriceMode.NORM else labour(item.norm_minutes, price)


def _by_model(code: str, on: date, lists: Sequence[PriceListVersion]) -> list[ModelPrice]:
    models = sorted({line.model for each in lists for line in each.lines if line.item == code and line.model})
    found = [(model, find_price(code, on, lists, model)) for model in models]
    return [ModelPrice(model, price.line.kopecks) for model, price in found if price is not None]
