"""Table of the seller's tax regimes. Rates in basis points."""

from datetime import date

from sqlalchemy import UniqueConstraint
from sqlmodel import SQLModel

from bot.db.keeping import kept
from bot.db.types import big_id, ref


@kept
class TaxRegime(SQLModel, table=True):
    """The seller's tax regime from a day on (R6.1); before the first one `Seller.vat_bp` holds.

    `rate_bp` None is «без НДС», which is not 0 %. `inclusive`: price lists and monthly fees are
    given with VAT inside.
    """

    __table_args__ = (UniqueConstraint("seller_id", "since", name="uq_regime_day"),)
    id: int = big_id()
    seller_id: int = ref("seller.id")
    since: date
    rate_bp: int | None = None
    inclusive: bool = True
