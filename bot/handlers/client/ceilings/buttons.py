"""Buttons of ceilings."""

from collections.abc import Sequence
from typing import Any

from bot.billing.quotes.ceilings import GivenCeiling
from bot.clients.objects import ObjectLine
from bot.handlers.client.approvals.presses import ShowApprovals
from bot.handlers.client.ceilings.presses import ListCeilings, SetCeiling, ShowCeiling
from bot.messaging.notices.texts import money
from bot.telegram.showing.keyboards import Button, Keyboard, buttons


@buttons("ceiling/list")
def listed(
    _lang: str,
    *,
    company_id: int,
    objects: Sequence[tuple[ObjectLine, GivenCeiling | None]],
    page: int,
    pages: int,
    **_values: Any,
) -> Keyboard:
    rows = [[Button(text=line.title, press=ShowCeiling(company=company_id, thing=line.id))] for line, _ in objects]
    turns = []
    if page > 0:
        turns.append(Button("balance.newer", ListCeilings(company=company_id, page=page - 1)))
    if page < pages - 1:
        turns.append(Button("balance.older", ListCeilings(company=company_id, page=page + 1)))
    return Keyboard([*rows, turns, [Button("tariff.back", ShowApprovals(company=company_id))]])


@buttons("ceiling/object")
def one(lang: str, *, company_id: int, object_id: int, sums: Sequence[int], **_values: Any) -> Keyboard:
    rows = [
        [
            Button(
                "ceiling.up_to" if kopecks else "ceiling.ask",
                SetCeiling(company=company_id, thing=object_id, kopecks=kopecks),
                values={"sum": money(kopecks, lang)},
            )
        ]
        for kopecks in sums
    ]
    return Keyboard([*rows, [Button("tariff.back", ListCeilings(company=company_id))]])
