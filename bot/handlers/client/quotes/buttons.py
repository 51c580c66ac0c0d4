"""Buttons of quotes."""

from bot.billing.quotes.models import QuoteState
from bot.handlers.client.quotes.presses import (
    ApproveQuote,
    AskQuote,
    ChooseOption,
    DeclineQuote,
    DisputeWord,
    ShowQuote,
    TakeOneOff,
)
from bot.handlers.client.tickets.presses import TicketOpen
from bot.messaging.notices.texts import money
from bot.telegram.showing.keyboards import Button, Keyboard, buttons
from bot.tickets.life.acts import Act, may_ever
from bot.tickets.offers.offering import QuoteCard
from bot.tickets.offers.told import QuoteReminder, YesByCeiling, YesByWord


@buttons("quote/card")
def quote(lang: str, card: QuoteCard) -> Keyboard:
    """Whoever may not decide has no button to decide by; one whose limits the sum is over, none to say yes by."""
    ticket = [Button("ticket.back", TicketOpen(ticket=card.ticket_id))]
    if card.state is not QuoteState.SENT:
        may_dispute = card.disputable and may_ever(Act.DISPUTE_WORD, card.whos)
        return Keyboard(
            [*([[Button("quote.dispute_word", DisputeWord(quote=card.quote_id))]] if may_dispute else []), ticket]
        )
    asking = [Button("quote.ask", AskQuote(quote=card.quote_id)), *ticket]
    if not may_ever(Act.YES, card.whos):
        return Keyboard([asking])
    choosing = [
        [
            Button(
                "quote.option_taken" if each.chosen else "quote.option_take",
                ChooseOption(quote=card.quote_id, version=card.version, place=each.place),
                values={"name": each.line.name, "price": money(each.line.kopecks, lang)},
            )
        ]
        for each in card.options
    ]
    lessening = [
        [
            Button(
                "quote.one_less",
                TakeOneOff(quote=card.quote_id, version=card.version, place=each.place),
                values={"name": each.name, "quantity": each.quantity - 1},
            )
        ]
        for each in card.editable
    ]
    deciding = [Button("quote.decline", DeclineQuote(quote=card.quote_id, version=card.version))]
    if not card.over_limit:
        deciding.insert(0, Button("quote.approve", ApproveQuote(quote=card.quote_id, version=card.version)))
    return Keyboard([*choosing, *lessening, deciding, asking])


@buttons("quote/by_word")
def by_word(_lang: str, yes: YesByWord) -> Keyboard:
    return Keyboard(
        [
            [Button("quote.dispute_word", DisputeWord(quote=yes.quote_id))],
            [Button("ticket.back", TicketOpen(ticket=yes.ticket_id))],
        ]
    )


@buttons("quote/by_ceiling", "quote/reminder")
def show(_lang: str, told: YesByCeiling | QuoteReminder) -> Keyboard:
    return Keyboard([[Button("ticket.approve_show", ShowQuote(quote=told.quote_id))]])
