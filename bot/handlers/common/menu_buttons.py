"""The menu below the input field: what each role has at hand, as rows of label keys."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from bot.clients.identification.identity import Visitor
from bot.clients.rights import MANAGERS, OFFICE
from bot.messaging.notices.subjects import Nothing
from bot.telegram.showing.keyboards import Markup, ReplyKeyboard, buttons

Rows = Sequence[Sequence[str]]


class WithMenu(Protocol):
    """A subject below whose text the menu stands."""

    @property
    def menu(self) -> Rows: ...


_CLIENT: Rows = (("menu.new_ticket", "menu.ask"), ("menu.tickets", "menu.tariffs"))
_STRANGER: Rows = (("menu.ask", "menu.human"), ("menu.tariffs", "menu.settings"))
WITH_PHONE: Rows = (("menu.share_phone",), *_STRANGER)
_ENGINEER: Rows = (("menu.jobs", "menu.ask"),)
_OFFICE: Rows = (("menu.jobs", "menu.triage"), ("menu.articles", "menu.gaps"))
_MANAGER: Rows = (("menu.people", "menu.clients"), ("menu.invoices", "menu.settings"))


@dataclass(frozen=True, slots=True)
class Menu:
    """What a person has at hand."""

    menu: Rows


def menu_of(visitor: Visitor) -> Rows:
    """Staff's rows first, then a client's; a person nobody knows yet has questions, tariffs and «Человек» (R1.7).

    What one may not open isn't there: «Баланс» is for finance and owners, «Согласования» for approvers (R2.3).
    """
    rows: list[Sequence[str]] = []
    if visitor.is_staff:
        rows += _OFFICE if OFFICE & visitor.staff_roles else _ENGINEER
        rows += _client(visitor) if visitor.is_client else ()
        return [*rows, *(_MANAGER if MANAGERS & visitor.staff_roles else [("menu.settings",)])]
    return [*_client(visitor), ("menu.settings",)] if visitor.is_client else _STRANGER


def _client(visitor: Visitor) -> Rows:
    money = [("menu.balance", "menu.documents")] if visitor.sees_money else []
    return [*_CLIENT, *money, [*(["menu.approvals"] if visitor.approves else []), "menu.human"]]


@buttons(
    "menu/home",
    "menu/help",
    "menu/unknown_command",
    "kb/none_for_staff",
    "balance/closed",
    "onboarding/welcome",
    "onboarding/no_consent",
    "onboarding/stranger",
    "settings/withdrawn",
)
def below(_lang: str, under: WithMenu) -> Markup:
    return ReplyKeyboard(under.menu)


@buttons("onboarding/phone")
def phone(_lang: str, _shown: Nothing) -> Markup:
    """The button that sends the own number; the rest of the menu stays within reach (R1.7)."""
    return ReplyKeyboard(WITH_PHONE, contact="menu.share_phone")
