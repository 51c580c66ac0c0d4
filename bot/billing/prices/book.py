"""The price list a client sees: each item at the price that applies to them (R5.2), to be read and searched."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

import Stemmer
from sqlalchemy import or_
from sqlmodel import Session, col, select

from bot.billing.prices.models import PriceLine as PriceRow
from bot.billing.prices.models import PriceList as ListRow
from bot.billing.prices.models import WorkItem
from bot.billing.prices.rule import HOUR, ItemPrice, ListScope, PriceListVersion, PriceMode, find_price, hour_of, labour
from bot.billing.seller.particulars import price_regime
from bot.clients.models import Company
from bot.sums.vat import with_vat


@dataclass(frozen=True, slots=True)
class Priced:
    """An item with its price in kopecks; None: an estimate is needed. `models` have a price of their own."""

    code: str
    name: str
    unit: str
    part: bool
    work_type: str
    kopecks: int | None
    models: tuple[tuple[str, int], ...] = ()

    @property
    def hourly(self) -> bool:
        """Whether it is the rate of an hour of a work type, which has no name of its own."""
        return self.code.startswith(HOUR)


def price_lists(
    session: Session, company: Company | None, contracts: Sequence[int], on: date
) -> list[PriceListVersion]:
    """Lists that apply to a company and its contracts, in the versions that price work of a day (R5.2); for nobody in
    particular, the default ones. Prices have VAT inside, whatever way the list gives them (R6.3)."""
    regime = price_regime(session, on)
    in_force = select(ListRow).where(
        or_(col(ListRow.valid_from).is_(None), col(ListRow.valid_from) <= on),
        or_(col(ListRow.valid_to).is_(None), col(ListRow.valid_to) >= on),
    )
    rows = session.exec(in_force.order_by(col(ListRow.id))).all()
    fitting = [row for row in rows if _applies(row, company, contracts)]
    lines: dict[int, list[ItemPrice]] = {}
    query = select(PriceRow).where(col(PriceRow.list_id).in_([row.id for row in fitting])).order_by(col(PriceRow.id))
    for line in session.exec(query).all():
        lines.setdefault(line.list_id, []).append(
            ItemPrice(
                line.item_code,
                with_vat(line.kopecks, regime),
                line.model,
                line.valid_from,
                line.valid_to,
                str(line.id),
            )
        )
    return [
        PriceListVersion(
            ListScope(row.scope),
            tuple(lines.get(row.id, ())),
            row.valid_from,
            row.valid_to,
            f"{row.code} v{row.version}",
        )
        for row in fitting
    ]


def price_days(
    session: Session, company: Company | None, contracts: Sequence[int], on: date
) -> tuple[date | None, date | None]:
    """Since when a client's prices of a day hold, and from when others will; None where no day is set."""
    rows = [row for row in session.exec(select(ListRow)).all() if _applies(row, company, contracts)]
    starts = [
        row.valid_from for row in rows if row.valid_from and (row.valid_to is None or row.valid_from <= row.valid_to)
    ]
    since = max((day for day in starts if day <= on), default=None)
    return since, min((day for day in starts if day > on), default=None)


def price_book(session: Session, company: Company | None, contracts: Sequence[int], on: date) -> list[Priced]:
    """Every work, part and hourly rate at the client's price on a day: hours first, then works, then parts."""
    lists = price_lists(session, company, contracts, on)
    codes = {line.item for each in lists for line in each.lines if line.item.startswith(HOUR)}
    hours = [Priced(code, "", "", False, code.removeprefix(HOUR), _price(code, on, lists)) for code in sorted(codes)]
    items = session.exec(select(WorkItem).order_by(col(WorkItem.kind).desc(), col(WorkItem.code))).all()
    return hours + [
        Priced(
            item.code,
            item.name,
            item.unit,
            item.kind == "part",
            item.work_type,
            _of_norm(item, _price(_priced_by(item), on, lists)),
            tuple((model, _of_norm(item, price) or 0) for model, price in _by_model(_priced_by(item), on, lists)),
        )
        for item in items
    ]


def search_prices(book: Sequence[Priced], words: str) -> list[Priced]:
    """Items whose name or code has every word, whatever its ending: «картриджа» finds «картридж»."""
    wanted = [_stem(word) for word in words.casefold().replace("ё", "е").split() if any(map(str.isalnum, word))]
    if not wanted:
        return []
    return [item for item in book if all(any(said.startswith(word) for said in _said(item)) for word in wanted)]


def _said(item: Priced) -> list[str]:
    text = f"{item.name} {item.code}".casefold().replace("ё", "е")
    return [item.code.casefold(), *text.replace("-", " ").replace(",", " ").split()]


@lru_cache(maxsize=512)
def _stem(word: str) -> str:
    return str(Stemmer.Stemmer("russian").stemWord(word))


def _applies(row: ListRow, company: Company | None, contracts: Sequence[int]) -> bool:
    if company is None or row.scope == ListScope.DEFAULT:
        return row.scope == ListScope.DEFAULT
    return (
        (row.scope == ListScope.CLIENT and row.company_id == company.id)
        or (row.scope == ListScope.CONTRACT and row.contract_id in contracts)
        or (row.scope == ListScope.CATEGORY and row.category == company.category)
    )


def _price(code: str, on: date, lists: Sequence[PriceListVersion]) -> int | None:
    found = find_price(code, on, lists)
    return found.kopecks if found is not None else None


def _priced_by(item: WorkItem) -> str:
    return hour_of(item.work_type) if item.mode == PriceMode.NORM else item.code


def _of_norm(item: WorkItem, price: int | None) -> int | None:
    """The price of one: of a norm, norm × rate (R5.7)."""
    return price if price is None or item.mode != PriceMode.NORM else labour(item.norm_minutes, price)


def _by_model(code: str, on: date, lists: Sequence[PriceListVersion]) -> tuple[tuple[str, int], ...]:
    models = sorted({line.model for each in lists for line in each.lines if line.item == code and line.model})
    found = [(model, find_price(code, on, lists, model)) for model in models]
    return tuple((model, price.kopecks) for model, price in found if price is not None)
