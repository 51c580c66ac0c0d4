"""Buttons of tariffs."""

from bot.handlers.client.balance.presses import ShowBalance
from bot.handlers.client.prices.presses import PricePage
from bot.handlers.client.tariffs.presses import ComparePlans, OwnPlans, ShowPlan, WishPlan
from bot.handlers.client.tariffs.screens import CompanyPlans, OfferedPlan, OfferedPlans, WishedPlan
from bot.handlers.common.company import CompanyChoice
from bot.telegram.showing.keyboards import Button, Keyboard, buttons


@buttons("tariff/company")
def company(_lang: str, choice: CompanyChoice) -> Keyboard:
    return Keyboard([[Button(text=each.name, press=OwnPlans(company=each.id))] for each in choice.companies])


@buttons("tariff/mine")
def mine(_lang: str, own: CompanyPlans) -> Keyboard:
    last = [Button("tariff.prices", PricePage(company=own.company_id))]
    if own.sees_money:
        last.append(Button("tariff.balance", ShowBalance(company=own.company_id)))
    return Keyboard([[Button("tariff.compare", ComparePlans(company=own.company_id))], last])


@buttons("tariff/all")
def every(_lang: str, offered: OfferedPlans) -> Keyboard:
    company_id = offered.company_id
    rows = [
        [
            Button(
                text=f"{'✓ ' if plan.id in offered.own else ''}{plan.name}",
                press=ShowPlan(company=company_id, plan=plan.id),
            )
        ]
        for plan in offered.plans
    ]
    last = [Button("tariff.prices", PricePage(company=company_id))]
    if company_id:
        last.append(Button("tariff.back", OwnPlans(company=company_id)))
    return Keyboard([*rows, last])


@buttons("tariff/plan")
def plan(_lang: str, shown: OfferedPlan) -> Keyboard:
    wishing = Button("tariff.wish", WishPlan(company=shown.company_id, plan=shown.plan.id))
    wish = [] if shown.own or not shown.company_id else [wishing]
    return Keyboard([wish, [Button("tariff.back", ComparePlans(company=shown.company_id))]])


@buttons("tariff/wished")
def wished(_lang: str, wish: WishedPlan) -> Keyboard:
    return Keyboard([[Button("tariff.back", OwnPlans(company=wish.company_id))]])
