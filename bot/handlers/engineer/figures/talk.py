"""A sum or a time typed for a job: said back as it was understood, sent or booked at the press."""

from typing import Any

from aiogram import Router
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, Message

from bot.billing.quotes.send import version_of
from bot.billing.work.said_figures import TimeUnclear, said_minutes, said_sum
from bot.db.errors import Outdated
from bot.handlers.common.acting import actor, attempt
from bot.handlers.common.conversation import Conversation
from bot.handlers.common.filters import IsStaff, Private, Speech
from bot.handlers.engineer.figures.presses import BookTime, DropTime, SendEstimate
from bot.handlers.engineer.figures.screens import EstimateRead, TimeRead, TimeWithout
from bot.handlers.engineer.figures.unbooked import Unbooked, keep_unbooked, turn_to, unbooked_of, visit_of
from bot.handlers.engineer.jobs.talk import show_job
from bot.handlers.engineer.jobs.work import OnJob, show_spec
from bot.tickets.life.acts import Act
from bot.tickets.life.leave import require_act, require_right
from bot.tickets.life.lifecycle import locked_ticket
from bot.tickets.life.models import Ticket
from bot.tickets.offers.estimate import require_said, send_estimate
from bot.tickets.offers.told import OfferedSum
from bot.tickets.work.finish import require_a_day, say_time

router = Router(name="figures")
router.callback_query.filter(Private(), IsStaff())
texts_router = Router(name="figures_texts")


@texts_router.message(Private(), IsStaff(), OnJob.timing, Speech())
async def timed(message: Message, turn: Conversation, state: FSMContext) -> None:
    """«1 ч 30 ждал доступ»: what it was read as, before it is booked."""
    ticket = locked_ticket(turn.session, int((await state.get_data()).get("ticket", 0)))
    require_act(turn.session, ticket, Act.SAY_TIME, actor(turn))
    time = _read_time(message, ticket, (await state.get_data()).get("without_reason"))
    if not time.reason:
        await state.update_data(without_reason=time.minutes)
        turn.say("engineer/time_why", TimeWithout(ticket.id, ticket.number, time.minutes))
        return
    await turn_to(state, OnJob.timing, ticket=ticket.id)
    await keep_unbooked(state, time)
    turn.say("engineer/time_check", TimeRead(ticket.id, ticket.number, time.said, time.minutes, time.reason))


@router.callback_query(BookTime.filter())
async def book(_press: CallbackQuery, callback_data: BookTime, turn: Conversation, state: FSMContext) -> None:
    """«Записать»: the time as it was said back."""
    by, time = actor(turn), await _time_of(state, locked_ticket(turn.session, callback_data.ticket), callback_data)
    said = attempt(turn, lambda: _book(turn, time, by))
    if said is None:
        show_job(turn, callback_data.ticket)
        return
    await state.clear()
    show_spec(turn, said)


@router.callback_query(DropTime.filter())
async def drop(_press: CallbackQuery, callback_data: DropTime, turn: Conversation, state: FSMContext) -> None:
    """«Не записывать»: the time stays as it was."""
    ticket = locked_ticket(turn.session, callback_data.ticket)
    require_right(turn.session, ticket, Act.SAY_TIME, actor(turn))
    if await _time_of(state, ticket, callback_data) is not None:
        await state.clear()
    show_spec(turn, ticket)


@texts_router.message(Private(), IsStaff(), OnJob.estimating, Speech())
async def estimated(message: Message, turn: Conversation, state: FSMContext) -> None:
    """«12 500 Замена блока питания»; lines that begin with a plus are optional. Nothing goes to the client yet."""
    ticket = locked_ticket(turn.session, int((await state.get_data()).get("ticket", 0)))
    require_act(turn.session, ticket, Act.ESTIMATE, actor(turn))
    first, *more = (message.text or "").strip().splitlines() or [""]
    found = [said_sum(first), *(said_sum(line.strip().removeprefix("+")) for line in more if line.strip())]
    lines = [(each.kopecks, each.rest) for each in found]
    require_said(lines)
    await state.update_data(said=message.message_id, lines=lines)
    turn.say("dispatch/estimate_check", EstimateRead(ticket.id, ticket.number, message.message_id, lines))


@router.callback_query(SendEstimate.filter())
async def send(_press: CallbackQuery, callback_data: SendEstimate, turn: Conversation, state: FSMContext) -> None:
    """«Отправить клиенту»: the sums as they were said back."""
    by, kept = actor(turn), await _kept(state, callback_data)

    def sent() -> Any:
        (kopecks, name), *options = [(money, words) for money, words in _still(kept)["lines"]]
        return send_estimate(turn.uow, kept["ticket"], kopecks, name, by, options)

    quote = attempt(turn, sent)
    if quote is None:
        show_job(turn, callback_data.ticket)
        return
    await state.clear()
    number = locked_ticket(turn.session, callback_data.ticket).number
    gross = version_of(turn.session, quote).gross
    turn.show("dispatch/estimated", OfferedSum(callback_data.ticket, number, gross))


def _read_time(message: Message, ticket: Ticket, without_reason: int | None) -> Unbooked:
    """What a line says; words alone are the reason of a time that was written before them.

    Raises BadTime, TimeUnclear.
    """
    line = (message.text or "").strip()
    try:
        found = said_minutes(line)
    except TimeUnclear:
        if without_reason is None or not line or any(map(str.isdigit, line)):
            raise
        return Unbooked(ticket.id, visit_of(ticket), message.message_id, without_reason, line)
    require_a_day(found.minutes)
    return Unbooked(ticket.id, visit_of(ticket), message.message_id, found.minutes, found.rest.strip())


async def _time_of(state: FSMContext, ticket: Ticket, press: BookTime | DropTime) -> Unbooked | None:
    """The time that the pressed message said back; none once it was used or another line took its place."""
    time = await unbooked_of(state, ticket)
    return time if time is not None and time.said == press.said else None


def _book(turn: Conversation, time: Unbooked | None, by: int) -> Ticket:
    if time is None:
        raise Outdated
    return say_time(turn.uow, time.ticket, time.minutes, time.reason, by)


async def _kept(state: FSMContext, press: SendEstimate) -> dict[str, Any]:
    """The estimate that the pressed message said back; nothing once it was used or another took its place."""
    kept = await state.get_data() if await state.get_state() == OnJob.estimating.state else {}
    return kept if (kept.get("ticket"), kept.get("said")) == (press.ticket, press.said) else {}


def _still(kept: dict[str, Any]) -> dict[str, Any]:
    if not kept:
        raise Outdated
    return kept
