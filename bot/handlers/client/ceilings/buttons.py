"""Buttons of ceilings."""

from bot.handlers.client.approvals.presses import ShowApprovals
from bot.handlers.client.ceilings.presses import ListCeilings, SetCeiling, ShowCeiling
from bot.handlers.client.ceilings.screens import CeilingList, ObjectCeiling
from bot.messaging.notices.texts import money
from bot.telegram.showing.keyboards import Button, Keyboard, buttons


@buttons("ceiling/list")
def listed(_lang: str, shown: CeilingList) -> Keyboard:
    company_id, page = shown.company_id, shown.page
    rows = [
        [Button(text=each.thing.title, press=ShowCeiling(company=company_id, thing=each.thing.id))]
        for each in shown.lines
    ]
    turns = []
    if page > 0:
        turns.append(Button("balance.newer", ListCeilings(company=company_id, page=page - 1)))
    if page < shown.pages - 1:
        turns.append(Button("balance.older", ListCeilings(company=company_id, page=page + 1)))
    return Keyboard([*rows, turns, [Button("tariff.back", ShowApprovals(company=company_id))]])


@buttons("ceiling/object")
def one(lang: str, shown: ObjectCeiling) -> Keyboard:
    rows = [
        [
            Button(
                "ceiling.up_to" if kopecks else "ceiling.ask",
                SetCeiling(company=shown.company_id, thing=shown.object_id, kopecks=kopecks),
                values={"sum": money(kopecks, lang)},
            )
        ]
        for kopecks in shown.sums
    ]
    return Keyboard([*rows, [Button("tariff.back", ListCeilings(company=shown.company_id))]])
