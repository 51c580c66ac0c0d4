"""For which company a person asks; rights are read anew with each press (R2.4)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from bot.billing.debts.rights import may_see_money
from bot.clients.models import Company
from bot.clients.objects import companies_of
from bot.clients.zones import seller_zone
from bot.db.errors import NotAllowed, NotFound
from bot.handlers.common.conversation import Conversation


@dataclass(frozen=True, slots=True)
class NamedCompany:
    """A company to choose, by its button."""

    id: int
    name: str


@dataclass(frozen=True, slots=True)
class CompanyChoice:
    """Which of their companies is meant."""

    companies: Sequence[NamedCompany]


def person_of(turn: Conversation) -> int:
    """The id of the speaker. Raises NotFound for an account never seen."""
    person = turn.visitor.person
    if person is None:
        raise NotFound
    return person.id


def company_for(turn: Conversation, company_id: int) -> Company:
    """A company that the speaker acts for at this moment. Raises NotAllowed."""
    if company_id not in turn.visitor.companies:
        raise NotAllowed
    company = turn.session.get(Company, company_id)
    if company is None:
        raise NotAllowed
    return company


def money_company(turn: Conversation, company_id: int) -> Company:
    """A company whose balances, invoices and debts the speaker sees at this moment (R2.3). Raises NotAllowed."""
    company = company_for(turn, company_id)
    if not may_see_money(turn.session, company_id, person_of(turn)):
        raise NotAllowed
    return company


def companies(turn: Conversation) -> list[NamedCompany]:
    """The companies that the speaker acts for."""
    person = turn.visitor.person
    if person is None:
        return []
    return [NamedCompany(company.id, company.name) for company in companies_of(turn.session, person.id)]


def today_of(turn: Conversation, company: Company | None) -> date:
    """The day where the client is."""
    return turn.uow.day(company.timezone if company else seller_zone(turn.session))
