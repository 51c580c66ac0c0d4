"""What the search says about a line."""

from dataclasses import dataclass, field
from typing import Literal

Decision = Literal["answer", "suggest", "none"]


@dataclass(frozen=True, slots=True)
class Hit:
    """An article and the probability that it is the right answer."""

    id: str
    score: float


@dataclass(frozen=True, slots=True)
class Thresholds:
    """From which probabilities one article is shown (`answer`: of being right) or several (`suggest`: of any)."""

    answer: float = 0.82
    suggest: float = 0.50


@dataclass(frozen=True, slots=True)
class Context:
    """What is known of the client: kinds and models of their equipment, lower case."""

    kinds: frozenset[str] = field(default_factory=frozenset)


@dataclass(frozen=True, slots=True)
class Reading:
    """The line, how it was read if differently, the decision, the probability that any article answers, up to ten
    articles, and what each feature added (`rank.*` in log odds, `scope.*` and `right.*` likewise, `right`: 0 to 1).

    `beside`: what was found that is no article, on the articles' scale (see `beside.apart`). `parts`: what was made of
    each problem of a line that tells of several."""

    query: str
    read_as: str | None
    decision: Decision
    in_scope: float
    hits: tuple[Hit, ...]
    explanation: dict[str, float]
    beside: tuple[Hit, ...] = ()
    parts: tuple["Reading", ...] = ()
