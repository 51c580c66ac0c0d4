"""«Мои заявки»: the card with its history, writing into the ticket, cancel, accept, dispute, rate, reopen."""

from dataclasses import replace

from aiogram import Router
from aiogram.fsm.context import FSMContext
from aiogram.fsm.state import State, StatesGroup
from aiogram.types import CallbackQuery, Message

from bot.db.errors import NotFound
from bot.handlers.client.tickets.presses import (
    DisputeTicketLine,
    TicketAccept,
    TicketCancel,
    TicketDispute,
    TicketHistory,
    TicketList,
    TicketOpen,
    TicketOtherWay,
    TicketRate,
    TicketReopen,
    TicketWrite,
)
from bot.handlers.client.tickets.screens import Cancelling, TicketPage, TicketRated, disputable
from bot.handlers.common.acting import actor, attempt
from bot.handlers.common.conversation import Conversation
from bot.handlers.common.filters import IsClient, Label, Private, Speech
from bot.handlers.common.recording import recorded
from bot.tickets.bill.card import card_of, for_client
from bot.tickets.intake.appeals import attach_message
from bot.tickets.life.acts import CLIENTS, OVER, Act
from bot.tickets.life.leave import require_act, who_is
from bot.tickets.life.models import Ticket, TicketState
from bot.tickets.life.numbers import named
from bot.tickets.life.rights import may_see
from bot.tickets.offers.other_way import OtherWay, ask_other_way
from bot.tickets.offers.proof import may_prove
from bot.tickets.opening.cancel import cancel_ticket, reopen_ticket
from bot.tickets.thread.listing import history_of, my_tickets
from bot.tickets.thread.writing import client_writes, still_about
from bot.tickets.work.accept import accept_work, dispute_work, rate_work

PAGE = 6

router = Router(name="tickets")
texts_router = Router(name="tickets_texts")


class InTicket(StatesGroup):
    """The next lines belong to a ticket: its thread, or the reason of a dispute."""

    writing = State()
    disputing = State()


@router.message(Private(), IsClient(), Label("menu.tickets"))
async def my_list(_message: Message, turn: Conversation, state: FSMContext) -> None:
    """«Мои заявки»."""
    await state.clear()
    tickets, more = my_tickets(turn.session, actor(turn), 0, PAGE)
    turn.say("ticket/list", TicketPage(tickets, 0, more=more))


@router.callback_query(TicketList.filter())
async def page(_press: CallbackQuery, callback_data: TicketList, turn: Conversation) -> None:
    """Another page of them."""
    number = max(callback_data.page, 0)
    tickets, more = my_tickets(turn.session, actor(turn), number, PAGE)
    turn.show("ticket/list", TicketPage(tickets, number, more=more))


@router.callback_query(TicketOpen.filter())
async def open_card(_press: CallbackQuery, callback_data: TicketOpen, turn: Conversation, state: FSMContext) -> None:
    """The ticket as it is now."""
    await state.clear()
    show_ticket(turn, callback_data.ticket)


@router.callback_query(TicketHistory.filter())
async def show_history(_press: CallbackQuery, callback_data: TicketHistory, turn: Conversation) -> None:
    """Who did what and when, and the thread."""
    by = actor(turn)
    provable = turn.is_private and may_prove(turn.session, callback_data.ticket, by)
    turn.say("ticket/history", history_of(turn.session, callback_data.ticket, by, provable=provable))


@router.callback_query(TicketWrite.filter())
async def write(_press: CallbackQuery, callback_data: TicketWrite, turn: Conversation, state: FSMContext) -> None:
    """«Написать»: what follows goes into the ticket."""
    if (ticket := _asked(turn, callback_data.ticket, Act.WRITE)) is not None:
        await write_into(state, ticket)
        turn.say("ticket/write", named(ticket))


@texts_router.message(Private(), InTicket.writing, Speech())
async def written(_message: Message, turn: Conversation, state: FSMContext) -> None:
    """A line, photo or voice for the ticket's thread."""
    found = recorded(turn)
    data = await state.get_data()
    if found is None or found.again:
        return
    client_writes(turn.uow, int(data.get("ticket", 0)), found.message, actor(turn))
    if data.get("over") and found.message.album is None:
        await state.clear()  # a word after the end; what comes next is about something new


@router.callback_query(TicketCancel.filter())
async def cancel(_press: CallbackQuery, callback_data: TicketCancel, turn: Conversation, state: FSMContext) -> None:
    """«Отменить», asked once more before it is done."""
    await state.clear()
    ticket = seen(turn, callback_data.ticket)
    if not callback_data.sure:
        turn.show("ticket/cancel_sure", Cancelling(ticket.id, ticket.number, held=ticket.held_amount > 0))
        return
    attempt(turn, lambda: cancel_ticket(turn.uow, callback_data.ticket, actor(turn)))
    show_ticket(turn, callback_data.ticket)


@router.callback_query(TicketOtherWay.filter())
async def other_way(
    _press: CallbackQuery, callback_data: TicketOtherWay, turn: Conversation, state: FSMContext
) -> None:
    """«Бесплатный совет», «Другая цена»: what comes after a no."""
    await state.clear()
    way = OtherWay.PRICE if callback_data.price else OtherWay.ADVICE
    if attempt(turn, lambda: ask_other_way(turn.uow, callback_data.ticket, way, actor(turn))) is not None:
        turn.alert("ticket.asked_other_way")
    show_ticket(turn, callback_data.ticket)


