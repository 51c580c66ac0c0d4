"""Credit notes: what was billed wrongly is taken back line by line, once and whole; nothing issued is changed."""

from collections.abc import Sequence

from sqlmodel import Session, col, select

from bot.billing.documents.issue import checked_seller, document_code
from bot.billing.documents.models import CreditedLine, Document
from bot.billing.documents.owing import keep_debt
from bot.billing.statements.models import StatementLine
from bot.clients.rights import MANAGERS, employed, require
from bot.db.errors import NotFound, Refusal
from bot.db.locks import lock_where
from bot.db.numbering import next_number
from bot.db.unit_of_work import UnitOfWork


class AlreadyCredited(Refusal):
    """The line was taken back before."""

    key = "refusal.already_credited"


def lock_invoice(session: Session, statement_id: int) -> Sequence[Document]:
    """The invoice of a statement, locked; none where the statement has none."""
    return lock_where(session, Document, Document.statement_id == statement_id, Document.kind == "invoice")


def issue_credit(uow: UnitOfWork, lines: Sequence[int], reason: str, by: int) -> Document:
    """Take back lines of one statement with a credit note on its invoice; its VAT is theirs, as stored (R6.2).

    Raises NotAllowed, NotFound, AlreadyCredited, BadRequisitesError.
    """
    session = uow.session
    require(session, employed, MANAGERS, person=by)
    rows = session.exec(select(StatementLine).where(col(StatementLine.id).in_(lines))).all()
    statements = {row.statement_id for row in rows}
    if len(rows) != len(set(lines)) or len(statements) != 1 or any(not row.gross for row in rows):
        raise NotFound
    (invoice,) = lock_invoice(session, statements.pop())
    if session.exec(select(CreditedLine).where(col(CreditedLine.line_id).in_(lines))).first() is not None:
        raise AlreadyCredited
    seller = checked_seller(session)
    today = uow.day(seller.timezone)
    number = next_number(session, f"credit/{seller.id}/{today.year}")
    document = Document(
        code=document_code("credit", seller.id, today.year, number),
        kind="credit",
        seller_id=seller.id,
        company_id=invoice.company_id,
        contract_id=invoice.contract_id,
        reverses_id=invoice.id,
        year=today.year,
        number=number,
        issued_on=today,
        vat_bp=invoice.vat_bp,
        net=sum(row.net for row in rows),
        vat=sum(row.vat for row in rows),
        gross=sum(row.gross for row in rows),
        parties=invoice.parties,
        reason=reason[:600],
        made_by=by,
        made_at=uow.now,
    )
    session.add(document)
    session.flush()
    for row in rows:
        session.add(CreditedLine(line_id=row.id, document_id=document.id))
    session.flush()
    keep_debt(uow, invoice)
    return document
