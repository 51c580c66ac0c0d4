"""What skills tell. `words`: the file's own round the figures; `appeal_id`: what a person may be called with."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from bot.answers.skills.own_tickets import TicketNews
from bot.billing.prices.book import Priced
from bot.clients.models import Seller
from bot.handlers.client.approvals.screens import OwnApprovals
from bot.handlers.client.balance.screens import CompanyBalance, CompanyDebts
from bot.handlers.client.skills.asked import SkillWords
from bot.handlers.client.tariffs.screens import CompanyPlans, OfferedPlans
from bot.handlers.common.company import NamedCompany
from bot.tickets.life.at_work import Opening


@dataclass(frozen=True, slots=True)
class ForOthers:
    """What of a company is not for this person, and the names of those whom it is for."""

    company: str
    who: Sequence[str]


@dataclass(frozen=True, slots=True)
class StrangerAsked:
    """Own figures are asked for by one whom we don't know."""

    words: SkillWords


@dataclass(frozen=True, slots=True)
class HoursTold:
    """What is left of the pools of each company."""

    words: SkillWords
    balances: Sequence[CompanyBalance]
    others: Sequence[ForOthers]
    appeal_id: int


@dataclass(frozen=True, slots=True)
class PlanTold:
    """The plan of each company and what it includes."""

    words: SkillWords
    companies: Sequence[CompanyPlans]
    appeal_id: int


@dataclass(frozen=True, slots=True)
class PlansTold:
    """The plans there are."""

    words: SkillWords
    offered: OfferedPlans
    appeal_id: int


@dataclass(frozen=True, slots=True)
class CompanyPrices:
    """Some of the items that were asked for, of `count`, at a company's prices; company 0 is nobody's in particular."""

    company_id: int
    company: str
    items: Sequence[Priced]
    count: int


@dataclass(frozen=True, slots=True)
class PricesTold:
    """What works cost each company; without items: none was named, or none is like it."""

    words: SkillWords
    prices: Sequence[CompanyPrices]
    appeal_id: int


@dataclass(frozen=True, slots=True)
class DebtTold:
    """What each company has to pay."""

    words: SkillWords
    debts: Sequence[CompanyDebts]
    others: Sequence[ForOthers]
    appeal_id: int


@dataclass(frozen=True, slots=True)
class StatedMonth:
    """A closed month of a contract: kopecks of its statement, and what is left to pay of its invoice."""

    statement_id: int
    contract: str
    month: date
    gross: int
    left: int


@dataclass(frozen=True, slots=True)
class CompanyDocuments:
    """Documents of a company for the month that was asked for, or for its last one."""

    company_id: int
    company: str
    asked: date | None
    months: Sequence[StatedMonth]


@dataclass(frozen=True, slots=True)
class DocumentsTold:
    """Documents of a month."""

    words: SkillWords
    companies: Sequence[CompanyDocuments]
    others: Sequence[ForOthers]
    appeal_id: int


@dataclass(frozen=True, slots=True)
class HoursToBuy:
    """For which contracts hours can be bought, and who may where this person may not."""

    words: SkillWords
    approvals: Sequence[OwnApprovals]
    others: Sequence[ForOthers]
    appeal_id: int


@dataclass(frozen=True, slots=True)
class TicketsTold:
    """How tickets stand, of `count` that are open; `asked`: the number that was named."""

    words: SkillWords
    tickets: Sequence[TicketNews]
    count: int
    asked: int | None
    appeal_id: int


@dataclass(frozen=True, slots=True)
class TicketChoice:
    """Which ticket is meant; `message_id`: what was said about it."""

    words: SkillWords
    tickets: Sequence[TicketNews]
    message_id: int
    appeal_id: int


@dataclass(frozen=True, slots=True)
class NoSuchTicket:
    """No open ticket to do it with; `number` was named; `going`: there is one, too far on for that."""

    words: SkillWords
    number: int | None
    going: Sequence[TicketNews]
    appeal_id: int


@dataclass(frozen=True, slots=True)
class TimeNoted:
    """The wish of another time is on the ticket."""

    words: SkillWords | None
    ticket_id: int
    number: int


@dataclass(frozen=True, slots=True)
class ColleagueTold:
    """Companies that the person lets people into, and who does for the others."""

    words: SkillWords
    own: Sequence[NamedCompany]
    others: Sequence[ForOthers]
    appeal_id: int


@dataclass(frozen=True, slots=True)
class ContactsTold:
    """When people are there, on our clocks, and by which phones; `begins` and `ends` None: nobody has set them."""

    words: SkillWords
    opening: Opening
    begins: str | None
    ends: str | None
    appeal_id: int


@dataclass(frozen=True, slots=True)
class RequisitesTold:
    """Our requisites; companies whose documents the person may see."""

    words: SkillWords
    seller: Seller
    paying: Sequence[NamedCompany]
    appeal_id: int
