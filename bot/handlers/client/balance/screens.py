"""What the screens of the balance show."""

from dataclasses import dataclass

from bot.handlers.common.menu_buttons import Rows


@dataclass(frozen=True, slots=True)
class BalanceClosed:
    """The balance is not for this person; `menu`: what is."""

    approves: bool
    menu: Rows
