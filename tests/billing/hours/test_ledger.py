"""The ledger of a pool: what each operation does, what is refused, and that nothing is lost."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from bot.billing.hours.ledger import (
    Balance,
    LedgerEntry,
    LedgerError,
    Operation,
    OverdrawnError,
    add,
    balance,
    held_for,
    to_expire,
)

GRANT, HOLD, CONSUME = Operation.GRANT, Operation.HOLD, Operation.CONSUME
RELEASE, EXPIRE, REVERSE = Operation.RELEASE, Operation.EXPIRE, Operation.REVERSE


def test_a_job_from_hold_to_acceptance() -> None:
    entries = [LedgerEntry("1", GRANT, 600), LedgerEntry("2", HOLD, 60, "T1"), LedgerEntry("3", HOLD, 30, "T2")]
    assert balance(entries) == Balance(granted=600, held=90)
    assert balance(entries).available == 510
    done = [*entries, LedgerEntry("4", CONSUME, 45, "T1"), LedgerEntry("5", RELEASE, held_for(entries, "T1"), "T1")]
    after = balance(done)
    assert (after.held, after.consumed, after.available, after.left) == (30, 45, 525, 555)
    assert (held_for(done, "T1"), held_for(done, "T2")) == (0, 30)


def test_a_reversal_undoes_one_entry_whole_and_once() -> None:
    entries = [
        LedgerEntry("1", GRANT, 600),
        LedgerEntry("2", CONSUME, 45, "T1"),
        LedgerEntry("3", REVERSE, 45, reverses="2"),
    ]
    assert balance(entries) == Balance(granted=600)
    held = [LedgerEntry("1", GRANT, 60), LedgerEntry("2", HOLD, 60, "T1"), LedgerEntry("3", REVERSE, 60, reverses="2")]
    assert (balance(held).held, held_for(held, "T1")) == (0, 0)
    released = [*held[:2], LedgerEntry("r", RELEASE, 60, "T1"), LedgerEntry("x", REVERSE, 60, reverses="r")]
    assert held_for(released, "T1") == 60


@pytest.mark.parametrize(
    ("entry", "reason"),
    [
        (LedgerEntry("9", HOLD, 0, "T1"), "9: amount must be positive"),
        (LedgerEntry("9", HOLD, -5, "T1"), "9: amount must be positive"),
        (LedgerEntry("1", HOLD, 5, "T1"), "1: given twice"),
        (LedgerEntry("9", RELEASE, 61, "T1"), "9: releases more than T1 holds"),
        (LedgerEntry("9", RELEASE, 1, "T2"), "9: releases more than T2 holds"),
        (LedgerEntry("9", REVERSE, 60), "9: reverses no entry of this pool"),
        (LedgerEntry("9", REVERSE, 60, reverses="8"), "9: reverses no entry of this pool"),
        (LedgerEntry("9", REVERSE, 59, reverses="2"), "9: 2 is reversed once and whole"),
        (LedgerEntry("9", REVERSE, 20, reverses="3"), "9: 3 is reversed once and whole"),
        (LedgerEntry("9", REVERSE, 20, reverses="4"), "9: reverses no entry of this pool"),
    ],
)
def test_an_entry_that_makes_no_sense_is_refused(entry: LedgerEntry, reason: str) -> None:
    entries = [
        LedgerEntry("1", GRANT, 600),
        LedgerEntry("2", HOLD, 60, "T1"),
        LedgerEntry("3", CONSUME, 20, "T1"),
        LedgerEntry("4", REVERSE, 20, reverses="3"),
    ]
    with pytest.raises(LedgerError, match=reason):
        add(entries, entry)


@pytest.mark.parametrize("operation", [HOLD, CONSUME, EXPIRE])
def test_a_pool_never_falls_below_its_overrun_cap(operation: Operation) -> None:
    granted = [LedgerEntry("1", GRANT, 105)]
    assert add(granted, LedgerEntry("2", operation, 105, "T")).available == 0
    with pytest.raises(OverdrawnError, match="2: -1 left"):
        add(granted, LedgerEntry("2", operation, 106, "T"))
    assert add(granted, LedgerEntry("2", operation, 115, "T"), overrun_bp=1000).available == -10
    with pytest.raises(OverdrawnError):
        add(granted, LedgerEntry("2", operation, 116, "T"), overrun_bp=1000)


def test_the_overrun_cap_is_rounded_down() -> None:
    assert [Balance(granted=granted).overrun_cap(1000) for granted in (9, 10, 19, 20)] == [0, 1, 1, 2]


def test_an_overdrawn_pool_still_takes_what_makes_it_better() -> None:
    overdrawn = [LedgerEntry("1", GRANT, 10), LedgerEntry("2", CONSUME, 15, "T")]
    assert add(overdrawn, LedgerEntry("3", GRANT, 1)).available == -4
    with pytest.raises(OverdrawnError):
        add(overdrawn, LedgerEntry("3", HOLD, 1, "T"))


def test_what_expires_is_what_is_free() -> None:
    entries = [LedgerEntry("1", GRANT, 100), LedgerEntry("2", HOLD, 30, "T"), LedgerEntry("3", CONSUME, 20, "U")]
    assert to_expire(balance(entries)) == 50
    assert balance([*entries, LedgerEntry("4", EXPIRE, 50)]).available == 0
    assert to_expire(balance([LedgerEntry("1", GRANT, 10), LedgerEntry("2", CONSUME, 15)])) == 0


class Pool(RuleBasedStateMachine):
    """Random operations beside a plain count of each minute's place."""

    def __init__(self) -> None:
        super().__init__()
        self.entries: list[LedgerEntry] = []
        self.places = dict.fromkeys(("free", "consumed", "expired"), 0)
        self.jobs = {"T1": 0, "T2": 0}

    def add(self, operation: Operation, amount: int, job: str | None = None, reverses: str | None = None) -> bool:
        entry = LedgerEntry(str(len(self.entries)), operation, amount, job, reverses)
        try:
            add(self.entries, entry)
        except LedgerError:
            return False
        self.entries.append(entry)
        return True

    @rule(amount=st.integers(1, 100))
    def grant(self, amount: int) -> None:
        assert self.add(GRANT, amount)
        self.places["free"] += amount

    @rule(amount=st.integers(1, 100), job=st.sampled_from(["T1", "T2"]))
    def hold(self, amount: int, job: str) -> None:
        fits = amount <= self.places["free"]
        assert self.add(HOLD, amount, job) is fits
        if fits:
            self.places["free"] -= amount
            self.jobs[job] += amount

    @rule(amount=st.integers(1, 100), job=st.sampled_from(["T1", "T2"]))
    def release(self, amount: int, job: str) -> None:
        fits = amount <= self.jobs[job]
        assert self.add(RELEASE, amount, job) is fits
        if fits:
            self.places["free"] += amount
            self.jobs[job] -= amount

    @rule(amount=st.integers(1, 100), operation=st.sampled_from([CONSUME, EXPIRE]))
    def take(self, amount: int, operation: Operation) -> None:
        fits = amount <= self.places["free"]
        assert self.add(operation, amount, "T1") is fits
        if fits:
            self.places["free"] -= amount
            self.places["consumed" if operation is CONSUME else "expired"] += amount

    @precondition(lambda self: any(entry.operation is CONSUME for entry in self.entries))
    @rule(data=st.data())
    def reverse(self, data: st.DataObject) -> None:
        target = data.draw(st.sampled_from([entry for entry in self.entries if entry.operation is CONSUME]))
        before = any(entry.reverses == target.id for entry in self.entries)
        assert self.add(REVERSE, target.amount, reverses=target.id) is not before
        if not before:
            self.places["consumed"] -= target.amount
            self.places["free"] += target.amount

    @invariant()
    def the_balance_is_the_sum_of_the_entries(self) -> None:
        found = balance(self.entries)
        assert found.available == self.places["free"] >= 0
        assert (found.consumed, found.expired) == (self.places["consumed"], self.places["expired"])
        assert found.held == sum(self.jobs.values())
        assert found.granted == sum(self.places.values()) + sum(self.jobs.values())
        for job, held in self.jobs.items():
            assert held_for(self.entries, job) == held


TestPool = Pool.TestCase


@given(st.lists(st.integers(1, 100), min_size=1), st.integers(0, 5000))
def test_consuming_until_refused_ends_exactly_at_the_cap(grants: list[int], overrun_bp: int) -> None:
    entries = [LedgerEntry(f"g{place}", GRANT, amount) for place, amount in enumerate(grants)]
    room = sum(grants) + sum(grants) * overrun_bp // 10_000
    assert add(entries, LedgerEntry("c", CONSUME, room), overrun_bp).available == sum(grants) - room
    with pytest.raises(OverdrawnError):
        add(entries, LedgerEntry("c", CONSUME, room + 1), overrun_bp)
