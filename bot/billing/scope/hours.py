"""What the pools of a contract cover of one piece of work (R4 within R3)."""

from dataclasses import dataclass, replace

from bot.billing.hours.draw import Draw, PoolToDraw, draw, merged
from bot.billing.hours.units import POINTS, ROUBLES, TICKETS, VISITS
from bot.billing.scope.input import AskedObject, ContractTerms, PoolTerms, ScopeRequest
from bot.sums.exact import up_to_step


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

    def worth(self, point: int | None) -> int:
        """Kopecks that the covered roubles or points pay."""
        return self.amount * (point or 0) if self.unit == POINTS else self.amount


def unit_of(contract: ContractTerms, request: ScopeRequest, wanted: AskedObject) -> str | None:
    """The unit of the pools that this work is drawn from, None without any. Visits pay the way, never the work."""
    return next((terms.pool.unit for terms in _serving(contract, request, wanted)), None)


def cover(
    contract: ContractTerms, request: ScopeRequest, wanted: AskedObject, price: int | None = None
) -> Cover | None:
    """Return what the contract's pools cover, None when the need isn't known (R3.3).

    Pools of time are drawn by minutes, pools of tickets by one ticket a job, pools of roubles and points by the `price`
    of the work in kopecks; a contract has pools of one unit. An emergency draws like any other work. Overrun comes
    last, pool by pool in the same order (R4.7). Without a pool for this work nothing is needed of any. Raises
    ValueError for pools of different units.
    """
    fitting = _serving(contract, request, wanted)
    if not fitting:
        return Cover()
    unit = fitting[0].pool.unit
    need = _need(unit, contract, request, price)
    if need is None:
        return None
    on, order = request.work_date, contract.draw_order
    draws, left = draw(need, [terms.pool for terms in fitting], on, order)
    beyond = [_overrun_of(terms.pool, terms.overrun) for terms in fitting]
    more, uncovered = draw(left, beyond, on, order)
    amount = need - uncovered
    return Cover(need, amount, left - uncovered, unit, tuple(merged([*draws, *more])))


def visit_of(contract: ContractTerms, request: ScopeRequest, wanted: AskedObject) -> Draw | None:
    """The included visit that pays the way, None when there is none left on the day of the work (R5.6)."""
    fitting = [
        terms.pool
        for terms in contract.pools
        if terms.pool.unit == VISITS and terms.pool.serves(wanted.id, request.work_type)
    ]
    draws, _ = draw(1, fitting, request.work_date, contract.draw_order)
    return draws[0] if draws else None


def points(kopecks: int, point: int) -> int:
    """Points for a sum: a begun point is a whole one. Raises ValueError for a point worth nothing."""
    return up_to_step(kopecks, point) // point


def _serving(contract: ContractTerms, request: ScopeRequest, wanted: AskedObject) -> list[PoolTerms]:
    return [
        terms
        for terms in contract.pools
        if terms.pool.unit != VISITS and terms.pool.serves(wanted.id, request.work_type)
    ]


def _need(unit: str, contract: ContractTerms, request: ScopeRequest, price: int | None) -> int | None:
    if unit == TICKETS:
        return 1
    if unit == ROUBLES:
        return price
    if unit == POINTS:
        return None if price is None or contract.point is None else points(price, contract.point)
    return request.minutes


def _overrun_of(pool: PoolToDraw, overrun: int) -> PoolToDraw:
    return replace(pool, available=overrun)
