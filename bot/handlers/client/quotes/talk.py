"""A quote in chat: approve, decline, ask (R7.3–R7.5)."""

from collections.abc import Callable

from aiogram import Router
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery

from bot.billing.quotes.approve import Decided, Press
from bot.handlers.client.quotes.presses import (
    ApproveQuote,
    AskQuote,
    ChooseOption,
    DeclineQuote,
    DisputeWord,
    ShowQuote,
    TakeOneOff,
)
from bot.handlers.client.tickets.talk import write_into
from bot.handlers.common.acting import actor, attempt
from bot.handlers.common.conversation import Conversation
from bot.tickets.life.numbers import named
from bot.tickets.offers.answer import (
    approve_paid_work,
    ask_about_quote,
    choose_option,
    decline_paid_work,
    dispute_word,
    view_quote,
)
from bot.tickets.offers.edit_specification import take_one_off
from bot.tickets.offers.offering import quote_card_for

router = Router(name="approval")


@router.callback_query(ShowQuote.filter())
async def look(_press: CallbackQuery, callback_data: ShowQuote, turn: Conversation) -> None:
    """The quote as it is now."""
    quote, ticket = view_quote(turn.uow, callback_data.quote, actor(turn))
    turn.say("quote/card", quote_card_for(turn.uow, quote, ticket, actor(turn)))


@router.callback_query(ApproveQuote.filter())
async def approve(_press: CallbackQuery, callback_data: ApproveQuote, turn: Conversation) -> None:
    """«Согласовать»: one decision per version, whoever presses how often."""
    where = _where(turn, "quote.approve")
    _answer(
        turn,
        callback_data.quote,
        lambda: approve_paid_work(turn.uow, callback_data.quote, callback_data.version, actor(turn), where),
        "quote.approved",
    )


@router.callback_query(DeclineQuote.filter())
async def decline(_press: CallbackQuery, callback_data: DeclineQuote, turn: Conversation) -> None:
    """«Отказаться»: the paid part only (R7.9)."""
    where = _where(turn, "quote.decline")
    _answer(
        turn,
        callback_data.quote,
        lambda: decline_paid_work(turn.uow, callback_data.quote, callback_data.version, actor(turn), where),
        "quote.declined",
    )


@router.callback_query(AskQuote.filter())
async def ask(_press: CallbackQuery, callback_data: AskQuote, turn: Conversation, state: FSMContext) -> None:
    """«Спросить»: the question goes into the ticket; the quote waits."""
    ticket = ask_about_quote(turn.uow, callback_data.quote, actor(turn))
    await write_into(state, ticket)
    turn.say("ticket/write", named(ticket))


@router.callback_query(ChooseOption.filter())
async def choose(_press: CallbackQuery, callback_data: ChooseOption, turn: Conversation) -> None:
    """An optional line, before the yes: the quote comes back as its next version."""
    chosen = callback_data
    by = actor(turn)
    attempt(turn, lambda: choose_option(turn.uow, chosen.quote, chosen.version, chosen.place, by))
    quote, ticket = view_quote(turn.uow, chosen.quote, by)
    turn.show("quote/card", quote_card_for(turn.uow, quote, ticket, actor(turn)))


@router.callback_query(TakeOneOff.filter())
async def less(_press: CallbackQuery, callback_data: TakeOneOff, turn: Conversation) -> None:
    """One piece less of what was added on site, before the yes."""
    line, by = callback_data, actor(turn)
    attempt(turn, lambda: take_one_off(turn.uow, line.quote, line.version, line.place, by))
    quote, ticket = view_quote(turn.uow, line.quote, by)
    turn.show("quote/card", quote_card_for(turn.uow, quote, ticket, actor(turn)))


@router.callback_query(DisputeWord.filter())
async def dispute(_press: CallbackQuery, callback_data: DisputeWord, turn: Conversation) -> None:
    """«Я этого не согласовывал»."""
    by = actor(turn)
    if attempt(turn, lambda: dispute_word(turn.uow, callback_data.quote, by)) is not None:
        turn.alert("quote.word_disputed", popup=True)
    quote, ticket = view_quote(turn.uow, callback_data.quote, by)
    turn.show("quote/card", quote_card_for(turn.uow, quote, ticket, actor(turn)))


def _where(turn: Conversation, button: str) -> Press:
    return Press(turn.user_id, turn.pressed_message_id, turn.lang, button, turn.account.messenger)


def _answer(turn: Conversation, quote_id: int, act: Callable[[], Decided], said: str) -> None:
    """The answer is the same for a press that comes again (R7.4)."""
    if attempt(turn, act) is not None:
        turn.alert(said)
    quote, ticket = view_quote(turn.uow, quote_id, actor(turn))
    turn.show("quote/card", quote_card_for(turn.uow, quote, ticket, actor(turn)))
