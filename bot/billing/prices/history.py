"""How the prices of a list have changed: every version with its days, and one item's price in each (R5.2)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlmodel import Session, col, func, select

from bot.billing.prices.book import ModelPrice
from bot.billing.prices.models import PriceLine, PriceList


@dataclass(frozen=True, slots=True)
class PastVersion:
    """A version of a price list with its first and last day (inclusive) and how many lines it has.

    `prices` are those of the asked item, by model, in kopecks. `unused`: a later version took all of its days.
    """

    code: str
    name: str
    version: int
    since: date | None
    until: date | None
    lines: int
    prices: Sequence[ModelPrice]

    @property
    def unused(self) -> bool:
        """Whether no day is left to it."""
        return self.since is not None and self.until is not None and self.until < self.since


@dataclass(frozen=True, slots=True)
class PriceHistory:
    """Versions of price lists, one at least, oldest first; `item` is the code that prices are asked of."""

    versions: tuple[PastVersion, ...]
    item: str | None


def price_history(session: Session, code: str | None = None, item: str | None = None) -> list[PastVersion]:
    """Versions of one list, or of all lists, oldest first."""
    query = select(PriceList).order_by(col(PriceList.code), col(PriceList.version))
    rows = session.exec(query.where(PriceList.code == code) if code else query).all()
    ids = [row.id for row in rows]
    owner = col(PriceLine.list_id)
    counted = select(owner, func.count()).where(owner.in_(ids)).group_by(owner)
    lines = dict(session.exec(counted).all())
    return [
        PastVersion(
            row.code,
            row.name,
            row.version,
            row.valid_from,
            row.valid_to,
            lines.get(row.id, 0),
            _prices(session, row, item) if item else (),
        )
        for row in rows
    ]


def _prices(session: Session, row: PriceList, item: str) -> list[ModelPrice]:
    query = (
        select(PriceLine).where(PriceLine.list_id == row.id, PriceLine.item_code == item).order_by(col(PriceLine.id))
    )
    return [ModelPrice(line.model, line.kopecks) for line in session.exec(query).all()]
