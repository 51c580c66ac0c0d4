"""The manager's buttons of debts."""

from bot.billing.debts.handle import DebtorNews
from bot.handlers.manager.debts.presses import ExemptDebtor, SettleInvoice
from bot.telegram.showing.keyboards import Button, Keyboard, buttons


@buttons("debts/staff")
def staff(_lang: str, news: DebtorNews) -> Keyboard:
    rows = [[Button("debts.settle", SettleInvoice(dispute=news.dispute))]] if news.dispute else []
    lifting = [
        [Button("debts.exempt", ExemptDebtor(company=news.company_id, days=days), values={"days": days})]
        for days in news.exempt
    ]
    return Keyboard([*rows, *lifting])
