"""A sum or a time typed for a job: said back as it was understood, sent or booked at the press."""

from typing import Any

from aiogram import Router
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, Message

from bot.billing.said_figures import said_minutes, said_sum
from bot.billing.send_quote import version_of
from bot.db.errors import Outdated
from bot.handlers.acting import actor, attempt
from bot.handlers.client.recording import is_menu
from bot.handlers.engineer.figures_presses import BookTime, SendEstimate
from bot.handlers.engineer.jobs import show_job
from bot.handlers.engineer.work import OnJob, spec_values
from bot.handlers.filters import IsStaff, Private
from bot.telegram.conversation import Conversation
from bot.tickets.estimate import require_said, send_estimate
from bot.tickets.finish_work import require_reason, say_time
from bot.tickets.lifecycle import locked_ticket
from bot.tickets.rights import require_engineer_of, require_leader

router = Router(name="figures")
router.callback_query.filter(Private(), IsStaff())
texts_router = Router(name="figures_texts")


@texts_router.message(Private(), IsStaff(), OnJob.timing, lambda message: not is_menu(message.text))
async def timed(message: Message, turn: Conversation, state: FSMContext) -> None:
    """«1 ч 30 ждал доступ»: what it was read as, before it is booked."""
    ticket = locked_ticket(turn.session, int((await state.get_data()).get("ticket", 0)))
    require_engineer_of(turn.session, ticket, actor(turn))
    found = said_minutes(message.text or "")
    require_reason(found.minutes, found.rest)
    await state.update_data(said=message.message_id, minutes=found.minutes, reason=found.rest)
    turn.say(
        "engineer/time_check",
        ticket_id=ticket.id,
        number=ticket.number,
        said=message.message_id,
        minutes=found.minutes,
        reason=found.rest,
    )


@router.callback_query(BookTime.filter())
async def book(_press: CallbackQuery, callback_data: BookTime, turn: Conversation, state: FSMContext) -> None:
    """«Записать»: the time as it was said back."""
    by, kept = actor(turn), await _kept(state, OnJob.timing.state, callback_data)
    said = attempt(turn, lambda: say_time(turn.uow, _still(kept)["ticket"], kept["minutes"], kept["reason"], by))
    if said is None:
        show_job(turn, callback_data.ticket)
        return
    await state.clear()
    turn.show("engineer/spec", **spec_values(turn, said))


@texts_router.message(Private(), IsStaff(), OnJob.estimating, lambda message: not is_menu(message.text))
async def estimated(message: Message, turn: Conversation, state: FSMContext) -> None:
    """«12 500 Замена блока питания»; lines that begin with a plus are optional. Nothing goes to the client yet."""
    require_leader(turn.session, actor(turn))
    ticket = locked_ticket(turn.session, int((await state.get_data()).get("ticket", 0)))
    first, *more = (message.text or "").strip().splitlines() or [""]
    found = [said_sum(first), *(said_sum(line.strip().removeprefix("+")) for line in more if line.strip())]
    lines = [(each.kopecks, each.rest) for each in found]
    require_said(lines)
    await state.update_data(said=message.message_id, lines=lines)
    turn.say("dispatch/estimate_check", ticket_id=ticket.id, number=ticket.number, said=message.message_id, lines=lines)


@router.callback_query(SendEstimate.filter())
async def send(_press: CallbackQuery, callback_data: SendEstimate, turn: Conversation, state: FSMContext) -> None:
    """«Отправить клиенту»: the sums as they were said back."""
    by, kept = actor(turn), await _kept(state, OnJob.estimating.state, callback_data)

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
    turn.show("dispatch/estimated", ticket_id=callback_data.ticket, number=number, gross=gross)


async def _kept(state: FSMContext, waiting: str | None, press: BookTime | SendEstimate) -> dict[str, Any]:
    """What the pressed message said back; nothing once it was used or another line took its place."""
    kept = await state.get_data() if await state.get_state() == waiting else {}
    return kept if (kept.get("ticket"), kept.get("said")) == (press.ticket, press.said) else {}


def _still(kept: dict[str, Any]) -> dict[str, Any]:
    if not kept:
        raise Outdated
    return kept
