"""The manager's buttons of debts."""

from collections.abc import Sequence
from typing import Any

from bot.handlers.manager.debts.presses import ExemptDebtor, SettleInvoice
from bot.telegram.showing.keyboards import Button, Keyboard, buttons


@buttons("debts/staff")
def staff(_lang: str, *, company_id: int, dispute: int, exempt: Sequence[int], **_values: Any) -> Keyboard:
    rows = [[Button("debts.settle", SettleInvoice(dispute=dispute))]] if dispute else []
    lifting = [
        [Button("debts.exempt", ExemptDebtor(company=company_id, days=days), values={"days": days})] for days in exempt
    ]
    return Keyboard([*rows, *lifting])
