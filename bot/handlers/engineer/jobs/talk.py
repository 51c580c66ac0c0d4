"""Dispatch: take, decline, go, start; from the engineers' chat or from «Мои наряды» in private."""

from collections.abc import Callable
from dataclasses import replace

from aiogram import Router
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, Message

from bot.billing.quotes.models import Quote
from bot.clients.audiences import To
from bot.clients.rights import employed, require
from bot.db.errors import NotFound
from bot.handlers.common.acting import actor, attempt
from bot.handlers.common.attachments import show_files
from bot.handlers.common.conversation import Conversation
from bot.handlers.common.filters import IsStaff, Label, Private
from bot.handlers.engineer.figures.unbooked import turn_to
from bot.handlers.engineer.jobs.presses import (
    JobDecline,
    JobFiles,
    JobGo,
    JobGoOn,
    JobList,
    JobOpen,
    JobPrepaid,
    JobRelease,
    JobResolve,
    JobScope,
    JobStart,
    JobTake,
    JobTakeAway,
    JobWait,
    JobWriteOff,
)
from bot.handlers.engineer.jobs.screens import MyJobs
from bot.tickets.bill.card import JobCard, card_key_of, card_of
from bot.tickets.dispatch.take import REASONS, give_back, go_to_client, start_work, take_away, take_ticket
from bot.tickets.dispatch.wait import go_on, wait_for
from bot.tickets.life.acts import Act
from bot.tickets.life.leave import job_of, require_act
from bot.tickets.life.lifecycle import locked_ticket
from bot.tickets.life.models import Ticket, WaitsFor
from bot.tickets.life.numbers import named
from bot.tickets.offers.late_yes import write_off
from bot.tickets.offers.prepaid_work import record_prepayment
from bot.tickets.opening.release import release_hold
from bot.tickets.thread.listing import my_jobs
from bot.tickets.thread.writing import messages_of
from bot.tickets.work.accept import resolve_dispute
from bot.tickets.work.explain import scope_told

router = Router(name="jobs")


@router.message(Private(), IsStaff(), Label("menu.jobs"))
async def my_list(_message: Message, turn: Conversation, state: FSMContext) -> None:
    """«Мои наряды»: one's own, then the board."""
    await turn_to(state)
    turn.say("engineer/list", MyJobs(my_jobs(turn.session, actor(turn))))


@router.callback_query(JobList.filter())
async def list_again(_press: CallbackQuery, turn: Conversation) -> None:
    """The list as it is now."""
    turn.show("engineer/list", MyJobs(my_jobs(turn.session, actor(turn))), carries="jobs")  # no more the card it was


@router.callback_query(JobOpen.filter())
async def open_job(_press: CallbackQuery, callback_data: JobOpen, turn: Conversation, state: FSMContext) -> None:
    """The job as it is now: here in private, else in the presser's private chat."""
    if turn.is_private:
        await turn_to(state)
        show_job(turn, callback_data.ticket)
    else:
        to_private(turn, callback_data.ticket)


@router.callback_query(JobTake.filter())
async def take(_press: CallbackQuery, callback_data: JobTake, turn: Conversation) -> None:
    """«Беру»: one winner."""
    _step(turn, callback_data.ticket, lambda by: take_ticket(turn.uow, callback_data.ticket, by), "job.taken")


@router.callback_query(JobDecline.filter())
async def decline(_press: CallbackQuery, callback_data: JobDecline, turn: Conversation) -> None:
    """«Не могу», with a reason."""
    by = actor(turn)
    ticket = locked_ticket(turn.session, callback_data.ticket)
    require_act(turn.session, ticket, Act.DECLINE, by)
    if not 0 <= callback_data.reason < len(REASONS):
        turn.say("dispatch/reasons", named(ticket))
        return
    reason = REASONS[callback_data.reason]
    if attempt(turn, lambda: give_back(turn.uow, callback_data.ticket, reason, by)) is not None:
        turn.alert("job.ok")
    if turn.is_private:
        show_job(turn, callback_data.ticket)


@router.callback_query(JobTakeAway.filter())
async def away(_press: CallbackQuery, callback_data: JobTakeAway, turn: Conversation) -> None:
    """«Снять с инженера»: a leader frees the ticket for others."""
    _step(turn, callback_data.ticket, lambda by: take_away(turn.uow, callback_data.ticket, by), "job.ok")


@router.callback_query(JobGo.filter())
async def go(_press: CallbackQuery, callback_data: JobGo, turn: Conversation) -> None:
    """«Еду»."""
    _step(turn, callback_data.ticket, lambda by: go_to_client(turn.uow, callback_data.ticket, by), "job.ok")


@router.callback_query(JobStart.filter())
async def start(_press: CallbackQuery, callback_data: JobStart, turn: Conversation) -> None:
    """«Начал»."""
    _step(turn, callback_data.ticket, lambda by: start_work(turn.uow, callback_data.ticket, by), "job.ok")


