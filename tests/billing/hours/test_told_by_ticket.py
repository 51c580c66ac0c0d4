"""What a client reads of a pool: a line for each draw of a ticket, none for a hold that was let go."""

from collections.abc import Sequence

import pytest

from bot.billing.hours.balances import EntryLine, by_ticket
from bot.billing.hours.models import EntryKind
from tests.conftest import NOON

GRANT, HOLD, CONSUME, RELEASE, REVERSE = (
    EntryKind.GRANT,
    EntryKind.HOLD,
    EntryKind.CONSUME,
    EntryKind.RELEASE,
    EntryKind.REVERSE,
)


def written(*entries: tuple[EntryKind, int, int | None]) -> list[EntryLine]:
    left, lines = 0, []
    for place, (kind, effect, ticket) in enumerate(entries):
        left += effect
        lines.append(EntryLine(place, kind, effect, left, ticket, None, NOON, None))
    return lines


@pytest.mark.parametrize(
    ("entries", "told"),
    [
        (
            [(GRANT, 600, None), (HOLD, -60, 1), (HOLD, -30, 2), (RELEASE, 60, 1), (CONSUME, -45, 1)],
            [(GRANT, 600, 600, None), (HOLD, -30, 570, 2), (CONSUME, -45, 525, 1)],
        ),
        (
            [(GRANT, 600, None), (HOLD, -60, 1), (RELEASE, 60, 1)],
            [(GRANT, 600, 600, None)],
        ),
        (
            [(GRANT, 600, None), (HOLD, -60, 1), (CONSUME, -30, 1), (RELEASE, 30, 1), (REVERSE, 30, 1)],
            [(GRANT, 600, 600, None), (CONSUME, -30, 570, 1), (HOLD, -30, 540, 1), (REVERSE, 30, 570, 1)],
        ),
        ([], []),
    ],
)
def test_what_was_let_go_is_not_told_and_the_balance_runs_on(
    entries: Sequence[tuple[EntryKind, int, int | None]], told: Sequence[tuple[EntryKind, int, int, int | None]]
) -> None:
    lines = by_ticket(written(*entries))
    assert [(each.kind, each.effect, each.balance, each.ticket_id) for each in lines] == told
    assert sum(each.effect for each in lines) == sum(effect for _, effect, _ in entries)
