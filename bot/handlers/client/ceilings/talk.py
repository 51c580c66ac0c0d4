"""«Без звонка»: who may approve says up to which sum work on an object needs no question (R7.6)."""

from aiogram import Router
from aiogram.types import CallbackQuery

from bot.billing.quotes.approvers import approvable
from bot.billing.quotes.ceilings import ceiling_object, ceilings_of, ceilings_offered, choose_ceiling
from bot.clients.models import ServiceObject
from bot.clients.objects import object_lines, visible_objects
from bot.handlers.client.ceilings.presses import ListCeilings, SetCeiling, ShowCeiling
from bot.handlers.common.acting import attempt
from bot.handlers.common.company import company_for, person_of
from bot.handlers.common.conversation import Conversation
from bot.handlers.common.filters import Private

PAGE = 8

router = Router(name="ceilings")
router.callback_query.filter(Private())


@router.callback_query(ListCeilings.filter())
async def listed(_press: CallbackQuery, callback_data: ListCeilings, turn: Conversation) -> None:
    """Objects that the person approves work on, with what needs no call."""
    company = company_for(turn, callback_data.company)
    by = person_of(turn)
    mine = approvable(turn.session, by, company.id, visible_objects(turn.session, by, company.id))
    pages = max(1, -(-len(mine) // PAGE))
    page = min(max(callback_data.page, 0), pages - 1)
    present = mine[page * PAGE : (page + 1) * PAGE]
    given = ceilings_of(turn.session, [thing.id for thing in present])
    turn.show(
        "ceiling/list",
        company_id=callback_data.company,
        company=company.name,
        objects=[(line, given.get(line.id)) for line in object_lines(turn.session, present)],
        page=page,
        pages=pages,
    )


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
    thing = _object(turn, company_id, object_id)
    turn.show(
        "ceiling/object",
        company_id=company_id,
        object_id=object_id,
        title=object_lines(turn.session, [thing])[0].title,
        given=ceilings_of(turn.session, [object_id]).get(object_id),
        sums=ceilings_offered(turn.session),
    )
