"""Buttons of what a person decides for a company."""

from bot.handlers.client.approvals.presses import ShowApprovals
from bot.handlers.client.approvals.screens import OwnApprovals
from bot.handlers.client.balance.presses import ShowBalance
from bot.handlers.client.ceilings.presses import ListCeilings
from bot.handlers.client.top_up.presses import AskTopUp
from bot.handlers.common.company import CompanyChoice
from bot.messaging.notices.texts import duration
from bot.telegram.showing.keyboards import Button, Keyboard, buttons


@buttons("approvals/company")
def company(_lang: str, choice: CompanyChoice) -> Keyboard:
    return Keyboard([[Button(text=each.name, press=ShowApprovals(company=each.id))] for each in choice.companies])


@buttons("approvals/mine")
def mine(lang: str, own: OwnApprovals) -> Keyboard:
    buying = [
        [
            Button(
                "top_up.buy" if len(own.contracts) == 1 else "top_up.buy_for",
                AskTopUp(contract=contract.id, minutes=minutes),
                values={"hours": duration(minutes, lang), "number": contract.number},
            )
        ]
        for contract in own.contracts
        for minutes in own.sizes
    ]
    rows = [[Button("ceiling.list", ListCeilings(company=own.company_id))], *buying]
    return Keyboard([*rows, [Button("tariff.balance", ShowBalance(company=own.company_id))] if own.sees_money else []])
