"""Which phone calls become labour (R5.8)."""

from enum import StrEnum


class CallPurpose(StrEnum):
    """What a call was about, as the telephony or whoever listened to it says."""

    WORK = "work"
    INTERNAL = "internal"
    SALES = "sales"
    COMPLAINT = "complaint"  # about a bill


class CallState(StrEnum):
    """Where a call stands: short, unbilled and dropped cost nothing; an unclear one waits for a dispatcher."""

    SHORT = "short"
    UNBILLED = "unbilled"
    UNCLEAR = "unclear"
    DRAFT = "draft"
    CONFIRMED = "confirmed"
    DROPPED = "dropped"


def first_state(answered: bool, seconds: int, purpose: CallPurpose, companies: int, over_seconds: int) -> CallState:
    """Where a call begins: a draft when it was answered, was longer than `over_seconds`, was about work and its number
    belongs to one company; unclear when the number belongs to none or to several (R5.8)."""
    if not answered or seconds <= over_seconds:
        return CallState.SHORT
    if purpose is not CallPurpose.WORK:
        return CallState.UNBILLED
    return CallState.DRAFT if companies == 1 else CallState.UNCLEAR


def minutes_of_call(seconds: int) -> int:
    """Minutes to book: a begun one is a whole one."""
    return -(-seconds // 60)
