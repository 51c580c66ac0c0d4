"""«До 5 000 ₽ без звонка»: who may set a ceiling of an object, and the record of who did and when (R7.6)."""

from sqlmodel import Session, col, select

from bot.billing.approve_quote import OverLimit
from bot.billing.approvers import Scope, limit_of, rights_of, who_may_approve
from bot.billing.handle_debts import require_debt_speaker
from bot.billing.quote_models import Ceiling
from bot.billing.quoting import Limit
from bot.clients.models import ServiceObject
from bot.db.errors import NotFound
from bot.db.unit_of_work import UnitOfWork


def set_ceiling(uow: UnitOfWork, object_id: int, kopecks: int, by: int) -> Ceiling:
    """Set it, ending the earlier one, which stays to be read; 0: every quote of the object is asked for.

    `by` is an approver or owner of the client within their own limits, or our manager. The same sum again changes
    nothing. Raises NotFound, NotAllowed, OverLimit.
    """
    thing = uow.session.get(ServiceObject, object_id, with_for_update=True)
    if thing is None or kopecks < 0:
        raise NotFound
    scope = Scope(thing.company_id, thing.site_id)
    rights = rights_of(uow.session, by, scope)
    if not rights:
        require_debt_speaker(uow.session, by)
    elif not any(limit_of(uow.session, each, kopecks, uow.now) is Limit.WITHIN for each in rights):
        names = [person.name for person in who_may_approve(uow.session, scope, kopecks, uow.now)]
        raise OverLimit(names=", ".join(names))
    earlier = live_ceiling(uow.session, thing.company_id, object_id)
    if earlier is not None and earlier.kopecks == kopecks:
        return earlier
    if earlier is not None:
        earlier.ended_at = uow.now
    made = Ceiling(company_id=thing.company_id, object_id=object_id, kopecks=kopecks, granted_by=by, granted_at=uow.now)
    uow.session.add(made)
    uow.session.flush()
    return made


def live_ceiling(session: Session, company_id: int, object_id: int) -> Ceiling | None:
    """The ceiling of an object that holds now."""
    query = select(Ceiling).where(
        Ceiling.company_id == company_id, Ceiling.object_id == object_id, col(Ceiling.ended_at).is_(None)
    )
    return session.exec(query.order_by(col(Ceiling.id).desc()).limit(1)).first()
