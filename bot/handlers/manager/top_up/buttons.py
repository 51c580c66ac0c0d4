"""The manager's buttons of hours to buy."""

from typing import Any

from bot.handlers.manager.top_up.presses import OfferTopUp, PriceTopUp
from bot.telegram.showing.keyboards import Button, Keyboard, buttons


@buttons("top_up/request")
def request(_lang: str, *, top_up_id: int, **_values: Any) -> Keyboard:
    return Keyboard([[Button("top_up.price", PriceTopUp(top_up=top_up_id))]])


@buttons("top_up/price_check")
def price_check(_lang: str, *, top_up_id: int, said: int, **_values: Any) -> Keyboard:
    return Keyboard([[Button("figure.send", OfferTopUp(top_up=top_up_id, said=said))]])
