"""Hours, plans, prices, debts and documents in answer to a line: the figures of the screens behind (R1.13, R2.3)."""

from collections.abc import Sequence

from sqlmodel import Session, col, select

from bot.answers.skills.words import month_named
from bot.billing.debts.rights import may_see_money
from bot.billing.documents.issued import left_to_pay, statement_for, statements_of
from bot.billing.quotes.approvers import approves_for
from bot.clients.audiences import InCompany
from bot.clients.models import ClientRole, Company, Person
from bot.handlers.client.approvals.screens import own_approvals
from bot.handlers.client.balance.screens import balance_for, debts_for
from bot.handlers.client.prices.screens import asked_prices
from bot.handlers.client.skills.asked import SkillCall
from bot.handlers.client.skills.screens import (
    CompanyDocuments,
    CompanyPrices,
    DebtTold,
    DocumentsTold,
    ForOthers,
    HoursToBuy,
    HoursTold,
    PlansTold,
    PlanTold,
    PricesTold,
    StatedMonth,
)
from bot.handlers.client.tariffs.screens import plans_for, plans_of
from bot.handlers.common.company import (
    CompanyChoice,
    NamedCompany,
    companies,
    company_for,
    money_company,
    person_of,
    today_of,
)

TOLD = 3  # companies whose figures are told in one answer; of more, one is asked for
PRICED = 6


def hours(asked: SkillCall) -> bool:
    """What is left, used and held of each pool."""
    seen, others = money_companies(asked)
    if len(seen) > TOLD:
        asked.say("balance/company", CompanyChoice(seen))
    else:
        balances = [balance_for(asked.turn, each.id) for each in seen]
        asked.say("skill/hours", HoursTold(asked.words, balances, others, asked.appeal_id))
    return True


def plan(asked: SkillCall) -> bool:
    """The plan of each company and what it includes."""
    mine = companies(asked.turn)
    if len(mine) > TOLD:
        asked.say("tariff/company", CompanyChoice(mine))
    else:
        told = [plans_of(asked.turn, each.id) for each in mine]
        asked.say("skill/plan", PlanTold(asked.words, told, asked.appeal_id))
    return True


def plans(asked: SkillCall) -> bool:
    """All plans, the own one marked."""
    mine = companies(asked.turn)
    offered = plans_for(asked.turn, mine[0].id if len(mine) == 1 else 0)
    asked.say("skill/plans", PlansTold(asked.words, offered, asked.appeal_id))
    return True


def price(asked: SkillCall) -> bool:
    """What the work that a line names costs each company."""
    mine = companies(asked.turn)[:TOLD] or [NamedCompany(0, "")]
    found = []
    for each in mine:
        items, count = asked_prices(asked.turn, each.id, asked.line, PRICED)
        found.append(CompanyPrices(each.id, each.name, items, count))
    asked.say("skill/price", PricesTold(asked.words, found, asked.appeal_id))
    return True


def debt(asked: SkillCall) -> bool:
    """Unpaid invoices and their sum."""
    seen, others = money_companies(asked)
    if len(seen) > TOLD:
        asked.say("balance/company", CompanyChoice(seen))
    else:
        debts = [debts_for(asked.turn, money_company(asked.turn, each.id)) for each in seen]
        asked.say("skill/debt", DebtTold(asked.words, debts, others, asked.appeal_id))
    return True


def documents(asked: SkillCall) -> bool:
    """Statements of the month that a line names, else of the last one."""
    seen, others = money_companies(asked)
    if len(seen) > TOLD:
        asked.say("documents/company", CompanyChoice(seen))
    else:
        found = [_documents(asked, each) for each in seen]
        asked.say("skill/documents", DocumentsTold(asked.words, found, others, asked.appeal_id))
    return True


def buy_hours(asked: SkillCall) -> bool:
    """Hours to buy for each contract that counts them, by those who may approve."""
    turn, by = asked.turn, person_of(asked.turn)
    mine = companies(turn)
    may = [each for each in mine if approves_for(turn.session, by, each.id)]
    others = [
        ForOthers(each.name, names_of(turn.session, each.id, ClientRole.APPROVER)) for each in mine if each not in may
    ]
    approvals = [own_approvals(turn, company_for(turn, each.id)) for each in may[:TOLD]]
    asked.say("skill/buy_hours", HoursToBuy(asked.words, approvals, others, asked.appeal_id))
    return True


def money_companies(asked: SkillCall) -> tuple[list[NamedCompany], list[ForOthers]]:
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


def _documents(asked: SkillCall, of: NamedCompany) -> CompanyDocuments:
    turn, by = asked.turn, person_of(asked.turn)
    company: Company = money_company(turn, of.id)
    stated = statements_of(turn.session, of.id, by)
    month = month_named(asked.line, today_of(turn, company))
    wanted = month or (stated[0].period_start if stated else None)
    months = []
    for row in stated:
        if row.period_start == wanted:
            view = statement_for(turn.session, row.id, by)
            left = left_to_pay(turn.session, view.invoice) if view.invoice is not None else 0
            months.append(StatedMonth(row.id, view.contract.number, row.period_start, row.gross, left))
    return CompanyDocuments(of.id, of.name, month, months)
