"""Who of a client may see debts, documents and payments (R2.3, R9.2)."""

from sqlmodel import Session, col, select

from bot.clients.models import ClientRole, Membership

SEE_MONEY = (ClientRole.FINANCE, ClientRole.OWNER)


def may_see_money(session: Session, company_id: int, person_id: int | None) -> bool:
    """Whether the person is finance or owner of the company at this moment."""
    query = select(Membership.id).where(
        Membership.person_id == person_id,
        Membership.company_id == company_id,
        col(Membership.role).in_(SEE_MONEY),
        col(Membership.ended_at).is_(None),
    )
    return person_id is not None and session.exec(query.limit(1)).first() is not None
