"""What a contract lets be done in an emergency without asking, as the client reads it before (R7.10)."""

from dataclasses import dataclass
from datetime import date

from sqlmodel import Session

from bot.billing.terms.of_contract import terms_of


@dataclass(frozen=True, slots=True)
class PreAuthorised:
    """Up to so many kopecks on one ticket, by this clause; an empty one isn't written down."""

    kopecks: int
    clause: str


def pre_authorised(session: Session, contract_id: int, day: date) -> PreAuthorised | None:
    """What is agreed for emergencies on a day; None where nothing is."""
    terms = terms_of(session, contract_id, day)
    return PreAuthorised(terms.emergency_ceiling, terms.clause) if terms.emergency_ceiling else None
