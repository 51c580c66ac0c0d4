"""The manager's buttons of hours to buy."""

from bot.billing.quotes.top_up import TopUpRequest
from bot.handlers.manager.top_up.presses import OfferTopUp, PriceTopUp
from bot.handlers.manager.top_up.screens import PriceRead
from bot.telegram.showing.keyboards import Button, Keyboard, buttons


@buttons("top_up/request")
def request(_lang: str, asked: TopUpRequest) -> Keyboard:
    return Keyboard([[Button("top_up.price", PriceTopUp(top_up=asked.top_up_id))]])


@buttons("top_up/price_check")
def price_check(_lang: str, price: PriceRead) -> Keyboard:
    return Keyboard([[Button("figure.send", OfferTopUp(top_up=price.top_up_id, said=price.said))]])
