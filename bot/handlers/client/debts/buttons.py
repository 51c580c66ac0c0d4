"""Buttons of debts."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from bot.billing.debts.owed import DebtLine
from bot.handlers.client.balance.presses import ShowBalance
from bot.handlers.client.debts.presses import DisputeInvoice, PromisePay, ShowDebts
from bot.telegram.showing.keyboards import Button, Keyboard, buttons


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


def _speaking(company_id: int) -> list[Button]:
    return [
        Button("debts.promise", PromisePay(company=company_id)),
        Button("debts.dispute", DisputeInvoice(company=company_id)),
    ]
