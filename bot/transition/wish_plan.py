"""«Хочу перейти»: a client's interest in a plan reaches the manager."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import col, select

from bot.billing.terms.models import Plan
from bot.clients.audiences import Managers
from bot.clients.identification.phones import Reached
from bot.clients.models import Company, Person
from bot.clients.phone_lines import numbers_of
from bot.clients.rights import acts_for, allowed
from bot.db.errors import NotAllowed, NotFound
from bot.db.locks import lock
from bot.db.unit_of_work import UnitOfWork
from bot.transition.models import Wish


@dataclass(frozen=True, slots=True)
class ToldWish:
    """Who of which company wants which plan, and where to call them."""

    company: str
    plan: str
    person: str
    phones: Sequence[Reached]


def wish_plan(uow: UnitOfWork, company_id: int, plan_id: int, by: int) -> tuple[Wish, bool]:
    """Keep the wish and tell the managers; while one is open, the same press changes nothing.

    Returns the wish and whether it is new. Raises NotAllowed for a person of another company, NotFound for a plan that
    isn't offered.
    """
    session = uow.session
    company = lock(session, Company, company_id)
    person = session.get(Person, by)
    if company is None or person is None or not allowed(session, acts_for, person=by, company=company_id):
        raise NotAllowed
    plan = session.get(Plan, plan_id)
    if plan is None or not plan.offered:
        raise NotFound
    open_one = session.exec(
        select(Wish).where(Wish.company_id == company_id, Wish.plan_id == plan_id, col(Wish.handled_at).is_(None))
    ).first()
    if open_one is not None:
        return open_one, False
    wish = Wish(company_id=company_id, person_id=by, plan_id=plan_id, wished_at=uow.now)
    session.add(wish)
    session.flush()
    uow.tell(Managers(), "tariff/wish_told", ToldWish(company.name, plan.name, person.name, numbers_of(session, by)))
    return wish, True
