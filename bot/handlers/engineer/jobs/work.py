"""What was done: works and parts from the price list, time, «+ ещё работа», «Закончил» (R3.4, R10)."""

from aiogram import Router
from aiogram.fsm.context import FSMContext
from aiogram.fsm.state import State, StatesGroup
from aiogram.types import CallbackQuery, Message

from bot.billing.prices.book import search_prices
from bot.billing.prices.models import WorkItem
from bot.billing.quotes.send import OPEN
from bot.clients.audiences import To
from bot.db.errors import NotFound
from bot.handlers.common.acting import actor, attempt
from bot.handlers.common.conversation import Conversation
from bot.handlers.common.filters import IsStaff, Private, Speech
from bot.handlers.engineer.figures.unbooked import Unbooked, turn_to, unbooked_of
from bot.handlers.engineer.jobs.presses import (
    JobAdd,
    JobEstimate,
    JobFind,
    JobFinish,
    JobItems,
    JobRemove,
    JobSpec,
    JobTime,
)
from bot.handlers.engineer.jobs.screens import HowMany, item_page, spec_of
from bot.handlers.engineer.jobs.talk import show_job, to_private
from bot.tickets.bill.card import card_key
from bot.tickets.life.acts import Act
from bot.tickets.life.leave import require_act
from bot.tickets.life.lifecycle import locked_ticket
from bot.tickets.life.models import Ticket
from bot.tickets.life.numbers import named
from bot.tickets.life.open_price import price_waits
from bot.tickets.work.add import add_work, items_for, lines_ever, remove_work
from bot.tickets.work.finish import finish_work, say_time

router = Router(name="work")
texts_router = Router(name="work_texts")


class OnJob(StatesGroup):
    """The next line belongs to a job."""

    searching = State()
    timing = State()
    estimating = State()


@router.callback_query(JobSpec.filter())
async def spec(_press: CallbackQuery, callback_data: JobSpec, turn: Conversation, state: FSMContext) -> None:
    """«Закончил»: what was done, before it is handed over."""
    ticket = _allowed(turn, callback_data.ticket, Act.FINISH)
    if not turn.is_private:
        turn.uow.tell(
            To(actor(turn), quiet=False), "engineer/spec", spec_of(turn, ticket), urgent=True, carries=card_key(ticket)
        )
        turn.alert("job.in_private", popup=True)
        return
    await turn_to(state)
    show_spec(turn, ticket, await unbooked_of(state, ticket))


@router.callback_query(JobItems.filter())
async def items(_press: CallbackQuery, callback_data: JobItems, turn: Conversation) -> None:
    """A page of the price list, the ticket's kind of work first."""
    ticket = _allowed(turn, callback_data.ticket, Act.ADD_WORK)
    if not turn.is_private:
        to_private(turn, callback_data.ticket)
        return
    turn.show("engineer/items", item_page(ticket, items_for(turn.uow, ticket), callback_data.page))


@router.callback_query(JobFind.filter())
async def find(_press: CallbackQuery, callback_data: JobFind, turn: Conversation, state: FSMContext) -> None:
    """Search the price list: the next line says what for."""
    await _ask(turn, state, _allowed(turn, callback_data.ticket, Act.ADD_WORK), OnJob.searching, "engineer/find")


@router.callback_query(JobTime.filter())
async def time(_press: CallbackQuery, callback_data: JobTime, turn: Conversation, state: FSMContext) -> None:
    """Another time than «начал — закончил», with a reason."""
    await _ask(turn, state, _allowed(turn, callback_data.ticket, Act.SAY_TIME), OnJob.timing, "engineer/time")


