"""«Звонок»: the engineer books it on a ticket or says it was no work; a dispatcher says whose number it was (R5.8)."""

from aiogram import Router
from aiogram.types import CallbackQuery

from bot.handlers.common.acting import actor, attempt
from bot.handlers.common.conversation import Conversation
from bot.handlers.engineer.calls.presses import CallDrop, CallOfCompany, CallOfTicket, CallShow
from bot.tickets.calls.booking import call_card, call_for, confirm_call, drop_call, name_caller

router = Router(name="calls")


@router.callback_query(CallShow.filter())
async def again(_press: CallbackQuery, callback_data: CallShow, turn: Conversation) -> None:
    """The card with the tickets of this moment."""
    _show(turn, callback_data.call)


@router.callback_query(CallOfTicket.filter())
async def of_ticket(_press: CallbackQuery, callback_data: CallOfTicket, turn: Conversation) -> None:
    """«По заявке №…»."""
    attempt(turn, lambda: confirm_call(turn.uow, callback_data.call, callback_data.ticket, actor(turn)))
    _show(turn, callback_data.call)


@router.callback_query(CallDrop.filter())
async def drop(_press: CallbackQuery, callback_data: CallDrop, turn: Conversation) -> None:
    """«Не работа»."""
    attempt(turn, lambda: drop_call(turn.uow, callback_data.call, actor(turn)))
    _show(turn, callback_data.call)


@router.callback_query(CallOfCompany.filter())
async def of_company(_press: CallbackQuery, callback_data: CallOfCompany, turn: Conversation) -> None:
    """A dispatcher names the company."""
    name_caller(turn.uow, callback_data.call, callback_data.company, actor(turn))
    turn.alert("call.asked")


def _show(turn: Conversation, call_id: int) -> None:
    turn.show("call/draft", call_card(turn.session, call_for(turn.session, call_id, actor(turn))))
