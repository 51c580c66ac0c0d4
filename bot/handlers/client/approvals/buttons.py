"""Buttons of what a person decides for a company."""

from collections.abc import Sequence
from typing import Any

from bot.handlers.client.approvals.presses import ShowApprovals
from bot.handlers.client.balance.presses import ShowBalance
from bot.handlers.client.ceilings.presses import ListCeilings
from bot.handlers.client.top_up.presses import AskTopUp
from bot.messaging.notices.texts import hours
from bot.telegram.showing.keyboards import Button, Keyboard, buttons


@buttons("approvals/company")
def company(_lang: str, *, companies: Sequence[tuple[int, str]], **_values: Any) -> Keyboard:
    return Keyboard([[Button(text=name, press=ShowApprovals(company=company_id))] for company_id, name in companies])


@buttons("approvals/mine")
def mine(
    lang: str,
    *,
    company_id: int,
    contracts: Sequence[tuple[int, str]],
    sizes: Sequence[int],
    sees_money: bool,
    **_values: Any,
) -> Keyboard:
    buying = [
        [
            Button(
                "top_up.buy" if len(contracts) == 1 else "top_up.buy_for",
                AskTopUp(contract=contract_id, minutes=minutes),
                values={"hours": hours(minutes, lang), "number": number},
            )
        ]
        for contract_id, number in contracts
        for minutes in sizes
    ]
    rows = [[Button("ceiling.list", ListCeilings(company=company_id))], *buying]
    return Keyboard([*rows, [Button("tariff.balance", ShowBalance(company=company_id))] if sees_money else []])