@router.callback_query(TicketAccept.filter())
async def accept(_press: CallbackQuery, callback_data: TicketAccept, turn: Conversation, state: FSMContext) -> None:
    """«Принять»."""
    await state.clear()
    ticket = attempt(turn, lambda: accept_work(turn.uow, callback_data.ticket, actor(turn)))
    if ticket is None:
        show_ticket(turn, callback_data.ticket)
    elif ticket.state is TicketState.DONE:  # the price of urgent work waits for its answer
        turn.alert("ticket.accepted_waits", popup=True)
        show_ticket(turn, callback_data.ticket)
    else:
        turn.alert("ticket.closed")
        turn.show("ticket/accepted", named(ticket))


@router.callback_query(TicketDispute.filter())
async def dispute(_press: CallbackQuery, callback_data: TicketDispute, turn: Conversation) -> None:
    """«Есть вопрос»: to which line."""
    if (ticket := _asked(turn, callback_data.ticket, Act.DISPUTE)) is not None:
        turn.show("ticket/dispute", disputable(turn.session, ticket))


@router.callback_query(DisputeTicketLine.filter())
async def dispute_line(
    _press: CallbackQuery, callback_data: DisputeTicketLine, turn: Conversation, state: FSMContext
) -> None:
    """What is wrong with it: the next line says."""
    if (ticket := _asked(turn, callback_data.ticket, Act.DISPUTE)) is None:
        return
    await state.set_state(InTicket.disputing)
    await state.set_data({"ticket": ticket.id, "time": callback_data.time, "line": callback_data.line})
    turn.show("ticket/dispute_reason", named(ticket))


@texts_router.message(Private(), InTicket.disputing, Speech())
async def disputed(message: Message, turn: Conversation, state: FSMContext) -> None:
    """The reason: the line is frozen (R10.4)."""
    data = await state.get_data()
    kind = "time" if data.get("time") else "work"
    ticket_id, by = int(data.get("ticket", 0)), actor(turn)
    ticket = dispute_work(
        turn.uow, ticket_id, kind, int(data.get("line", 0)), message.text or message.caption or "", by
    )
    found = recorded(turn)
    if found is not None:
        attach_message(turn.uow, found.message, ticket_id)
    await state.clear()
    turn.say("ticket/disputed", named(ticket))


@router.callback_query(TicketRate.filter())
async def rate(_press: CallbackQuery, callback_data: TicketRate, turn: Conversation, state: FSMContext) -> None:
    """1–5."""
    await state.clear()
    ticket = attempt(turn, lambda: rate_work(turn.uow, callback_data.ticket, callback_data.rating, actor(turn)))
    if ticket is None:
        show_ticket(turn, callback_data.ticket)
    else:
        turn.show("ticket/rated", TicketRated(ticket.id, ticket.number, callback_data.rating))


@router.callback_query(TicketReopen.filter())
async def reopen(_press: CallbackQuery, callback_data: TicketReopen, turn: Conversation, state: FSMContext) -> None:
    """«Не починили»."""
    await state.clear()
    attempt(turn, lambda: reopen_ticket(turn.uow, callback_data.ticket, actor(turn)))
    show_ticket(turn, callback_data.ticket)


async def write_into(state: FSMContext, ticket: Ticket) -> None:
    """What follows goes into the ticket."""
    await state.set_state(InTicket.writing)
    await state.set_data({"ticket": ticket.id, "over": ticket.state in OVER})


async def about_over_ticket(turn: Conversation, state: FSMContext, held: str) -> bool:
    """Whether a dialogue about a ticket was left open and the ticket has gone on without it."""
    act = {InTicket.writing.state: Act.WRITE, InTicket.disputing.state: Act.DISPUTE}.get(held)
    if act is None:
        return False
    data = await state.get_data()
    return not still_about(turn.session, int(data.get("ticket", 0)), act, was_over=bool(data.get("over")))


def _asked(turn: Conversation, ticket_id: int, act: Act) -> Ticket | None:
    """The ticket, if the act that needs words is possible now: nobody is asked for what would be refused. Else they
    see its present card."""
    ticket = seen(turn, ticket_id)
    if attempt(turn, lambda: require_act(turn.session, ticket, act, actor(turn))) is None:
        show_ticket(turn, ticket_id)
        return None
    return ticket


def seen(turn: Conversation, ticket_id: int) -> Ticket:
    """A ticket that the speaker may see. Raises NotFound."""
    ticket = turn.session.get(Ticket, ticket_id)
    if ticket is None or not may_see(turn.session, ticket, actor(turn)):
        raise NotFound
    return ticket


def show_ticket(turn: Conversation, ticket_id: int) -> None:
    """The present card in place of the pressed screen. Raises NotFound."""
    ticket = seen(turn, ticket_id)
    card = for_client(turn.session, ticket, card_of(turn.session, ticket, turn.now))
    turn.show("ticket/card", replace(card, whos=who_is(turn.session, ticket, actor(turn), CLIENTS)))
