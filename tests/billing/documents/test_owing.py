"""An invoice of ours is a debt from its issue until it is paid or taken back (R9.3)."""

from datetime import timedelta

from sqlmodel import Session, select

from bot.billing.debts.models import Debt
from bot.billing.debts.owed import debt_state_of, unpaid_invoices
from bot.billing.debts.report import Reported, bring_report
from bot.billing.debts.rule import DebtLevel, DebtSource
from bot.billing.documents.credit_note import issue_credit
from bot.billing.documents.models import Document
from bot.billing.documents.pay import book_payment, payload_of, take_payment
from bot.clients.models import StaffRole
from tests.builders.bills import accepted, billed_firm, close, documents_of, lines_of, statement_of
from tests.builders.jobs import worker
from tests.conftest import TestOffice


def invoiced(office: TestOffice, session: Session) -> Document:
    """A closed November with paid work."""
    with office.work() as uow:
        firm = billed_firm(uow)
        accepted(uow, firm)
    close(office)
    statement = statement_of(session, firm.contract)
    assert statement is not None
    return documents_of(session, statement)["invoice"]


def rests(office: TestOffice, invoice: Document) -> list[int]:
    with office.database.read() as session:
        return [each.kopecks for each in unpaid_invoices(session, invoice.company_id)]


def test_an_issued_invoice_is_owed_until_it_is_paid(office: TestOffice, session: Session) -> None:
    invoice = invoiced(office, session)
    assert rests(office, invoice) == [invoice.gross]
    with office.work() as uow:
        assert invoice.due is not None
        late = invoice.due + timedelta(days=31)
        assert debt_state_of(uow.session, invoice.company_id, late).level is DebtLevel.D3
        take_payment(uow, payload_of(invoice), invoice.gross - 100, "charge-1", "", None)
        take_payment(uow, payload_of(invoice), invoice.gross - 100, "charge-1", "", None)
    assert rests(office, invoice) == [100]
    with office.work() as uow:
        assert book_payment(uow, invoice, 100, "import:1", uow.now.date())
        assert not book_payment(uow, invoice, 100, "import:1", uow.now.date())
    assert rests(office, invoice) == []
    session.rollback()
    row = session.exec(select(Debt).where(Debt.company_id == invoice.company_id)).one()
    assert row.ended_at is not None and row.source is DebtSource.OWN


def test_accounting_that_lists_it_and_a_payment_after_its_report(office: TestOffice, session: Session) -> None:
    invoice = invoiced(office, session)
    assert invoice.due is not None
    line = Reported(invoice.company_id, f"0{invoice.number}", invoice.issued_on, 4_200, invoice.due, disputed=False)
    with office.work() as uow:
        bring_report(uow, uow.now.date(), [line])
    assert rests(office, invoice) == [4_200]
    office.moment += timedelta(days=1)
    with office.work() as uow:
        take_payment(uow, payload_of(invoice), invoice.gross, "charge-1", "", None)
    assert rests(office, invoice) == [], "what came after the report stays counted"
    with office.work() as uow:
        bring_report(uow, uow.now.date(), [])
    assert rests(office, invoice) == []


def test_a_credit_note_takes_it_off(office: TestOffice, session: Session) -> None:
    invoice = invoiced(office, session)
    statement = statement_of(session, invoice.contract_id)
    assert statement is not None
    lines = [line.id for line in lines_of(session, statement) if line.gross]
    with office.work() as uow:
        issue_credit(uow, lines, "не делали", worker(uow.session, "Громова", StaffRole.MANAGER))
    assert rests(office, invoice) == []
