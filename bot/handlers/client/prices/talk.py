"""The price list: page by page, or searched, at the client's own prices."""

from aiogram import F, Router
from aiogram.fsm.context import FSMContext
from aiogram.fsm.state import State, StatesGroup
from aiogram.types import CallbackQuery, Message

from bot.db.errors import Outdated
from bot.handlers.client.prices.presses import FindPrice, FoundPage, PricePage
from bot.handlers.client.prices.screens import PriceSearch, found_prices, price_list_page
from bot.handlers.common.company import company_for
from bot.handlers.common.conversation import Conversation
from bot.handlers.common.filters import Private, Speech
from bot.handlers.common.recording import recorded
from bot.tickets.intake.close_lookup import close_lookup

router = Router(name="prices")
router.callback_query.filter(Private())
texts_router = Router(name="price search")


class Prices(StatesGroup):
    """What is written next is looked for in the price list."""

    searching = State()


@router.callback_query(PricePage.filter())
async def page(_press: CallbackQuery, callback_data: PricePage, turn: Conversation, state: FSMContext) -> None:
    """A page of the whole list."""
    await _leave_search(state)
    turn.show("price/list", price_list_page(turn, callback_data.company, callback_data.page))


@router.callback_query(FindPrice.filter())
async def ask(_press: CallbackQuery, callback_data: FindPrice, turn: Conversation, state: FSMContext) -> None:
    """Search: the next line says what for."""
    if callback_data.company:
        company_for(turn, callback_data.company)
    await state.set_state(Prices.searching)
    await state.set_data({"company": callback_data.company})
    turn.show("price/search", PriceSearch(callback_data.company))


@texts_router.message(Private(), Prices.searching, F.text, Speech())
async def look_up(message: Message, turn: Conversation, state: FSMContext) -> None:
    """What to look for; another line looks for something else."""
    if (found := recorded(turn)) is not None:
        close_lookup(turn.uow, found.message)
    words = (message.text or "")[:100]
    company_id = int((await state.get_data()).get("company", 0))
    await state.update_data(words=words)
    turn.say("price/found", found_prices(turn, company_id, words, 0))


@router.callback_query(FoundPage.filter())
async def found_page(_press: CallbackQuery, callback_data: FoundPage, turn: Conversation, state: FSMContext) -> None:
    """Another page of what was found. Raises Outdated when another dialogue began since."""
    words = (await state.get_data()).get("words")
    if await state.get_state() != Prices.searching.state or not words:
        raise Outdated
    turn.show("price/found", found_prices(turn, callback_data.company, words, callback_data.page))


async def _leave_search(state: FSMContext) -> None:
    if await state.get_state() == Prices.searching.state:
        await state.clear()
