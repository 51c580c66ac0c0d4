"""Buttons of the price list."""

from bot.handlers.client.prices.presses import FindPrice, FoundPage, PricePage
from bot.handlers.client.prices.screens import FoundPrices, PriceListPage, PriceSearch
from bot.handlers.client.tariffs.presses import ComparePlans, OwnPlans
from bot.telegram.showing.keyboards import Button, Keyboard, buttons


@buttons("price/list")
def listed(_lang: str, shown: PriceListPage) -> Keyboard:
    company_id, page = shown.company_id, shown.page
    turns = [Button("price.earlier", PricePage(company=company_id, page=page - 1))] if page > 0 else []
    if page < shown.pages - 1:
        turns.append(Button("price.further", PricePage(company=company_id, page=page + 1)))
    return Keyboard([turns, [Button("price.search", FindPrice(company=company_id)), _back(company_id)]])


@buttons("price/found")
def found(_lang: str, shown: FoundPrices) -> Keyboard:
    company_id, page = shown.company_id, shown.page
    turns = [Button("price.earlier", FoundPage(company=company_id, page=page - 1))] if page > 0 else []
    if page < shown.pages - 1:
        turns.append(Button("price.further", FoundPage(company=company_id, page=page + 1)))
    return Keyboard([turns, [Button("price.all", PricePage(company=company_id)), _back(company_id)]])


@buttons("price/search")
def search(_lang: str, asked: PriceSearch) -> Keyboard:
    return Keyboard([[Button("price.all", PricePage(company=asked.company_id))]])


def _back(company_id: int) -> Button:
    return Button("tariff.back", OwnPlans(company=company_id) if company_id else ComparePlans(company=0))
