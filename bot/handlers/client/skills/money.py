"""Hours, plans, prices, debts and documents in answer to a line: the figures of the screens behind (R1.13, R2.3)."""

from collections.abc import Sequence

from sqlmodel import Session, col, select

from bot.billing.debts.rights import may_see_money
from bot.clients.audiences import InCompany
from bot.clients.models import ClientRole, Person
from bot.handlers.client.balance.screens import balance_for
from bot.handlers.client.skills.asked import Asked
from bot.handlers.client.skills.screens import ForOthers, HoursTold
from bot.handlers.common.company import CompanyChoice, NamedCompany, companies, person_of

TOLD = 3  # companies whose figures are told in one answer; of more, one is asked for


def hours(asked: Asked) -> bool:
    """What is left, used and held of each pool."""
    seen, others = money_companies(asked)
    if len(seen) > TOLD:
        asked.say("balance/company", CompanyChoice(seen))
    else:
        balances = [balance_for(asked.turn, each.id) for each in seen]
        asked.say("skill/hours", HoursTold(asked.words, balances, others, asked.appeal_id))
    return True


def money_companies(asked: Asked) -> tuple[list[NamedCompany], list[ForOthers]]:
    """The asker's companies whose figures they may see, and the others with those who may (R2.3)."""
    session, person = asked.turn.session, person_of(asked.turn)
    mine = companies(asked.turn)
    seen = [each for each in mine if may_see_money(session, each.id, person)]
    closed = [each for each in mine if each not in seen]
    return seen, [ForOthers(each.name, names_of(session, each.id, ClientRole.FINANCE)) for each in closed]


def names_of(session: Session, company_id: int, role: ClientRole) -> Sequence[str]:
    """Who holds a role in the company as a whole, or owns it, by name."""
    people = InCompany(company_id, frozenset({role}), site_id=None).people(session)
    return session.exec(select(Person.name).where(col(Person.id).in_(people)).order_by(col(Person.name))).all()
