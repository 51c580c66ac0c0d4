"""The fitted numbers: rank weights and the confidence layers, with and without the encoder."""

import json
from dataclasses import dataclass, fields
from functools import lru_cache
from importlib import resources
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bot.kb.base.postings import Floats
from bot.kb.judging.features import COLUMN, NAMES

SCOPE_NAMES = (
    "top_mean", "lead_over_20", "cover_line", "cover_any", "char_best", "sentence", "bm25", "tfidf",
    "unknown_share", "weight", "score", "size", "second_best",
)  # fmt: skip
RIGHT_NAMES = (
    "share", "share_logit", "gap", "encoder_margin", "encoder_agrees", "cover_line", "harmonic", "top_mean",
    "top_best", "length", "told_gap", "second_gap",
)  # fmt: skip
FIRST_MANY = 20


@dataclass(frozen=True, slots=True)
class Logistic:
    """A probability from numbers."""

    weights: Floats
    bias: float

    def probability(self, values: Floats) -> float:
        """1 / (1 + exp(−(weights · values + bias)))."""
        return float(1.0 / (1.0 + np.exp(-np.clip(self.weights @ values + self.bias, -30, 30))))


@dataclass(frozen=True, slots=True)
class Model:
    """One set of fitted numbers."""

    rank: Floats
    scope: Logistic
    right: Logistic
    joined: Logistic


def rank_scores(table: NDArray[np.float32], model: Model) -> NDArray[np.float32]:
    """Scores of candidates: larger is likelier; differences are log odds between candidates."""
    scores: NDArray[np.float32] = table @ model.rank
    return scores


def shares(scores: NDArray[np.float32]) -> NDArray[np.float64]:
    """Softmax over the candidates."""
    powers = np.exp(scores.astype(np.float64) - float(scores.max()))
    result: NDArray[np.float64] = powers / powers.sum()
    return result


def scope_values(
    table: NDArray[np.float32],
    scores: NDArray[np.float32],
    order: NDArray[np.intp],
    unknown: float,
    weight: float,
    articles: int,
) -> Floats:
    """Numbers about a line that say whether anything answers it, in the order of SCOPE_NAMES. `articles`: how many the
    base has; among more of them something like the line is found sooner."""

    def top(name: str) -> float:
        return float(table[:, COLUMN[name]].max())

    best = np.sort(table[:, COLUMN["enc_best"]])[::-1][:FIRST_MANY]
    return np.array(
        [
            top("enc_mean"),
            float(best[0] - best.mean()),
            top("cover_line"),
            top("cover_any"),
            top("char_best"),
            top("enc_sentence"),
            top("bm25_damped"),
            top("tfidf_article"),
            unknown,
            np.log1p(weight),
            float(scores[order[0]]) / 10,
            np.log10(articles),
            top("e5_best"),
        ],
        dtype=np.float32,
    )


def right_values(
    table: NDArray[np.float32], scores: NDArray[np.float32], order: NDArray[np.intp], length: int
) -> Floats:
    """Numbers that say whether the first candidate is the right one, in the order of RIGHT_NAMES."""
    first = order[0]
    share = float(shares(scores)[first])
    gap = float(scores[first] - scores[order[1]]) if len(order) > 1 else 10.0
    means = np.sort(table[:, COLUMN["enc_mean"]])[::-1]
    return np.array(
        [
            share,
            float(np.clip(np.log((share + 1e-4) / (1 - share + 1e-4)), -6, 6)),
            min(gap, 10.0),
            float(means[0] - means[1]) if len(means) > 1 else 0.5,
            float(table[:, COLUMN["enc_mean"]].argmax() == first and means[0] > 0),
            float(table[first, COLUMN["cover_line"]]),
            float(table[first, COLUMN["harmonic"]]),
            float(table[first, COLUMN["enc_mean"]]),
            float(table[first, COLUMN["enc_best"]]),
            float(np.log1p(length)),
            _lead(table[:, COLUMN["enc_told"]], first),
            _lead(table[:, COLUMN["e5_told"]], first),
        ],
        dtype=np.float32,
    )


def _lead(values: Floats, first: np.intp) -> float:
    """How far the first candidate is before the best of the others by one number; negative behind it."""
    others = np.delete(values, first)
    return float(values[first] - others.max()) if len(others) else 0.5


def joined_values(scope: float, right: float) -> Floats:
    """Numbers of the last layer: the odds of both and their product."""
    return np.array([_logit(scope), _logit(right), _logit(scope * right)], dtype=np.float32)


def _logit(p: float) -> float:
    p = min(max(p, 1e-6), 1 - 1e-6)
    return float(np.log(p / (1 - p)))


@dataclass(frozen=True, slots=True)
class Models:
    """What is shipped in `data/weights.json`: for lines seen by one encoder, by words alone, and by both encoders."""

    full: Model
    lexical: Model
    second: Model


def read_model(data: dict[str, Any]) -> Model:
    """A model from its JSON form; names not given weigh nothing."""

    def logistic(part: dict[str, Any], names: tuple[str, ...]) -> Logistic:
        weights = np.array([part["weights"].get(name, 0.0) for name in names], dtype=np.float32)
        return Logistic(weights, float(part["bias"]))

    return Model(
        rank=np.array([data["rank"].get(name, 0.0) for name in NAMES], dtype=np.float32),
        scope=logistic(data["scope"], SCOPE_NAMES),
        right=logistic(data["right"], RIGHT_NAMES),
        joined=logistic(data["joined"], ("scope", "right", "both")),
    )


@lru_cache(maxsize=1)
def shipped_models() -> Models:
    """The models that come with the bot."""
    data = json.loads(resources.files("bot.kb").joinpath("data/weights.json").read_text("utf-8"))
    return read_models(data)


def read_models(data: dict[str, Any]) -> Models:
    """All models from their JSON form."""
    return Models(**{part.name: read_model(data[part.name]) for part in fields(Models)})
