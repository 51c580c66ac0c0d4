"""Buttons of balances."""

from collections.abc import Mapping, Sequence
from typing import Any

from bot.billing.hours.balances import EntryLine
from bot.billing.hours.plans import OwnPlan
from bot.handlers.client.approvals.presses import ShowApprovals
from bot.handlers.client.balance.presses import DisputeEntry, PoolPage, SettleEntry, ShowBalance
from bot.handlers.client.debts.presses import ShowDebts
from bot.handlers.client.documents.presses import ListDocuments
from bot.handlers.client.tariffs.presses import OwnPlans
from bot.messaging.notices.texts import amount, label
from bot.telegram.showing.keyboards import Button, Keyboard, buttons


@buttons("balance/company")
def company(_lang: str, *, companies: Sequence[tuple[int, str]], **_values: Any) -> Keyboard:
    return Keyboard([[Button(text=name, press=ShowBalance(company=company_id))] for company_id, name in companies])


@buttons("balance/mine")
def mine(lang: str, *, company_id: int, plans: Sequence[OwnPlan], approves: bool, **_values: Any) -> Keyboard:
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
    rows.append([Button("documents.list", ListDocuments(company=company_id))])
    if approves:
        rows.append([Button("menu.approvals", ShowApprovals(company=company_id))])
    last = [Button("balance.debts", ShowDebts(company=company_id)), Button("tariff.mine", OwnPlans(company=company_id))]
    return Keyboard([*rows, last])


@buttons("balance/entries")
def entries(
    lang: str,
    *,
    company_id: int,
    pool_id: int,
    unit: str,
    lines: Sequence[tuple[EntryLine, int | None]],
    disputes: Mapping[int, str],
    page: int,
    pages: int,
    **_values: Any,
) -> Keyboard:
    objections = [
        [
            Button(
                "balance.dispute",
                DisputeEntry(company=company_id, entry=line.id),
                values={
                    "number": number,
                    "amount": amount(-line.effect, unit, lang, exact=True),
                },
            )
        ]
        for line, number in lines
        if line.standing_draw and number is not None and line.id not in disputes
    ]
    turns = []
    if page > 0:
        turns.append(Button("balance.newer", PoolPage(company=company_id, pool=pool_id, page=page - 1)))
    if page < pages - 1:
        turns.append(Button("balance.older", PoolPage(company=company_id, pool=pool_id, page=page + 1)))
    return Keyboard([*objections, turns, [Button("tariff.back", ShowBalance(company=company_id))]])


@buttons("balance/dispute_reason", "balance/disputed")
def back_to_balance(_lang: str, *, company_id: int, sees_money: bool, **_values: Any) -> Keyboard | None:
    return Keyboard([[Button("tariff.back", ShowBalance(company=company_id))]]) if sees_money else None


@buttons("balance/disputed_told")
def settle(_lang: str, *, dispute_id: int, **_values: Any) -> Keyboard:
    return Keyboard(
        [
            [
                Button("balance.give_back", SettleEntry(dispute=dispute_id, give_back=1)),
                Button("balance.keep", SettleEntry(dispute=dispute_id, give_back=0)),
            ]
        ]
    )
