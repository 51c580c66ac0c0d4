"""Subjects of templates filled with the worst that their types allow: what is rendered must hold all the same."""

import dataclasses
import enum
import importlib
import pkgutil
import random
import types
import typing
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from markupsafe import Markup
from pydantic import BaseModel
from sqlmodel import SQLModel

import bot
from bot.messaging.notices.texts import LANGUAGES

HOSTILE = '<b>"Рога & копыта"</i> 🙃 </pre><script>&lt;' + "ы" * 5000
MOMENT = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
PLAIN: dict[type, Any] = {
    str: HOSTILE,
    Markup: Markup("<b>Рога</b> &amp; копыта"),
    bytes: HOSTILE.encode(),
    datetime: MOMENT,
    date: MOMENT.date(),
    time: MOMENT.time(),
    timedelta: timedelta(minutes=90),
    Decimal: Decimal("1.5"),
    float: 0.5,
    object: HOSTILE,
}


def subjects() -> dict[str, type]:
    """Every frozen dataclass of the house by its name, which means one thing (tests/test_names.py)."""
    found: dict[str, type] = {}
    for module in pkgutil.walk_packages(bot.__path__, "bot."):
        if module.name.startswith("bot.sandbox") or module.name.endswith("__main__"):
            continue
        for each in vars(importlib.import_module(module.name)).values():
            if isinstance(each, type) and dataclasses.is_dataclass(each) and each.__dataclass_params__.frozen:
                found[each.__name__] = each
    return found


def filled(kind: Any, chance: random.Random, deep: int = 0) -> Any:
    """A value of a type: hostile text, any member of what may be several, two of what may be many."""
    origin, inside = typing.get_origin(kind), typing.get_args(kind)
    if isinstance(kind, typing.NewType):
        return filled(kind.__supertype__, chance, deep)
    if kind is type(None):
        return None
    if origin in (typing.Union, types.UnionType):
        return filled(chance.choice(inside), chance, deep)
    if origin is typing.Annotated:
        return filled(inside[0], chance, deep)
    if origin is typing.Literal:
        return chance.choice(inside)
    if origin is not None and issubclass(origin, Mapping):
        keys = LANGUAGES if inside[0] is str else [filled(inside[0], chance, deep + 1)]
        return {key: filled(inside[1], chance, deep + 1) for key in keys}
    if origin is tuple and inside[-1] is not ...:
        return tuple(filled(each, chance, deep + 1) for each in inside)
    if origin is tuple:
        return tuple(filled(inside[0], chance, deep + 1) for _ in range(2))
    if origin is not None and issubclass(origin, Collection | Iterable):
        many = [filled(inside[0], chance, deep + 1) for _ in range(chance.choice((0, 2)) if deep < 4 else 0)]
        return many if issubclass(list, origin) or origin is Sequence else origin(many)
    return _plain(kind, chance, deep)


def _plain(kind: Any, chance: random.Random, deep: int) -> Any:
    if kind in PLAIN:
        return PLAIN[kind]
    if kind is bool:
        return chance.random() < 0.5
    if kind is int:
        return chance.choice((0, 1, 2, 3750))
    if isinstance(kind, type) and issubclass(kind, enum.Enum):
        return chance.choice(list(kind))
    if isinstance(kind, type) and issubclass(kind, SQLModel):
        hints = typing.get_type_hints(kind)
        return kind(**{name: filled(hints[name], chance, deep + 1) for name in kind.model_fields})
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        hints = typing.get_type_hints(kind)
        return kind.model_construct(**{name: filled(hints[name], chance, deep + 1) for name in kind.model_fields})
    if dataclasses.is_dataclass(kind):
        hints = typing.get_type_hints(kind)
        named = (each.name for each in dataclasses.fields(kind) if each.init)
        return kind(**{name: filled(hints[name], chance, deep + 1) for name in named})  # type: ignore[operator]
    if isinstance(kind, type) and issubclass(kind, tuple):
        hints = typing.get_type_hints(kind)
        return kind(*(filled(hints[name], chance, deep + 1) for name in kind._fields))  # type: ignore[attr-defined]
    raise TypeError(f"a subject says nothing of its field of {kind}: name its type")
