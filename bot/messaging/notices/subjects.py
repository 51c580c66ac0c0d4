"""Subjects of templates: a frozen dataclass each, named at the template's head as `{# QuoteCard #}`."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from bot.db.unit_of_work import NOTHING, Nothing, Subject

__all__ = ["ABOUT_TICKET", "NOTHING", "Nothing", "RefusalSaid", "Subject", "about_of", "values_of"]


@dataclass(frozen=True, slots=True)
class RefusalSaid:
    """Why an act was not done: a label's key with its values."""

    key: str
    values: Mapping[str, object]


ABOUT_TICKET = "ticket:"  # begins what a reply is about, and keys of cards and topics


def about_of(subject: Subject) -> str | None:
    """What a reply to a message that shows the subject is about: the ticket it tells of (R1.8); None for others."""
    ticket_id: int | None = getattr(subject, "ticket_id", None)
    return f"{ABOUT_TICKET}{ticket_id}" if ticket_id is not None else None


def values_of(subject: Subject) -> dict[str, Any]:
    """The fields of a subject by name, as they are: what a template reads."""
    return {field.name: getattr(subject, field.name) for field in fields(subject)}
