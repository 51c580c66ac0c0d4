"""Which calls become labour (R5.8)."""

import pytest

from bot.billing.work.phone_calls import CallPurpose, CallState, first_state, minutes_of_call


@pytest.mark.parametrize(
    ("answered", "seconds", "purpose", "companies", "state"),
    [
        (True, 61, CallPurpose.WORK, 1, CallState.DRAFT),
        (True, 60, CallPurpose.WORK, 1, CallState.SHORT),
        (False, 600, CallPurpose.WORK, 1, CallState.SHORT),
        (True, 600, CallPurpose.INTERNAL, 1, CallState.UNBILLED),
        (True, 600, CallPurpose.SALES, 0, CallState.UNBILLED),
        (True, 600, CallPurpose.COMPLAINT, 1, CallState.UNBILLED),
        (True, 600, CallPurpose.WORK, 0, CallState.UNCLEAR),
        (True, 600, CallPurpose.WORK, 2, CallState.UNCLEAR),
    ],
)
def test_r5_8_longer_than_a_minute_answered_about_work_and_of_one_client(
    answered: bool, seconds: int, purpose: CallPurpose, companies: int, state: CallState
) -> None:
    assert first_state(answered, seconds, purpose, companies, 60) is state


@pytest.mark.parametrize(("seconds", "minutes"), [(61, 2), (120, 2), (121, 3)])
def test_a_begun_minute_is_a_whole_one(seconds: int, minutes: int) -> None:
    assert minutes_of_call(seconds) == minutes
