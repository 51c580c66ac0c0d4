"""Buttons of skills: the screen behind the figures, and a person."""

from collections.abc import Sequence

from aiogram.filters.callback_data import CallbackData

from bot.handlers.client.balance.presses import ShowBalance
from bot.handlers.client.questions.presses import WantHuman
from bot.handlers.client.skills.screens import HoursTold, StrangerAsked
from bot.handlers.common.menu_buttons import WITH_PHONE
from bot.telegram.showing.keyboards import Button, Keyboard, Markup, ReplyKeyboard, buttons


@buttons("skill/stranger")
def stranger(_lang: str, _asked: StrangerAsked) -> Markup:
    """The button that sends the own number."""
    return ReplyKeyboard(WITH_PHONE, contact="menu.share_phone")


@buttons("skill/hours")
def hours(_lang: str, told: HoursTold) -> Keyboard:
    of = [(each.company, ShowBalance(company=each.company_id)) for each in told.balances]
    return _behind("tariff.balance", of, told.appeal_id)


def _behind(key: str, screens: Sequence[tuple[str, CallbackData]], appeal_id: int) -> Keyboard:
    """The screen of the one company, or a button with the name of each."""
    one = len(screens) == 1
    rows = [[Button(key, press) if one else Button(text=name, press=press)] for name, press in screens]
    return Keyboard([*rows, [Button("kb.human", WantHuman(appeal=appeal_id))]])
