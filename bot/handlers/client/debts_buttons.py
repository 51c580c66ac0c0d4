"""Buttons of debts, the client's and the manager's."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from bot.billing.debts import DebtLine
from bot.handlers.client.debts_presses import DisputeInvoice, ExemptDebtor, PromisePay, SettleInvoice
from bot.handlers.client.tariffs_presses import ShowBalance, ShowDebts
from bot.telegram.keyboards import Button, Keyboard, buttons

FREE_DAYS = (7, 14, 30)


@buttons("balance/debts")
def debts(_lang: str, *, company_id: int, debts: Sequence[DebtLine], **_values: Any) -> Keyboard:
    rows = [_speaking(company_id)] if any(not debt.disputed for debt in debts) else []
    return Keyboard([*rows, [Button("tariff.back", ShowBalance(company=company_id))]])


@buttons("debts/reminder")
def reminder(_lang: str, *, company_id: int, **_values: Any) -> Keyboard:
    return Keyboard([_speaking(company_id), [Button("balance.debts", ShowDebts(company=company_id))]])


@buttons("debts/promise")
def promise(_lang: str, *, company_id: int, days: Sequence[tuple[int, date]], **_values: Any) -> Keyboard:
    return Keyboard(
        [
            [Button("debts.by_day", PromisePay(company=company_id, days=count), values={"day": f"{day:%d.%m}"})]
            for count, day in days
        ]
    )


@buttons("debts/which")
def which(_lang: str, *, company_id: int, debts: Sequence[DebtLine], **_values: Any) -> Keyboard:
    return Keyboard(
        [
            [Button(text=debt.invoice, press=DisputeInvoice(company=company_id, debt=debt.id))]
            for debt in debts
            if not debt.disputed
        ]
    )


@buttons("debts/promised", "debts/disputed")
def back(_lang: str, *, company_id: int, **_values: Any) -> Keyboard:
    return Keyboard([[Button("balance.debts", ShowDebts(company=company_id))]])


@buttons("debts/staff")
def staff(_lang: str, *, company_id: int, dispute: int, **_values: Any) -> Keyboard:
    rows = [[Button("debts.settle", SettleInvoice(dispute=dispute))]] if dispute else []
    lifting = [
        [Button("debts.exempt", ExemptDebtor(company=company_id, days=days), values={"days": days})]
        for days in FREE_DAYS
    ]
    return Keyboard([*rows, *lifting])


def _speaking(company_id: int) -> list[Button]:
    return [
        Button("debts.promise", PromisePay(company=company_id)),
        Button("debts.dispute", DisputeInvoice(company=company_id)),
    ]
