"""Keep the seller's particulars, and from when on clients are billed from here."""

from collections.abc import Mapping
from typing import Any

from bot.billing.seller.particulars import REQUIRED, BadSellerValueError, require_account, seller_of
from bot.billing.statements.start import BillingHasBegunError, begin_billing, first_of_next_month
from bot.clients.models import Seller
from bot.db.unit_of_work import UnitOfWork


def set_seller(uow: UnitOfWork, columns: Mapping[str, Any]) -> Seller:
    """Keep the particulars that are given, leave the others. Raises BadSellerValueError where they don't fit.

    A new seller bills from the next month on, unless `billing_from` says otherwise.
    """
    columns = dict(columns)
    begins = columns.pop("billing_from", None)
    seller = seller_of(uow.session)
    if seller is None:
        missing = [name for name in REQUIRED if not columns.get(name)]
        if missing:
            raise BadSellerValueError(f"still needed: {', '.join(missing)}")
        seller = Seller(name=columns["name"], inn=columns["inn"], phone=columns["phone"])
    for name, value in columns.items():
        setattr(seller, name, value)
    require_account(seller.account, seller.bic, seller.corr_account)
    uow.session.add(seller)
    uow.session.flush()
    try:
        if begins is not None or seller.billing_from is None:
            begin_billing(uow, seller, begins or first_of_next_month(uow, seller.timezone))
    except BillingHasBegunError:
        raise BadSellerValueError(
            f"billing_from: billing began on {seller.billing_from} and months are closed since; it can't be moved"
        ) from None
    uow.session.flush()
    return seller
