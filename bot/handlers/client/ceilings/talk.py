"""«Без звонка»: who may approve says up to which sum work on an object needs no question (R7.6)."""

from aiogram import Router
from aiogram.types import CallbackQuery

from bot.billing.quotes.ceilings import ceiling_object, choose_ceiling
from bot.clients.models import ServiceObject
from bot.handlers.client.ceilings.presses import ListCeilings, SetCeiling, ShowCeiling
from bot.handlers.client.ceilings.screens import ceiling_list, object_ceiling
from bot.handlers.common.acting import attempt
from bot.handlers.common.company import company_for, person_of
from bot.handlers.common.conversation import Conversation
from bot.handlers.common.filters import Private

router = Router(name="ceilings")
router.callback_query.filter(Private())


@router.callback_query(ListCeilings.filter())
async def listed(_press: CallbackQuery, callback_data: ListCeilings, turn: Conversation) -> None:
    """Objects that the person approves work on, with what needs no call."""
    company = company_for(turn, callback_data.company)
    turn.show("ceiling/list", ceiling_list(turn, company, callback_data.page))


@router.callback_query(ShowCeiling.filter())
async def one(_press: CallbackQuery, callback_data: ShowCeiling, turn: Conversation) -> None:
    """One object and the sums on offer."""
    _show(turn, callback_data.company, callback_data.thing)


@router.callback_query(SetCeiling.filter())
async def chosen(_press: CallbackQuery, callback_data: SetCeiling, turn: Conversation) -> None:
    """The sum is kept, with who gave it and when; the same again changes nothing."""
    by = person_of(turn)
    _object(turn, callback_data.company, callback_data.thing)
    if attempt(turn, lambda: choose_ceiling(turn.uow, callback_data.thing, callback_data.kopecks, by)) is not None:
        turn.alert("ceiling.kept")
    _show(turn, callback_data.company, callback_data.thing)


def _object(turn: Conversation, company_id: int, object_id: int) -> ServiceObject:
    company = company_for(turn, company_id)
    return ceiling_object(turn.session, company.id, object_id, person_of(turn))


def _show(turn: Conversation, company_id: int, object_id: int) -> None:
    turn.show("ceiling/object", object_ceiling(turn, _object(turn, company_id, object_id)))
