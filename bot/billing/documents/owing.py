"""Our own invoices as debts: written when one is issued, paid or taken back (R9.3)."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from bot.billing.debts.report import keep_own
from bot.billing.debts.rule import DebtSource
from bot.billing.documents.issued import left_to_pay
from bot.billing.documents.models import Document
from bot.db.unit_of_work import UnitOfWork


def keep_debt(uow: UnitOfWork, invoice: Document, *, paid_on: date | None = None) -> None:
    """What is left to pay of an invoice by now."""
    left = left_to_pay(uow.session, invoice)
    due = invoice.due or invoice.issued_on
    keep_own(uow, invoice.company_id, str(invoice.number), invoice.issued_on, due, left, paid_on=paid_on)


def debts_of_invoices(documents: Sequence[Mapping[str, Any]], now: datetime) -> list[dict[str, Any]]:
    """The debts that newly issued invoices are, as rows."""
    return [
        {
            "company_id": each["company_id"],
            "source": DebtSource.OWN,
            "invoice": str(each["number"]),
            "issued_on": each["issued_on"],
            "kopecks": each["gross"],
            "due": each["due"],
            "disputed": False,
            "reported_at": now,
            "paid_on": None,
            "ended_at": None,
        }
        for each in documents
        if each["kind"] == "invoice"
    ]
