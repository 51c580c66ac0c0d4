"""Buttons of tariffs."""

from collections.abc import Collection, Sequence
from typing import Any

from bot.billing.hours.plans import PlanLine
from bot.handlers.client.balance.presses import ShowBalance
from bot.handlers.client.prices.presses import PricePage
from bot.handlers.client.tariffs.presses import ComparePlans, OwnPlans, ShowPlan, WishPlan
from bot.telegram.showing.keyboards import Button, Keyboard, buttons


@buttons("tariff/company")
def company(_lang: str, *, companies: Sequence[tuple[int, str]], **_values: Any) -> Keyboard:
    return Keyboard([[Button(text=name, press=OwnPlans(company=company_id))] for company_id, name in companies])


@buttons("tariff/mine")
def mine(_lang: str, *, company_id: int, sees_money: bool, **_values: Any) -> Keyboard:
    last = [Button("tariff.prices", PricePage(company=company_id))]
    if sees_money:
        last.append(Button("tariff.balance", ShowBalance(company=company_id)))
    return Keyboard([[Button("tariff.compare", ComparePlans(company=company_id))], last])


@buttons("tariff/all")
def every(_lang: str, *, company_id: int, plans: Sequence[PlanLine], own: Collection[int], **_values: Any) -> Keyboard:
    rows = [
        [Button(text=f"{'✓ ' if plan.id in own else ''}{plan.name}", press=ShowPlan(company=company_id, plan=plan.id))]
        for plan in plans
    ]
    last = [Button("tariff.prices", PricePage(company=company_id))]
    if company_id:
        last.append(Button("tariff.back", OwnPlans(company=company_id)))
    return Keyboard([*rows, last])


@buttons("tariff/plan")
def plan(_lang: str, *, company_id: int, plan: PlanLine, own: bool, **_values: Any) -> Keyboard:
    wish = [] if own or not company_id else [Button("tariff.wish", WishPlan(company=company_id, plan=plan.id))]
    return Keyboard([wish, [Button("tariff.back", ComparePlans(company=company_id))]])


@buttons("tariff/wished")
def wished(_lang: str, *, company_id: int, **_values: Any) -> Keyboard:
    return Keyboard([[Button("tariff.back", OwnPlans(company=company_id))]])