@router.callback_query(JobAdd.filter())
async def add(_press: CallbackQuery, callback_data: JobAdd, turn: Conversation, state: FSMContext) -> None:
    """A work or part, how many; what is paid waits for its own yes."""
    ticket = _allowed(turn, callback_data.ticket, Act.ADD_WORK)
    item = turn.session.get(WorkItem, callback_data.item)
    if item is None:
        raise NotFound
    if not callback_data.quantity:
        lines = lines_ever(turn.session, callback_data.ticket)
        turn.show("engineer/quantity", HowMany(ticket.id, ticket.number, item.id, item.name, lines))
        return
    by, asked = actor(turn), callback_data
    added = attempt(turn, lambda: add_work(turn.uow, asked.ticket, asked.item, asked.quantity, by, lines=asked.lines))
    if added is None:
        show_job(turn, callback_data.ticket)
        return
    waits = added.quote is not None and added.quote.state in OPEN
    turn.alert("job.needs_yes" if waits else "job.added", popup=waits)
    show_spec(turn, added.ticket, await unbooked_of(state, added.ticket))


@router.callback_query(JobRemove.filter())
async def remove(_press: CallbackQuery, callback_data: JobRemove, turn: Conversation, state: FSMContext) -> None:
    """Take a line back."""
    by = actor(turn)
    ticket = attempt(turn, lambda: remove_work(turn.uow, callback_data.ticket, callback_data.line, by))
    if ticket is None:
        show_job(turn, callback_data.ticket)
    else:
        show_spec(turn, ticket, await unbooked_of(state, ticket))


@router.callback_query(JobFinish.filter())
async def finish(_press: CallbackQuery, callback_data: JobFinish, turn: Conversation, state: FSMContext) -> None:
    """«Сдать работу»: the client is asked to accept; a time that was said back and not booked yet is booked first."""
    by = actor(turn)
    time = await unbooked_of(state, locked_ticket(turn.session, callback_data.ticket))

    def booked_and_finished() -> Ticket:
        if time is not None:
            say_time(turn.uow, time.ticket, time.minutes, time.reason, by)
        return finish_work(turn.uow, callback_data.ticket, by)

    finished = attempt(turn, booked_and_finished)
    if finished is not None:
        if time is not None:
            await state.clear()
        if price_waits(turn.session, finished) is not None:
            turn.alert("job.finished_waits", popup=True)
        elif time is not None:
            turn.alert("job.finished_with", minutes=time.minutes)
        else:
            turn.alert("job.finished")
    show_job(turn, callback_data.ticket)


@router.callback_query(JobEstimate.filter())
async def estimate(_press: CallbackQuery, callback_data: JobEstimate, turn: Conversation, state: FSMContext) -> None:
    """«Оценить»: the next line is a sum and what for."""
    ticket = _allowed(turn, callback_data.ticket, Act.ESTIMATE)
    await _ask(turn, state, ticket, OnJob.estimating, "dispatch/estimate")


@texts_router.message(Private(), IsStaff(), OnJob.searching, Speech())
async def look_for(message: Message, turn: Conversation, state: FSMContext) -> None:
    """What to look for in the price list."""
    ticket = _allowed(turn, await _ticket_id(state), Act.ADD_WORK)
    found = search_prices(items_for(turn.uow, ticket), message.text or "")
    turn.show("engineer/items", item_page(ticket, found, 0))


def _allowed(turn: Conversation, ticket_id: int, act: Act) -> Ticket:
    """The ticket, if the speaker may do it now. Raises as `require_act`."""
    ticket = locked_ticket(turn.session, ticket_id)
    require_act(turn.session, ticket, act, actor(turn))
    return ticket


async def _ask(turn: Conversation, state: FSMContext, ticket: Ticket, waiting: State, template: str) -> None:
    """The next line answers; in a group it would be lost among others, so the card goes to private."""
    if not turn.is_private:
        to_private(turn, ticket.id)
        return
    await turn_to(state, waiting, ticket=ticket.id)
    turn.say(template, named(ticket))


async def _ticket_id(state: FSMContext) -> int:
    return int((await state.get_data()).get("ticket", 0))


def show_spec(turn: Conversation, ticket: Ticket, time: Unbooked | None = None) -> None:
    """The screen of the work done; a reply to it is about the job. `time` is booked when the work is handed over."""
    turn.show("engineer/spec", spec_of(turn, ticket, time), carries=card_key(ticket))
