"""A page of a list: the one asked for, or the nearest that there is."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class ListPage(Generic[T]):
    """The rows of one page, counted from 0, and how many pages there are; of nothing there is one, empty."""

    rows: Sequence[T]
    number: int
    pages: int


def page_of(found: Sequence[T], asked: int, size: int) -> ListPage[T]:
    """The page of a list that was asked for by its number, whatever number a button carries."""
    number, pages = nearest_page(len(found), asked, size)
    return ListPage(found[number * size : (number + 1) * size], number, pages)


def nearest_page(count: int, asked: int, size: int) -> tuple[int, int]:
    """(the number of the page, how many there are) of a list whose rows are read a page at a time."""
    pages = max(1, -(-count // size))
    return min(max(asked, 0), pages - 1), pages
