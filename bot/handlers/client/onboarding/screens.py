"""What acquaintance, help and the settings show."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.clients.models import Company, Seller
from bot.handlers.common.menu_buttons import Rows
from bot.tickets.life.at_work import Opening


@dataclass(frozen=True, slots=True)
class ConsentAsked:
    """Who asks; None before the seller's requisites are there."""

    seller: Seller | None


@dataclass(frozen=True, slots=True)
class WithoutConsent:
    """How to reach us without an account of ours."""

    seller: Seller | None
    menu: Rows


@dataclass(frozen=True, slots=True)
class StrangerHeard:
    """What a stranger said went to people; when they are there."""

    appeal_id: int
    hours: Opening


@dataclass(frozen=True, slots=True)
class Welcome:
    """A person recognised, and whom they speak for."""

    name: str
    companies: Sequence[str]
    staff: bool
    menu: Rows


@dataclass(frozen=True, slots=True, kw_only=True)
class Help:
    """What the bot can do for a person of these rights, and how to reach people without it."""

    seller: Seller | None
    staff: bool
    office: bool
    manager: bool
    admin: bool
    client: bool
    money: bool
    approves: bool
    owner: bool
    menu: Rows


@dataclass(frozen=True, slots=True)
class UnknownCommand:
    """A command as it was typed, and what there is instead."""

    command: str
    menu: Rows


@dataclass(frozen=True, slots=True)
class OwnSettings:
    """A person's settings; `companies`: those they own."""

    consent: bool
    staff: bool
    companies: Sequence[Company]
