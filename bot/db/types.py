"""Column types that serve SQLite and PostgreSQL alike."""

from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, BigInteger, Enum, Index, Integer, text
from sqlmodel import Field, UTCDateTime

# SQLite only counts up a primary key that is INTEGER to the letter (stack.md).
BigId = BigInteger().with_variant(Integer, "sqlite")
ENDING = "ending"  # in the info of a column that is the moment of its row's end
LASTING = "lasting"  # in the info of a column that says whether its row still counts


def big_id() -> Any:
    """A 64-bit primary key that the database counts up: an int of every row that is stored, None until a new one is
    flushed."""
    return Field(default=None, primary_key=True, sa_type=BigId)


def big_int(**more: Any) -> Any:
    """A 64-bit integer column: Telegram ids, kopecks."""
    return Field(sa_type=BigInteger, **more)


def ref(target: str, *, nullable: bool = False, index: bool = True, **more: Any) -> Any:
    """A foreign key to `table.column` of a 64-bit id."""
    if nullable:
        more.setdefault("default", None)
    return Field(sa_type=BigId, foreign_key=target, nullable=nullable, index=index, **more)


def json_column(**more: Any) -> Any:
    """A JSON document; replace the whole value to change it."""
    make = more.pop("default_factory", dict)

    def fresh() -> Any:
        # Each new row asks for the factory's signature. That of `list` is text, which Python parses anew every time;
        # CPython 3.11 can't do that in two threads at once ("AST constructor recursion depth mismatch").
        return make()

    return Field(sa_type=JSON, default_factory=fresh, **more)


def enumerated(kind: type[StrEnum], **more: Any) -> Any:
    """An enum kept as its value in a short text column (no native enum types: they can't be altered)."""
    return Field(sa_type=_text_enum(kind), **more)


def _text_enum(kind: type[StrEnum]) -> Any:
    return Enum(kind, native_enum=False, length=30, values_callable=lambda members: [m.value for m in members])


def one_live(name: str, *columns: str, where: str, sqlite_where: str | None = None) -> Index:
    """No two rows live at once with the same columns; `where` says which are live."""
    return Index(name, *columns, unique=True, sqlite_where=text(sqlite_where or where), postgresql_where=text(where))


def moment(**more: Any) -> Any:
    """A timestamp in UTC; naive values are refused."""
    return Field(sa_type=UTCDateTime, **more)


def ending() -> Any:
    """The moment a row ended, None while it holds: `bot.db.live` asks for those that hold. One of a model."""
    return moment(default=None, nullable=True, sa_column_kwargs={"info": {ENDING: True}})


def lasting() -> Any:
    """Whether a row counts still, for what is switched off and on again: `bot.db.live` asks for it. One of a model."""
    return Field(default=True, sa_column_kwargs={"info": {LASTING: True}})


__all__ = ["BigId", "big_id", "big_int", "ending", "enumerated", "json_column", "lasting", "moment", "ref"]
