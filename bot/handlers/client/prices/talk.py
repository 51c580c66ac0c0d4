"""The price list: page by page, or searched, at the client's own prices."""

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from aiogram import F, Router
from aiogram.fsm.context import FSMContext
from aiogram.fsm.state import State, StatesGroup
from aiogram.types import CallbackQuery, Message

from bot.billing.hours.plans import contracts_on
from bot.billing.prices.book import BookItem, at_prices, book_items, price_days, search_prices
from bot.clients.models import Company
from bot.db.errors import Outdated
from bot.handlers.client.prices.presses import FindPrice, FoundPage, PricePage
from bot.handlers.common.company import company_for, today_of
from bot.handlers.common.conversation import Conversation
from bot.handlers.common.filters import Private, Speech
from bot.handlers.common.recording import recorded
from bot.messaging.notices.texts import label
from bot.tickets.intake.close_lookup import close_lookup

PAGE = 8

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
    reader = _reader(turn, callback_data.company)
    since, changes = price_days(turn.session, reader.company, reader.contracts, reader.today)
    page = _page(turn, reader, _book(turn, reader), callback_data.page)
    turn.show("price/list", since=since, changes=changes, **page)


@router.callback_query(FindPrice.filter())
async def ask(_press: CallbackQuery, callback_data: FindPrice, turn: Conversation, state: FSMContext) -> None:
    """Search: the next line says what for."""
    if callback_data.company:
        company_for(turn, callback_data.company)
    await state.set_state(Prices.searching)
    await state.set_data({"company": callback_data.company})
    turn.show("price/search", company_id=callback_data.company)


@texts_router.message(Private(), Prices.searching, F.text, Speech())
async def look_up(message: Message, turn: Conversation, state: FSMContext) -> None:
    """What to look for; another line looks for something else."""
    if (found := recorded(turn)) is not None:
        close_lookup(turn.uow, found.message)
    words = (message.text or "")[:100]
    reader = _reader(turn, int((await state.get_data()).get("company", 0)))
    await state.update_data(words=words)
    hits = search_prices(_book(turn, reader), words)
    turn.say("price/found", words=words, **_page(turn, reader, hits, 0))


@router.callback_query(FoundPage.filter())
async def found_page(_press: CallbackQuery, callback_data: FoundPage, turn: Conversation, state: FSMContext) -> None:
    """Another page of what was found. Raises Outdated when another dialogue began since."""
    words = (await state.get_data()).get("words")
    if await state.get_state() != Prices.searching.state or not words:
        raise Outdated
    reader = _reader(turn, callback_data.company)
    hits = search_prices(_book(turn, reader), words)
    turn.show("price/found", words=words, **_page(turn, reader, hits, callback_data.page))


@dataclass(frozen=True, slots=True)
class _Reader:
    """Whose prices are read: company (None: nobody's in particular), its contracts in force, today there."""

    company: Company | None
    contracts: list[int]
    today: date


def _reader(turn: Conversation, company_id: int) -> _Reader:
    company = company_for(turn, company_id) if company_id else None
    today = today_of(turn, company)
    return _Reader(company, [contract.id for contract in contracts_on(turn.session, company_id, today)], today)


def _book(turn: Conversation, reader: _Reader) -> list[BookItem]:
    book = book_items(turn.session, reader.company, reader.contracts, reader.today)
    return [
        replace(item, name=label(f"price_hour.{item.work_type}", turn.lang)) if item.hourly else item for item in book
    ]


def _page(turn: Conversation, reader: _Reader, book: list[BookItem], page: int) -> dict[str, Any]:
    pages = max(1, -(-len(book) // PAGE))
    page = min(max(page, 0), pages - 1)
    shown = book[page * PAGE : (page + 1) * PAGE]
    items = at_prices(turn.session, reader.company, reader.contracts, reader.today, shown)
    company_id = reader.company.id if reader.company is not None else 0
    return {"company_id": company_id, "items": items, "count": len(book), "page": page, "pages": pages}


async def _leave_search(state: FSMContext) -> None:
    if await state.get_state() == Prices.searching.state:
        await state.clear()
