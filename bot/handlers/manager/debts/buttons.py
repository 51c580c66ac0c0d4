"""The manager's buttons of debts."""

from typing import Any

from bot.handlers.manager.debts.presses import ExemptDebtor, SettleInvoice
from bot.telegram.showing.keyboards import Button, Keyboard, buttons

FREE_DAYS = (7, 14, 30)


@buttons("debts/staff")
def staff(_lang: str, *, company_id: int, dispute: int, **_values: Any) -> Keyboard:
    rows = [[Button("debts.settle", SettleInvoice(dispute=dispute))]] if dispute else []
    lifting = [
        [Button("debts.exempt", ExemptDebtor(company=company_id, days=days), values={"days": days})]
        for days in FREE_DAYS
    ]
    return Keyboard([*rows, *lifting])
