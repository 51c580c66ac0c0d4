"""The price list as a client reads it. `company_id` 0: of nobody in particular."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from bot.answers.skills.pricing import works_asked
from bot.billing.hours.plans import contracts_on
from bot.billing.prices.book import BookItem, Priced, at_prices, book_items, price_days, search_prices
from bot.clients.models import Company
from bot.handlers.common.company import company_for, today_of
from bot.handlers.common.conversation import Conversation
from bot.handlers.common.pages import page_of
from bot.messaging.notices.texts import label

PAGE = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceListPage:
    """A page of all `count` items, at prices that hold `since` a day and change on another."""

    company_id: int
    items: Sequence[Priced]
    count: int
    page: int
    pages: int
    since: date | None
    changes: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundPrices:
    """A page of the `count` items that were found by some words."""

    company_id: int
    words: str
    items: Sequence[Priced]
    count: int
    page: int
    pages: int


@dataclass(frozen=True, slots=True)
class PriceSearch:
    """What to look for."""

    company_id: int


def price_list_page(turn: Conversation, company_id: int, page: int) -> PriceListPage:
    """The page that was asked for, or the nearest one there is. Raises NotAllowed."""
    reader = _reader(turn, company_id)
    book = _book(turn, reader)
    items, page, pages = _page(turn, reader, book, page)
    since, changes = price_days(turn.session, reader.company, reader.contracts, reader.today)
    return PriceListPage(
        company_id=company_id, items=items, count=len(book), page=page, pages=pages, since=since, changes=changes
    )


def found_prices(turn: Conversation, company_id: int, words: str, page: int) -> FoundPrices:
    """The page that was asked for, or the nearest one there is. Raises NotAllowed."""
    reader = _reader(turn, company_id)
    hits = search_prices(_book(turn, reader), words)
    items, page, pages = _page(turn, reader, hits, page)
    return FoundPrices(company_id=company_id, words=words, items=items, count=len(hits), page=page, pages=pages)


def asked_prices(turn: Conversation, company_id: int, line: str, most: int) -> tuple[list[Priced], int]:
    """The first of the items whose price a line asks for, and how many there are. Raises NotAllowed."""
    reader = _reader(turn, company_id)
    found = works_asked(line, _book(turn, reader))
    return at_prices(turn.session, reader.company, reader.contracts, reader.today, found[:most]), len(found)


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


def _page(turn: Conversation, reader: _Reader, book: Sequence[BookItem], page: int) -> tuple[list[Priced], int, int]:
    shown = page_of(book, page, PAGE)
    priced = at_prices(turn.session, reader.company, reader.contracts, reader.today, shown.rows)
    return priced, shown.number, shown.pages
