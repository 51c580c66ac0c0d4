"""Errors that a person can cause."""

from typing import Any, ClassVar


class Refusal(Exception):
    """A polite no: `key` is the label that tells the person why, `values` fill it in.

    Raised before anything is changed; whoever speaks to the person catches it.
    """

    key: ClassVar[str] = "refusal.not_now"

    def __init__(self, **values: Any) -> None:
        super().__init__(self.key)
        self.values = values


class NotAllowed(Refusal):
    """The person lacks the right, at this moment (R2.4)."""

    key = "refusal.not_allowed"


class Outdated(Refusal):
    """What the button spoke of has changed since."""

    key = "refusal.outdated"


class NotFound(Refusal):
    """It does not exist, or not for this person: the two look alike on purpose."""

    key = "refusal.not_found"
