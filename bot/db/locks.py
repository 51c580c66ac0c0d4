"""Rows are locked here and nowhere else, in one order, so that no two transactions wait for each other.

A transaction that needs a row locks it after all rows that stand before it in `ORDER`, and several of one table by
their keys. A lock lets others refer to the row (FOR NO KEY UPDATE): a new line of a ticket's history waits for nobody
who has locked its author. On SQLite a writing transaction has the database to itself, and nothing is locked.

Rows that are claimed pass over what others hold: they wait for nobody, so they may come before everything.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import Any, TypeVar

from sqlalchemy import Integer, Select, bindparam, cast, event, func, inspect
from sqlmodel import Session, SQLModel, col, select

M = TypeVar("M", bound=SQLModel)
S = TypeVar("S", bound=Select[*tuple[Any, ...]])

# Tables by name: this room knows no other. Each series of numbers has a place of its own, where its rows are made: a
# quote's number comes after the pools, since what they have left decides whether there is a quote. A debt of ours comes
# after the document that makes it.
ORDER = (
    "inbox",
    "invitation",
    "person",
    "account",
    "employment",
    "membership",
    "seller",
    "company",
    "serviceobject",
    "contract",
    "baseversion",
    "article",
    "feedback",
    "appeal",
    "phonecall",
    "ticket",
    "counter:ticket",
    "message",
    "quote",
    "topup",
    "pool",
    "counter:quote",
    "document",
    "counter:invoice",
    "counter:act",
    "invoicedispute",
    "linedispute",
    "entrydispute",
    "counter:credit",
    "debt",
    "periodlock",
    "sending",
    "staffchat",
    "outbox",
    "alarm",
    "timer",
)
_RANKS = {name: rank for rank, name in enumerate(ORDER)}
_NUMBERS = 2**31  # two that share a number are claimed one after the other
_KEY = "locks"  # where a session keeps what it holds


class LockOrderError(RuntimeError):
    """A row was locked after one that stands behind it: two such transactions can wait for each other for ever."""


@dataclass(slots=True)
class _Held:
    """What a transaction has locked: by place in the order, then key."""

    transaction: Any
    rows: set[tuple[str, Any]] = field(default_factory=set)
    made: set[tuple[str, Any]] = field(default_factory=set)  # by the transaction itself: nobody else sees them yet
    last: tuple[int, Any] = (-1, 0)
    act: Any = None


class _Watch:
    act_now: Callable[[], Any] | None = None


@contextmanager
def order_watched(act_now: Callable[[], Any]) -> Iterator[None]:
    """Within the block a lock against the order raises LockOrderError (tests).

    `act_now` says which act is under way: a test may have several in one transaction, where in life each has its own.
    """
    earlier, _Watch.act_now = _Watch.act_now, act_now
    if earlier is None:
        event.listen(Session, "after_flush", _note_made)
    try:
        yield
    finally:
        _Watch.act_now = earlier
        if earlier is None:
            event.remove(Session, "after_flush", _note_made)


def lock(session: Session, model: type[M], key: Any) -> M | None:
    """One row by its key as it is now, locked until the transaction ends; None where there is none.

    `key`: of several columns, a tuple in their order.
    """
    values = key if isinstance(key, tuple) else (key,)
    query, names = _by_key(model)
    found = session.execute(query, dict(zip(names, values, strict=True))).scalar_one_or_none()
    if found is not None:
        _note(session, str(model.__tablename__), [_key_of(found)])
    return found


@cache
def _by_key(model: type[Any]) -> tuple[Select[Any], tuple[str, ...]]:
    """The statement that locks one row, put together once, and the names of its parameters."""
    columns = inspect(model).primary_key
    names = tuple(f"key_{column.name}" for column in columns)
    asked = (column == bindparam(name) for column, name in zip(columns, names, strict=True))
    return _locking(select(model).where(*asked), model), names


def lock_ids(session: Session, model: type[M], ids: Collection[int]) -> Sequence[M]:
    """Rows by their ids as they are now, locked in the order of the ids."""
    return lock_where(session, model, col(inspect(model).primary_key[0]).in_(set(ids))) if ids else []


def lock_where(session: Session, model: type[M], *conditions: Any) -> Sequence[M]:
    """Rows that meet the conditions as they are now, locked in the order of their keys."""
    query = select(model).where(*conditions).order_by(*inspect(model).primary_key)
    return [row for (row,) in lock_found(session, query, model)]


def lock_found(session: Session, query: S, model: type[SQLModel]) -> Sequence[Any]:
    """Rows of a query of several tables or of columns, those of one model locked. What stands first in a row is the
    model or its key; the query's order is that of the keys."""
    found = session.execute(_locking(query, model)).all()
    _note(session, str(model.__tablename__), [_key_of(row[0]) for row in found])
    return found


def _locking(query: S, model: type[SQLModel]) -> S:
    return query.with_for_update(key_share=True, of=model).execution_options(populate_existing=True)


def lock_counter(session: Session, series: str, query: S) -> Any:
    """The row of a series of numbers, locked; None where there is none yet."""
    found = session.execute(query.with_for_update(key_share=True)).scalar_one_or_none()
    _note(session, f"counter:{series.partition('/')[0]}", [series])
    return found


def keep(session: Session, model: type[SQLModel], ids: Collection[int]) -> set[int]:
    """Which of the rows are there; none of them is deleted before the transaction ends."""
    column = inspect(model).primary_key[0]
    query = select(column).where(column.in_(list(ids))).order_by(column)
    return set(session.execute(query.with_for_update(read=True, key_share=True)).scalars())


def claiming(query: S) -> S:
    """The query, passing over rows that others hold and locking the rest: it waits for nobody."""
    return query.with_for_update(skip_locked=True)


def claimed(session: Session, space: int, number: int) -> bool:
    """Whether a number of a space is ours until the transaction ends, though no row is held; it waits for nobody."""
    if session.get_bind().dialect.name == "sqlite":
        return True
    ours = func.pg_try_advisory_xact_lock(cast(space, Integer), cast(number % _NUMBERS, Integer))
    return bool(session.execute(select(ours)).scalar_one())


def _held(session: Session) -> _Held:
    held: _Held | None = session.info.get(_KEY)
    transaction = session.get_transaction()
    if held is None or held.transaction is not transaction:
        held = session.info[_KEY] = _Held(transaction)
    return held


def _note_made(session: Session, _context: Any) -> None:
    made = _held(session).made
    for row in session.new:
        if isinstance(row, SQLModel):
            made.add((str(type(row).__tablename__), _key_of(row)))


def _key_of(found: Any) -> Any:
    if not isinstance(found, SQLModel):
        return found
    key = inspect(found).mapper.primary_key_from_instance(found)
    return key[0] if len(key) == 1 else tuple(map(str, key))


def _note(session: Session, table: str, keys: Sequence[Any]) -> None:
    """Remember what is held now. Raises LockOrderError where it is watched."""
    if _Watch.act_now is None:
        return
    held, act = _held(session), _Watch.act_now()
    if act is not held.act:
        held.act, held.rows, held.last = act, set(), (-1, 0)
    for key in keys:
        if (table, key) in held.rows or (table, key) in held.made:
            continue
        place = (_RANKS[table], key)
        if place[0] < held.last[0] or (place[0] == held.last[0] and key < held.last[1]):
            raise LockOrderError(f"{table} {key} after {ORDER[held.last[0]]} {held.last[1]}")
        held.rows.add((table, key))
        held.last = place
