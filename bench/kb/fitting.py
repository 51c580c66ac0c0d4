"""Sign-bounded models: a conditional logit over candidates, and logistic regression."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from bench.kb.examples import Example

Array = NDArray[np.float64]
Bounds = Sequence[tuple[float | None, float | None]]


def fit_rank(
    examples: Sequence[Example], columns: Sequence[int], bounds: Bounds, prior: Array, strength: float, fixed: Array
) -> Array:
    """Weights of `columns` that make the right candidates likely; `fixed` weighs all columns and is added as it is.

    `strength` is the L2 pull towards `prior`, per unit of total weight of the examples.
    """
    used = [example for example in examples if example.right.any()]
    table = np.concatenate([example.table[:, columns] for example in used]).astype(np.float64)
    offset = np.concatenate([example.table @ fixed for example in used])
    right = np.concatenate([example.right for example in used])
    firsts = np.concatenate([[0], np.cumsum([len(example.table) for example in used])[:-1]])
    counts = np.array([len(example.table) for example in used])
    share = np.array([example.share for example in used])
    owner = np.repeat(np.arange(len(used)), counts)
    total = share.sum()

    def loss(weights: Array) -> tuple[float, Array]:
        scores = table @ weights + offset
        scores -= np.maximum.reduceat(scores, firsts)[owner]
        powers = np.exp(scores)
        everything = np.add.reduceat(powers, firsts)
        wanted = np.add.reduceat(powers * right, firsts)
        value = -(share * np.log(wanted / everything)).sum() / total
        slope = powers / everything[owner] - powers * right / wanted[owner]
        gradient = table.T @ (slope * share[owner]) / total
        gap = weights - prior
        return float(value + strength / 2 * gap @ gap), gradient + strength * gap

    start = prior.copy()
    result = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds, options={"maxiter": 500})
    return np.asarray(result.x, dtype=np.float64)


def fit_logistic(values: Array, answers: Array, share: Array, bounds: Bounds, strength: float) -> tuple[Array, float]:
    """Weights (within bounds) and bias of a logistic model of `answers` (0 or 1)."""
    total = share.sum()

    def loss(weights: Array) -> tuple[float, Array]:
        odds = values @ weights[:-1] + weights[-1]
        value = (share * (np.logaddexp(0.0, odds) - answers * odds)).sum() / total
        slope = share * (1.0 / (1.0 + np.exp(-odds)) - answers) / total
        gradient = np.concatenate([values.T @ slope + strength * weights[:-1], [slope.sum()]])
        return float(value + strength / 2 * weights[:-1] @ weights[:-1]), gradient

    start = np.zeros(values.shape[1] + 1)
    result = minimize(
        loss, start, jac=True, method="L-BFGS-B", bounds=[*bounds, (None, None)], options={"maxiter": 500}
    )
    return np.asarray(result.x[:-1]), float(result.x[-1])
