"""Buttons of an oral approval: whoever of the client may approve."""

from bot.handlers.dispatcher.oral.presses import OralApproval
from bot.handlers.dispatcher.oral.screens import WhoSaidYes
from bot.telegram.showing.keyboards import Button, Keyboard, buttons


@buttons("quote/oral")
def who(_lang: str, asked: WhoSaidYes) -> Keyboard:
    return Keyboard(
        [[Button(text=name, press=OralApproval(ticket=asked.ticket_id, person=who))] for who, name in asked.people]
    )
