"""What a person decides for a company, as it is shown."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.billing.debts.rights import may_see_money
from bot.billing.quotes.approvers import OwnRight, own_rights
from bot.billing.quotes.top_up import may_be_topped_up, sizes
from bot.clients.models import Company
from bot.handlers.common.company import person_of, today_of
from bot.handlers.common.conversation import Conversation


@dataclass(frozen=True, slots=True)
class NamedContract:
    """A contract that hours can be bought for."""

    id: int
    number: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnApprovals:
    """What a person decides for a company; `sizes`: minutes on offer."""

    company_id: int
    company: str
    rights: Sequence[OwnRight]
    contracts: Sequence[NamedContract]
    sizes: Sequence[int]
    sees_money: bool


def own_approvals(turn: Conversation, company: Company) -> OwnApprovals:
    """What the speaker decides for the company at this moment."""
    by = person_of(turn)
    contracts = may_be_topped_up(turn.session, company.id, today_of(turn, company), by)
    return OwnApprovals(
        company_id=company.id,
        company=company.name,
        rights=own_rights(turn.session, by, company.id),
        contracts=[NamedContract(each.id, each.number) for each in contracts],
        sizes=sizes(turn.session),
        sees_money=may_see_money(turn.session, company.id, by),
    )
