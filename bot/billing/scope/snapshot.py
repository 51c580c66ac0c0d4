"""A rule's input as JSON and back, so that a decision can be made again from what it was made on (R3.2)."""

from collections.abc import Hashable
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from enum import Enum
from functools import cache
from typing import Any, TypeVar, cast

T = TypeVar("T")


def freeze(value: Any) -> Any:
    """Return a frozen dataclass (or any value inside one) as plain JSON values; sets are sorted. Floats are refused."""
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: freeze(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Enum):
        return value.value
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, frozenset):
        return sorted(freeze(each) for each in value)
    if isinstance(value, tuple):
        return [freeze(each) for each in value]
    raise TypeError(f"a snapshot holds no {type(value).__name__}")


def thaw(kind: type[T], data: Any) -> T:
    """Return the dataclass `kind` from what `freeze` made of it. Raises pydantic's ValidationError."""
    made: T = _reader(cast(Hashable, kind)).validate_python(data)
    return made


@cache
def _reader(kind: Hashable) -> Any:
    from pydantic import TypeAdapter

    return TypeAdapter(kind)