@router.callback_query(JobWait.filter())
async def wait(_press: CallbackQuery, callback_data: JobWait, turn: Conversation) -> None:
    """«Жду…»: for what, then it is told."""
    ticket_id, by = callback_data.ticket, actor(turn)
    if not 0 <= callback_data.what < len(WaitsFor):
        ticket = locked_ticket(turn.session, ticket_id)
        require_act(turn.session, ticket, Act.WAIT, by)
        turn.say("dispatch/wait_for", named(ticket))
        return
    what = list(WaitsFor)[callback_data.what]
    _step(turn, ticket_id, lambda by: wait_for(turn.uow, ticket_id, what, by), "job.waits")


@router.callback_query(JobGoOn.filter())
async def on(_press: CallbackQuery, callback_data: JobGoOn, turn: Conversation) -> None:
    """«Продолжить»."""
    _step(turn, callback_data.ticket, lambda by: go_on(turn.uow, callback_data.ticket, by), "job.ok")


@router.callback_query(JobRelease.filter())
async def release(_press: CallbackQuery, callback_data: JobRelease, turn: Conversation) -> None:
    """«Можно начинать»: paid, or let go by a manager."""
    _step(turn, callback_data.ticket, lambda by: release_hold(turn.uow, callback_data.ticket, by), "job.ok")


@router.callback_query(JobPrepaid.filter())
async def prepaid(_press: CallbackQuery, callback_data: JobPrepaid, turn: Conversation) -> None:
    """«Предоплата получена» for work added to a running job."""
    quote = turn.session.get(Quote, callback_data.quote)
    if quote is None:
        raise NotFound
    _step(turn, quote.ticket_id, lambda by: record_prepayment(turn.uow, callback_data.quote, by), "job.ok")


@router.callback_query(JobWriteOff.filter())
async def let_go(_press: CallbackQuery, callback_data: JobWriteOff, turn: Conversation) -> None:
    """«Без оплаты»: urgent work whose price nobody has agreed to."""
    _step(turn, callback_data.ticket, lambda by: write_off(turn.uow, callback_data.ticket, by), "job.ok")


@router.callback_query(JobResolve.filter())
async def resolve(_press: CallbackQuery, callback_data: JobResolve, turn: Conversation) -> None:
    """A dispute is settled."""
    keep = bool(callback_data.keep)
    _step(turn, callback_data.ticket, lambda by: resolve_dispute(turn.uow, callback_data.ticket, keep, by), "job.ok")


@router.callback_query(JobScope.filter())
async def scope(_press: CallbackQuery, callback_data: JobScope, turn: Conversation) -> None:
    """«Что сказать»: who pays and the words for it, to the engineer alone."""
    told = scope_told(turn.session, callback_data.ticket, actor(turn))
    if turn.is_private:
        turn.show("scope/engineer", told)
    else:
        turn.uow.tell(To(actor(turn), quiet=False), "scope/engineer", told)
        turn.alert("job.in_private")


@router.callback_query(JobFiles.filter())
async def files(_press: CallbackQuery, callback_data: JobFiles, turn: Conversation) -> None:
    """Photos and files of the ticket, shown to staff in private."""
    ticket = job_of(turn.session, callback_data.ticket, actor(turn))
    show_files(turn, messages_of(turn.session, ticket.id), turn.user_id)
    if not turn.is_private:
        turn.alert("job.in_private")


def show_job(turn: Conversation, ticket_id: int) -> None:
    """The job's card in place of the pressed screen."""
    turn.show("dispatch/card", _own_card(turn, ticket_id), carries=card_key_of(ticket_id))


def to_private(turn: Conversation, ticket_id: int) -> None:
    """What needs typing is done in private: the card goes there."""
    card, key = _own_card(turn, ticket_id), card_key_of(ticket_id)
    turn.uow.tell(To(actor(turn), quiet=False), "dispatch/card", card, urgent=True, carries=key)
    turn.alert("job.in_private", popup=True)


def _own_card(turn: Conversation, ticket_id: int) -> JobCard:
    """The card for the reader alone, with the buttons of what they may do. Raises NotAllowed for who isn't ours."""
    require(turn.session, employed, person=actor(turn))
    ticket = locked_ticket(turn.session, ticket_id)
    whos = require_act(turn.session, ticket, Act.SEE_JOB, actor(turn))
    return replace(card_of(turn.session, ticket, turn.now), whos=whos)


def _step(turn: Conversation, ticket_id: int, act: Callable[[int], Ticket], said: str) -> None:
    """One act on the job; the group's card is brought up to date by the act itself."""
    by = actor(turn)
    done = attempt(turn, lambda: act(by))
    if done is not None:
        turn.alert(said)
    if turn.is_private:
        show_job(turn, ticket_id)
    else:
        turn.close_copy(card_key_of(ticket_id))
