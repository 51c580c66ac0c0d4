"""Operations on a pool and the balance they add up to (R4.3). Entries are only ever added."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from bot.sums.vat import WHOLE


class Operation(StrEnum):
    """What an entry does to its pool."""

    GRANT = "grant"
    HOLD = "hold"
    CONSUME = "consume"
    RELEASE = "release"
    EXPIRE = "expire"
    REVERSE = "reverse"


class LedgerError(ValueError):
    """An entry that the pool's rules don't allow."""


class OverdrawnError(LedgerError):
    """The pool would fall below its overrun cap."""


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """One operation on one pool; `amount` is positive, its sign follows the operation.

    `job` names what a HOLD is for, and its RELEASE and CONSUME; `reverses` the entry that a REVERSE undoes.
    """

    id: str
    operation: Operation
    amount: int
    job: str | None = None
    reverses: str | None = None


@dataclass(frozen=True, slots=True)
class Balance:
    """Sums of a pool's entries, reversals taken off."""

    granted: int = 0
    held: int = 0
    consumed: int = 0
    expired: int = 0

    @property
    def available(self) -> int:
        """What may be held or consumed without overrun; negative inside an overrun."""
        return self.granted - self.consumed - self.expired - self.held

    @property
    def left(self) -> int:
        """What is not consumed nor expired, held or not: what «Мой баланс» shows."""
        return self.granted - self.consumed - self.expired

    def overrun_cap(self, overrun_bp: int) -> int:
        """Return how far below zero the pool may go: a share of what was granted, rounded down (R4.7)."""
        return self.granted * overrun_bp // WHOLE


def balance(entries: Iterable[LedgerEntry]) -> Balance:
    """Add up a pool's entries (R4.3).

    Raises LedgerError for an amount that is not positive, an id given twice, a reversal of nothing, of a reversal, of
    another amount or given twice, or a release of more than the job holds.
    """
    known: dict[str, LedgerEntry] = {}
    undone: set[str] = set()
    total = Balance()
    held: dict[str | None, int] = {}
    for entry in entries:
        effect = _effect(entry, known, undone)
        sign = 1 if entry.operation is not Operation.REVERSE else -1
        total = _moved(total, effect, sign * effect.amount)
        if effect.operation in (Operation.HOLD, Operation.RELEASE):
            holds = effect.operation is Operation.HOLD
            held[effect.job] = held.get(effect.job, 0) + sign * (effect.amount if holds else -effect.amount)
            if held[effect.job] < 0:
                raise LedgerError(f"{entry.id}: releases more than {effect.job} holds")
        known[entry.id] = entry
    return total


def add(entries: Sequence[LedgerEntry], entry: LedgerEntry, overrun_bp: int = 0) -> Balance:
    """Return the balance with one more entry, if the invariant still holds (R4.3).

    granted − consumed − expired − held ≥ −overrun cap. Raises OverdrawnError, LedgerError.
    """
    before = balance(entries)
    after = balance([*entries, entry])
    worse = after.available < before.available
    if worse and after.available < -after.overrun_cap(overrun_bp):
        raise OverdrawnError(f"{entry.id}: {after.available} left")
    return after


def held_for(entries: Iterable[LedgerEntry], job: str) -> int:
    """Return what the pool still holds for a job: what a CONSUME of that job has to release."""
    mine: list[LedgerEntry] = []
    for entry in entries:
        if entry.job == job or (entry.reverses is not None and any(each.id == entry.reverses for each in mine)):
            mine.append(entry)
    return balance(mine).held


def to_expire(sums: Balance) -> int:
    """Return what expires when the pool ends: what is available then; held minutes stay with their jobs."""
    return max(sums.available, 0)


def _effect(entry: LedgerEntry, known: dict[str, LedgerEntry], undone: set[str]) -> LedgerEntry:
    """Return the entry whose effect is added, or taken off by a reversal."""
    if entry.amount <= 0:
        raise LedgerError(f"{entry.id}: amount must be positive")
    if entry.id in known:
        raise LedgerError(f"{entry.id}: given twice")
    if entry.operation is not Operation.REVERSE:
        return entry
    target = known.get(entry.reverses or "")
    if target is None or target.operation is Operation.REVERSE:
        raise LedgerError(f"{entry.id}: reverses no entry of this pool")
    if target.id in undone or target.amount != entry.amount:
        raise LedgerError(f"{entry.id}: {target.id} is reversed once and whole")
    undone.add(target.id)
    return target


def _moved(total: Balance, effect: LedgerEntry, amount: int) -> Balance:
    match effect.operation:
        case Operation.GRANT:
            return replace(total, granted=total.granted + amount)
        case Operation.HOLD:
            return replace(total, held=total.held + amount)
        case Operation.RELEASE:
            return replace(total, held=total.held - amount)
        case Operation.CONSUME:
            return replace(total, consumed=total.consumed + amount)
        case _:
            return replace(total, expired=total.expired + amount)
