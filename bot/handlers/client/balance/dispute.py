"""«Не согласен» beside a drawing of hours: the reason from the client, the settlement from a leader."""

from aiogram import Router
from aiogram.fsm.context import FSMContext
from aiogram.fsm.state import State, StatesGroup
from aiogram.types import CallbackQuery, Message

from bot.billing.debts.rights import may_see_money
from bot.billing.hours.models import Pool, PoolEntry
from bot.handlers.client.balance.presses import DisputeEntry, SettleEntry
from bot.handlers.client.balance.screens import OwnDraw
from bot.handlers.common.acting import actor, attempt
from bot.handlers.common.company import company_for
from bot.handlers.common.conversation import Conversation
from bot.handlers.common.filters import Private, Speech
from bot.handlers.common.recording import recorded
from bot.tickets.intake.appeals import attach_message
from bot.tickets.life.models import Ticket
from bot.tickets.work.dispute_entry import disputable, dispute_entry, require_may_dispute, settle_entry_dispute

router = Router(name="balance_dispute")


class InBalance(StatesGroup):
    """The next line is the reason of a dispute."""

    disputing = State()


@router.callback_query(Private(), DisputeEntry.filter())
async def ask_reason(_press: CallbackQuery, callback_data: DisputeEntry, turn: Conversation, state: FSMContext) -> None:
    """What is wrong with it: the next line says."""
    company_for(turn, callback_data.company)
    entry, ticket = disputable(turn.session, callback_data.entry)
    require_may_dispute(turn.session, ticket, actor(turn))
    await state.set_state(InBalance.disputing)
    await state.set_data({"entry": entry.id, "company": callback_data.company, "ticket": ticket.id})
    turn.say("balance/dispute_reason", _draw(turn, entry, ticket, callback_data.company))


@router.message(Private(), InBalance.disputing, Speech())
async def reason(message: Message, turn: Conversation, state: FSMContext) -> None:
    """The reason: dispatchers are told, the minutes stay drawn until they decide."""
    data = await state.get_data()
    dispute_entry(turn.uow, int(data["entry"]), message.text or "", actor(turn))
    entry, ticket = disputable(turn.session, int(data["entry"]))
    found = recorded(turn)
    if found is not None:
        attach_message(turn.uow, found.message, ticket.id)
    await state.clear()
    turn.say("balance/disputed", _draw(turn, entry, ticket, int(data["company"])))


@router.callback_query(SettleEntry.filter())
async def settle(_press: CallbackQuery, callback_data: SettleEntry, turn: Conversation) -> None:
    """«Вернуть» or «Оставить»."""
    give_back = bool(callback_data.give_back)
    if attempt(turn, lambda: settle_entry_dispute(turn.uow, callback_data.dispute, give_back, actor(turn))) is not None:
        turn.alert("balance.given_back" if give_back else "balance.kept")


def _draw(turn: Conversation, entry: PoolEntry, ticket: Ticket, company_id: int) -> OwnDraw:
    return OwnDraw(
        company_id=company_id,
        sees_money=may_see_money(turn.session, ticket.company_id, actor(turn)),
        ticket_id=ticket.id,
        number=ticket.number,
        amount=entry.amount,
        unit=turn.session.get_one(Pool, entry.pool_id).unit,
    )
