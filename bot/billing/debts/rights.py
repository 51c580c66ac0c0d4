"""Who of a client may see debts, documents and payments (R2.3, R9.2)."""

from sqlmodel import Session

from bot.clients.rights import allowed, sees_money


def may_see_money(session: Session, company_id: int, person_id: int | None) -> bool:
    """Whether the person is finance or owner of the company at this moment."""
    return person_id is not None and allowed(session, sees_money, person=person_id, company=company_id)
