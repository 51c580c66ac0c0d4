"""Buttons of the price list."""

from typing import Any

from bot.handlers.client.prices.presses import FindPrice, FoundPage, PricePage
from bot.handlers.client.tariffs.presses import ComparePlans, OwnPlans
from bot.telegram.showing.keyboards import Button, Keyboard, buttons


@buttons("price/list")
def listed(_lang: str, *, company_id: int, page: int, pages: int, **_values: Any) -> Keyboard:
    turns = [Button("price.earlier", PricePage(company=company_id, page=page - 1))] if page > 0 else []
    if page < pages - 1:
        turns.append(Button("price.further", PricePage(company=company_id, page=page + 1)))
    return Keyboard([turns, [Button("price.search", FindPrice(company=company_id)), _back(company_id)]])


@buttons("price/found")
def found(_lang: str, *, company_id: int, page: int, pages: int, **_values: Any) -> Keyboard:
    turns = [Button("price.earlier", FoundPage(company=company_id, page=page - 1))] if page > 0 else []
    if page < pages - 1:
        turns.append(Button("price.further", FoundPage(company=company_id, page=page + 1)))
    return Keyboard([turns, [Button("price.all", PricePage(company=company_id)), _back(company_id)]])


@buttons("price/search")
def search(_lang: str, *, company_id: int, **_values: Any) -> Keyboard:
    return Keyboard([[Button("price.all", PricePage(company=company_id))]])


def _back(company_id: int) -> Button:
    return Button("tariff.back", OwnPlans(company=company_id) if company_id else ComparePlans(company=0))
