"""Word of what became of a message goes to what was carried: a line of a thread, an invoice."""

from typing import Any

from bot.billing.documents import send as send_invoices
from bot.db.unit_of_work import UnitOfWork
from bot.tickets.intake import correcting, passing
from bot.tickets.intake.said import EDITED


def take_receipt(uow: UnitOfWork, payload: dict[str, Any]) -> None:
    """Timer `receipt`: a call of which word is awaited is settled."""
    if str(payload["carries"]).startswith(f"{send_invoices.CARRIED}:"):
        send_invoices.take_receipt(uow, payload)
    elif str(payload["carries"]).startswith(EDITED):
        correcting.take_edit(uow, payload)
    else:
        passing.take_receipt(uow, payload)
