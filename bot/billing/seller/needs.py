"""What a close can't do without: named, so that people can be told what to fill in and where (R11.2)."""

from dataclasses import dataclass

from bot.billing.seller.requisites import account_key_valid, bic_valid, inn_valid
from bot.clients.models import Seller


@dataclass(frozen=True, slots=True)
class Need:
    """One particular of the seller that is missing or can't be right; `field` is its option in `init` with `_`."""

    field: str
    wrong: bool = False

    @property
    def option(self) -> str:
        """How `init` calls it."""
        return "--" + self.field.replace("_", "-")

    @property
    def key(self) -> str:
        """The label that names it."""
        return f"close_need.{'wrong' if self.wrong else 'missing'}_{self.field}"


def requisites_needed(seller: Seller) -> tuple[Need, ...]:
    """Which requisites of the seller an invoice can't be printed with: missing, or with wrong control keys (R11.2)."""
    needs: list[Need] = []
    if not inn_valid(seller.inn):
        needs.append(Need("inn", wrong=True))
    bic = seller.bic or ""
    if not bic_valid(bic):
        needs.append(Need("bic", wrong=bool(bic)))
    for field, account in (("account", seller.account), ("corr_account", seller.corr_account)):
        if not account:
            needs.append(Need(field))
        elif bic_valid(bic) and not account_key_valid(account, bic):
            needs.append(Need(field, wrong=True))
    if not seller.bank:
        needs.append(Need("bank"))
    return tuple(needs)


def close_needs(seller: Seller | None) -> tuple[Need, ...]:
    """All that keeps months from being closed by themselves; nothing when they can be."""
    if seller is None:
        return (Need("seller"),)
    needs = requisites_needed(seller)
    return needs if seller.billing_from is not None else (*needs, Need("billing_from"))
