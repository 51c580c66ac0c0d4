"""A client objects to one line of a statement: that line only is in question, the rest is due (R10.4)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from bot.billing.documents.credit_note import issue_credit, lock_invoice
from bot.billing.documents.issued import entries_of_line, statement_for, statement_view
from bot.billing.documents.models import CreditedLine, Document, LineDispute
from bot.billing.hours.give_back import draws_of_times, draws_of_works, give_back
from bot.billing.hours.models import Pool, PoolEntry
from bot.billing.statements.models import StatementLine
from bot.clients.audiences import Finance, Managers
from bot.clients.rights import MANAGERS, employed, require
from bot.db.errors import NotFound, Outdated, Refusal
from bot.db.locks import lock_ids, lock_where
from bot.db.unit_of_work import UnitOfWork

WORK = "work/"  # what the source of a line of the specification begins with


@dataclass(frozen=True, slots=True, kw_only=True)
class DisputedLine:
    """What a manager decides on: a line of a month's statement in kopecks, and what the client says of it."""

    line_id: int
    company: str
    contract: str
    month: date
    name: str
    ticket: int | None
    gross: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SettledLine:
    """The answer to the client: the line in kopecks, and the number of the credit note that takes it back."""

    credited: bool
    name: str
    month: date
    gross: int
    number: int | None


class NoReasonGiven(Refusal):
    """A dispute says what is wrong."""

    key = "refusal.no_reason"


class LineSettled(Outdated):
    """It was settled before."""

    key = "refusal.dispute_settled"


def line_for(uow: UnitOfWork, line_id: int, by: int) -> StatementLine:
    """A line for finance and owner of its company. Raises NotFound, NotAllowed."""
    line = uow.session.get(StatementLine, line_id)
    if line is None:
        raise NotFound
    statement_for(uow.session, line.statement_id, by)
    return line


def dispute_line(uow: UnitOfWork, line_id: int, reason: str, by: int) -> LineDispute:
    """Object to a line; managers are told. The same line again keeps the first objection.

    Raises NotFound, NotAllowed, NoReasonGiven, LineSettled.
    """
    session = uow.session
    line = line_for(uow, line_id, by)
    if not reason.strip():
        raise NoReasonGiven
    earlier = _locked(uow, line_id)
    if earlier is not None:
        if earlier.settled is not None:
            raise LineSettled
        return earlier
    if session.get(CreditedLine, line_id) is not None:
        raise LineSettled
    dispute = LineDispute(line_id=line_id, person_id=by, reason=reason.strip()[:600], disputed_at=uow.now)
    session.add(dispute)
    session.flush()
    view = statement_view(session, line.statement_id)
    uow.tell(
        Managers(),
        "documents/disputed",
        DisputedLine(
            line_id=line_id,
            company=view.company.name,
            contract=view.contract.number,
            month=view.statement.period_start,
            name=line.name,
            ticket=line.ticket_number,
            gross=line.gross,
            reason=dispute.reason,
        ),
    )
    return dispute


def settle_line_dispute(uow: UnitOfWork, line_id: int, credit: bool, by: int) -> Document | None:
    """A manager takes the line back with a credit note, or keeps it; the client's finance contacts are told.

    Raises NotAllowed, NotFound, LineSettled, AlreadyCredited, BadRequisitesError.
    """
    session = uow.session
    require(session, employed, MANAGERS, person=by)
    line = session.get(StatementLine, line_id)
    drawn = _drawn_for(uow, line) if line is not None and credit else []
    if line is not None and credit:
        lock_invoice(session, line.statement_id)
    dispute = _locked(uow, line_id)
    if dispute is None:
        raise NotFound
    if dispute.settled is not None:
        raise LineSettled
    line = session.get_one(StatementLine, line_id)
    note = issue_credit(uow, [line_id], dispute.reason, by) if credit and line.gross else None
    view = statement_view(session, line.statement_id)
    give_back(uow, view.statement.contract_id, drawn, by)  # hours of the line come back as money does (R4.10)
    dispute.settled = "credited" if credit else "kept"
    dispute.settled_by, dispute.settled_at = by, uow.now
    uow.tell(
        Finance(view.statement.company_id),
        "documents/dispute_settled",
        SettledLine(
            credited=credit,
            name=line.name,
            month=view.statement.period_start,
            gross=line.gross,
            number=note.number if note is not None else None,
        ),
    )
    session.flush()
    return note


def _drawn_for(uow: UnitOfWork, line: StatementLine) -> Sequence[PoolEntry]:
    """What pools gave for a line, their pools locked before the dispute is."""
    times = [entry.id for entry in entries_of_line(uow.session, line.id)]
    works = [int(line.source.removeprefix(WORK))] if line.source.startswith(WORK) else []
    draws = [*draws_of_times(uow.session, times), *draws_of_works(uow.session, works)]
    lock_ids(uow.session, Pool, {each.pool_id for each in draws})
    return draws


def _locked(uow: UnitOfWork, line_id: int) -> LineDispute | None:
    return next(iter(lock_where(uow.session, LineDispute, LineDispute.line_id == line_id)), None)
