"""What the pools of a contract cover of one piece of work (R4 within R3)."""

from dataclasses import dataclass, replace

from bot.billing.pools import Draw, Pool, draw, merged
from bot.billing.scope_input import ContractTerms, ScopeRequest, ServiceObject


@dataclass(frozen=True, slots=True)
class Cover:
    """What is needed and covered, in the pools' unit; `overrun` of it beyond what the pools hold."""

    need: int = 0
    amount: int = 0
    overrun: int = 0
    unit: str = "minutes"
    draws: tuple[Draw, ...] = ()

    @property
    def uncovered(self) -> int:
        """What no pool covers."""
        return self.need - self.amount


def cover(contract: ContractTerms, request: ScopeRequest, wanted: ServiceObject) -> Cover | None:
    """Return what the contract's pools cover, None when the need isn't known (R3.3).

    Pools of time are drawn by minutes, pools of tickets by one ticket a job; a contract has pools of one unit. An
    emergency draws like any other work. Overrun comes last, pool by pool in the same order (R4.7). Without a pool for
    this work nothing is needed of any. Raises ValueError for pools of different units.
    """
    fitting = [terms for terms in contract.pools if terms.pool.serves(wanted.id, request.work_type)]
    if not fitting:
        return Cover()
    unit = fitting[0].pool.unit
    need = 1 if unit == "tickets" else request.minutes
    if need is None:
        return None
    on, order = request.work_date, contract.draw_order
    draws, left = draw(need, [terms.pool for terms in fitting], on, order)
    beyond = [_overrun_of(terms.pool, terms.overrun) for terms in fitting]
    more, uncovered = draw(left, beyond, on, order)
    amount = need - uncovered
    return Cover(need, amount, left - uncovered, unit, tuple(merged([*draws, *more])))


def _overrun_of(pool: Pool, overrun: int) -> Pool:
    return replace(pool, available=overrun)
