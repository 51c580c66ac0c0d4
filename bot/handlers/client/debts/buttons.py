"""Buttons of debts."""

from bot.billing.debts.handle import InvoiceInQuestion, OverdueDebt
from bot.handlers.client.balance.presses import ShowBalance
from bot.handlers.client.balance.screens import CompanyDebts
from bot.handlers.client.debts.presses import DisputeInvoice, PromisePay, ShowDebts
from bot.handlers.client.debts.screens import InvoiceChoice, PromiseChoice, PromiseNoted
from bot.telegram.showing.keyboards import Button, Keyboard, buttons

LISTED = 40  # the oldest: more buttons than a hundred Telegram refuses


@buttons("balance/debts")
def debts(_lang: str, shown: CompanyDebts) -> Keyboard:
    rows = [_speaking(shown.company_id)] if any(not debt.disputed for debt in shown.debts) else []
    return Keyboard([*rows, [Button("tariff.back", ShowBalance(company=shown.company_id))]])


@buttons("debts/reminder")
def reminder(_lang: str, debt: OverdueDebt) -> Keyboard:
    return Keyboard([_speaking(debt.company_id), [Button("balance.debts", ShowDebts(company=debt.company_id))]])


@buttons("debts/promise")
def promise(_lang: str, choice: PromiseChoice) -> Keyboard:
    return Keyboard(
        [
            [
                Button(
                    "debts.by_day",
                    PromisePay(company=choice.company_id, days=each.days),
                    values={"day": f"{each.day:%d.%m}"},
                )
            ]
            for each in choice.offered
        ]
    )


@buttons("debts/which")
def which(_lang: str, choice: InvoiceChoice) -> Keyboard:
    open_to_dispute = [debt for debt in choice.debts if not debt.disputed]
    return Keyboard(
        [
            [Button(text=debt.invoice, press=DisputeInvoice(company=choice.company_id, debt=debt.id))]
            for debt in open_to_dispute[:LISTED]
        ]
    )


@buttons("debts/promised", "debts/disputed")
def back(_lang: str, said: PromiseNoted | InvoiceInQuestion) -> Keyboard:
    return Keyboard([[Button("balance.debts", ShowDebts(company=said.company_id))]])


def _speaking(company_id: int) -> list[Button]:
    return [
        Button("debts.promise", PromisePay(company=company_id)),
        Button("debts.dispute", DisputeInvoice(company=company_id)),
    ]
