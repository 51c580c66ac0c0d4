"""Buttons of balances."""

from collections.abc import Sequence
from typing import Any

from bot.billing.plan_view import OwnPlan
from bot.handlers.client.documents_presses import ListDocuments
from bot.handlers.client.tariffs_presses import OwnPlans, PoolPage, ShowBalance, ShowDebts
from bot.messaging.texts import label
from bot.telegram.keyboards import Button, Keyboard, buttons


@buttons("balance/company")
def company(_lang: str, *, companies: Sequence[tuple[int, str]], **_values: Any) -> Keyboard:
    return Keyboard([[Button(text=name, press=ShowBalance(company=company_id))] for company_id, name in companies])


@buttons("balance/mine")
def mine(lang: str, *, company_id: int, plans: Sequence[OwnPlan], sees_debts: bool, **_values: Any) -> Keyboard:
    rows = [
        [
            Button(
                "balance.entries",
                PoolPage(company=company_id, pool=pool.id),
                values={"kind": label(f"pool.{pool.kind}", lang), "number": own.number},
            )
        ]
        for own in plans
        for pool in own.pools
    ]
    last = [Button("tariff.mine", OwnPlans(company=company_id))]
    if sees_debts:
        last.insert(0, Button("balance.debts", ShowDebts(company=company_id)))
        rows.append([Button("documents.list", ListDocuments(company=company_id))])
    return Keyboard([*rows, last])


@buttons("balance/entries")
def entries(_lang: str, *, company_id: int, pool_id: int, page: int, pages: int, **_values: Any) -> Keyboard:
    turns = []
    if page > 0:
        turns.append(Button("balance.newer", PoolPage(company=company_id, pool=pool_id, page=page - 1)))
    if page < pages - 1:
        turns.append(Button("balance.older", PoolPage(company=company_id, pool=pool_id, page=page + 1)))
    return Keyboard([turns, [Button("tariff.back", ShowBalance(company=company_id))]])
