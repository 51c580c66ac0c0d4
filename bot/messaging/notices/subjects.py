"""Subjects of templates: a frozen dataclass each, named at the template's head as `{# QuoteCard #}`."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from bot.db.unit_of_work import NOTHING, Nothing, Subject

__all__ = ["NOTHING", "Nothing", "RefusalSaid", "Subject", "values_of"]


@dataclass(frozen=True, slots=True)
class RefusalSaid:
    """Why an act was not done: a label's key with its values."""

    key: str
    values: Mapping[str, object]


def values_of(subject: Subject) -> dict[str, Any]:
    """The fields of a subject by name, as they are: what a template reads."""
    return {field.name: getattr(subject, field.name) for field in fields(subject)}
