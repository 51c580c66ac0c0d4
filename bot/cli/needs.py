"""What a close needs and doesn't have, for who reads a terminal."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.billing.seller.needs import Need


def needs_in_words(needs: "Sequence[Need]") -> str:
    """What is missing or wrong, each with the command that mends it."""
    return "; ".join(label_of(need) for need in needs) + f" (mend: {mend_of(needs)})"


def label_of(need: "Need") -> str:
    """One of them in words."""
    from bot.messaging.notices.texts import label

    return label(need.key, "en")


def mend_of(needs: "Sequence[Need]") -> str:
    """The command that fills in what is needed."""
    if any(need.field == "seller" for need in needs):
        return "python -m bot init"
    return " ".join(["python -m bot init", *(f"{need.option} …" for need in needs)])
