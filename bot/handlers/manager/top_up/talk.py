"""The manager's price of hours that the price list has none for (R4.8)."""

from aiogram import Router
from aiogram.fsm.context import FSMContext
from aiogram.fsm.state import State, StatesGroup
from aiogram.types import CallbackQuery, Message

from bot.billing.quotes.approvers import Scope, rights_of
from bot.billing.quotes.top_up import offer_top_up, require_price, top_up_card
from bot.billing.work.said_figures import said_sum
from bot.clients.audiences import Approvers, To
from bot.clients.rights import MANAGERS, employed, require
from bot.db.errors import Outdated
from bot.handlers.common.acting import actor
from bot.handlers.common.conversation import Conversation
from bot.handlers.common.filters import IsStaff, Private, Speech
from bot.handlers.manager.top_up.presses import OfferTopUp, PriceTopUp
from bot.handlers.manager.top_up.screens import PriceRead, PriceSent

router = Router(name="manager_top_up")
router.callback_query.filter(Private())
texts_router = Router(name="manager_top_up_texts")


class Pricing(StatesGroup):
    """The next line is a sum."""

    waiting = State()


@router.callback_query(PriceTopUp.filter(), IsStaff())
async def price(_press: CallbackQuery, callback_data: PriceTopUp, turn: Conversation, state: FSMContext) -> None:
    """A manager names a price: the next line."""
    require(turn.session, employed, MANAGERS, person=actor(turn))
    await state.set_state(Pricing.waiting)
    await state.set_data({"top_up": callback_data.top_up})
    turn.say("top_up/price")


@texts_router.message(Private(), IsStaff(), Pricing.waiting, Speech())
async def priced(message: Message, turn: Conversation, state: FSMContext) -> None:
    """The sum in roubles: what it was read as, before anybody is offered it."""
    require(turn.session, employed, MANAGERS, person=actor(turn))
    top_up_id = int((await state.get_data()).get("top_up", 0))
    found = said_sum(message.text or "")
    require_price(found.kopecks, found.rest)
    await state.update_data(said=message.message_id, kopecks=found.kopecks)
    turn.say("top_up/price_check", PriceRead(top_up_id, message.message_id, found.kopecks))


@router.callback_query(OfferTopUp.filter(), IsStaff())
async def offer(_press: CallbackQuery, callback_data: OfferTopUp, turn: Conversation, state: FSMContext) -> None:
    """«Отправить»: the offer goes to whoever asked."""
    by, kept = actor(turn), await state.get_data()
    waits = await state.get_state() == Pricing.waiting.state
    if not waits or (kept.get("top_up"), kept.get("said")) != (callback_data.top_up, callback_data.said):
        raise Outdated
    top_up = offer_top_up(turn.uow, callback_data.top_up, kept["kopecks"], by)
    await state.clear()
    # Whoever asked, while they may buy hours; else who may.
    buys = rights_of(turn.session, top_up.asked_by, Scope(top_up.company_id))
    audience = To(top_up.asked_by) if buys else Approvers(top_up.company_id, site_id=None)
    turn.uow.tell(audience, "top_up/card", top_up_card(top_up))
    turn.show("top_up/offered", PriceSent(kept["kopecks"]))
