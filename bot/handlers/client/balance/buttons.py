"""Buttons of balances."""

from bot.handlers.client.approvals.presses import ShowApprovals
from bot.handlers.client.balance.presses import DisputeEntry, PoolPage, SettleEntry, ShowBalance
from bot.handlers.client.balance.screens import CompanyBalance, OwnDraw, PoolOperations
from bot.handlers.client.debts.presses import ShowDebts
from bot.handlers.client.documents.presses import ListDocuments
from bot.handlers.client.tariffs.presses import OwnPlans
from bot.handlers.common.company import CompanyChoice
from bot.messaging.notices.texts import amount, label
from bot.telegram.showing.keyboards import Button, Keyboard, buttons
from bot.tickets.work.dispute_entry import DisputedDraw


@buttons("balance/company")
def company(_lang: str, choice: CompanyChoice) -> Keyboard:
    return Keyboard([[Button(text=each.name, press=ShowBalance(company=each.id))] for each in choice.companies])


@buttons("balance/mine")
def mine(lang: str, balance: CompanyBalance) -> Keyboard:
    company_id = balance.company_id
    rows = [
        [
            Button(
                "balance.entries",
                PoolPage(company=company_id, pool=pool.id),
                values={"kind": label(f"pool.{pool.kind}", lang), "number": own.number},
            )
        ]
        for own in balance.plans
        for pool in own.pools
    ]
    rows += [
        [
            Button(
                "balance.entries_ended",
                PoolPage(company=company_id, pool=pool.id),
                values={"kind": label(f"pool.{pool.kind}", lang), "ends": pool.ends},
            )
        ]
        for own in balance.plans
        for pool in own.ended
    ]
    rows.append([Button("documents.list", ListDocuments(company=company_id))])
    if balance.approves:
        rows.append([Button("menu.approvals", ShowApprovals(company=company_id))])
    last = [Button("balance.debts", ShowDebts(company=company_id)), Button("tariff.mine", OwnPlans(company=company_id))]
    return Keyboard([*rows, last])


@buttons("balance/entries")
def entries(lang: str, shown: PoolOperations) -> Keyboard:
    objections = [
        [
            Button(
                "balance.dispute",
                DisputeEntry(company=shown.company_id, entry=each.line.id),
                values={
                    "number": each.number,
                    "amount": amount(-each.line.effect, shown.unit, lang),
                },
            )
        ]
        for each in shown.operations
        if each.line.standing_draw and each.number is not None and each.dispute is None
    ]
    turns = []
    if shown.page > 0:
        newer = PoolPage(company=shown.company_id, pool=shown.pool_id, page=shown.page - 1)
        turns.append(Button("balance.newer", newer))
    if shown.page < shown.pages - 1:
        older = PoolPage(company=shown.company_id, pool=shown.pool_id, page=shown.page + 1)
        turns.append(Button("balance.older", older))
    return Keyboard([*objections, turns, [Button("tariff.back", ShowBalance(company=shown.company_id))]])


@buttons("balance/dispute_reason", "balance/disputed")
def back_to_balance(_lang: str, draw: OwnDraw) -> Keyboard | None:
    return Keyboard([[Button("tariff.back", ShowBalance(company=draw.company_id))]]) if draw.sees_money else None


@buttons("balance/disputed_told")
def settle(_lang: str, draw: DisputedDraw) -> Keyboard:
    return Keyboard(
        [
            [
                Button("balance.give_back", SettleEntry(dispute=draw.dispute_id, give_back=1)),
                Button("balance.keep", SettleEntry(dispute=draw.dispute_id, give_back=0)),
            ]
        ]
    )
