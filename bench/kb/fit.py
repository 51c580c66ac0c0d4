"""Fit `bot/kb/data/weights.json`: `python -m bench.kb.fit --data DIR`. The same data give the same file, byte by byte.

Each model is fitted on half of the articles and judged on the other, both ways (the figures printed); the numbers
shipped are fitted on everything. Confidence layers see scores of rank weights that never saw the line.
"""

import argparse
import json
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from bench.kb.collect import Looker, rank_examples, read_all, scope_examples
from bench.kb.examples import Example
from bench.kb.fitting import fit_logistic, fit_rank
from bench.kb.measures import auroc
from bench.kb.remembering import Remembering
from bot.kb.base.encoder import DIMENSIONS, UseEncoder, VectorCache
from bot.kb.base.second import E5_FORM, SECOND_FILE, E5Encoder
from bot.kb.index.search import UNSURE
from bot.kb.judging.features import COLUMN, ENCODER, MISMATCH, NAMES, SECOND
from bot.kb.judging.model import RIGHT_NAMES, SCOPE_NAMES, joined_values, right_values, scope_values

Array = NDArray[np.float64]
TARGET = Path(__file__).parents[2] / "bot" / "kb" / "data" / "weights.json"
FOLD_TARGET = Path(__file__).with_name("folds.json")
FOLDS = ("dev", "test")
OTHER = {"dev": "test", "test": "dev"}
Kind = Literal["full", "lexical", "second"]

# What earlier measurements on other bases came out with: weights are pulled towards it, not towards zero.
PRIOR: Mapping[str, float] = {
    "enc_told": 3.0, "enc_mean": 6.0, "enc_best": 2.6, "enc_top3": 2.4, "enc_raw": 1.4, "enc_sentence": 4.6,
    "tfidf_all": 7.7, "bm25_damped": 2.3, "bm25_article": 1.0, "char_best": 0.5, "char_mean": 1.0, "cover_line": 0.7,
    "cover_unit": 0.3,
    "harmonic": 1.0, "cover_lemma": 0.5, "cover_noun": 2.1, "cover_verb": 0.5, "cover_any": 1.5,
    "token_sort": 0.5, "kind_match": 0.5, "code_match": 1.0, "negation": -0.6, "length_ratio": -1.1,
    "kind_mismatch": -0.3,
}  # fmt: skip
# Beside the second encoder everything else weighs about half of that.
SECOND_PRIOR: Mapping[str, float] = {name: weight / 2 for name, weight in PRIOR.items()} | {
    "e5_told": 6.0, "e5_best": 3.0, "e5_mean": 5.0, "e5_top3": 4.0, "e5_asked_best": 3.0, "e5_asked_mean": 3.0,
    "e5_body": 1.0,
}  # fmt: skip
LEXICAL_PRIOR_SCALE = 1.5
# At most so much for what a body says beside its article's units: the articles fitted on were written by one hand,
# their bodies in the words of their questions, and want more of it than those of others can bear.
CAPS: Mapping[str, float] = {"enc_sentence": 4.6, "tfidf_all": 7.7, "cover_any": 1.5, "cover_body": 0.0}
PULL = 1e-3
# Shipped is the fit moved this far towards PRIOR: it costs some tenths of a point on the bases fitted on and is
# steadier on lines with slips and on bases with bodies and few ways to ask.
BLEND = 0.1
TAUGHT_BY = 25  # candidates of a line
# The second encoder is asked at the fit where PRIOR leaves the first two so close, its weights are fitted on lines that
# the first pass leaves so close: on a wider choice than it is asked in the end (UNSURE).
ASKED_BELOW, FITTED_BELOW = 4.0, 2.5
# How much each kind of base counts in the fit. Bases of bodies alone spoil it when they count for more.
MIX: Mapping[str, float] = {
    "clinc150": 0.3, "hint3_curekart": 0.3, "faq_ru": 0.4, "faq_en": 0.2, "faq_body": 0.1, "xquad_ru": 0.1,
}  # fmt: skip
# How much each kind of line without an answer counts beside the answerable ones of its base (1).
NEGATIVES: Mapping[str, float] = {"oos_label": 0.5, "removed": 0.15, "foreign": 0.2, "far": 1.2}
LOGISTIC_PULL = 1e-3
DIGITS = 4


@dataclass(frozen=True, slots=True)
class Judged:
    """A line with what the rank weights of the other fold made of it."""

    example: Example
    scope: Array
    right: Array
    first_right: bool
    share: float


def kind_of_base(source: str) -> str:
    """The part of MIX a source belongs to."""
    base, variant = source.split("/")
    return "faq_body" if base.startswith("faq_") and variant == "body" else base


def balanced(examples: Sequence[Example]) -> list[Example]:
    """The answerable examples, each kind of base weighing what MIX says."""
    used = [example for example in examples if example.right.any() and kind_of_base(example.source) in MIX]
    total: dict[str, float] = defaultdict(float)
    for example in used:
        total[kind_of_base(example.source)] += example.share
    return [replace(e, share=MIX[kind_of_base(e.source)] * e.share / total[kind_of_base(e.source)]) for e in used]


def fit_ranking(examples: Sequence[Example], kind: Kind) -> Array:
    """Rank weights over NAMES; those of encoders that are not asked weigh nothing."""
    unused = {"lexical": (*ENCODER, *SECOND), "full": SECOND, "second": ()}[kind]
    names = [name for name in NAMES if name not in unused]
    columns = [COLUMN[name] for name in names]
    scale = LEXICAL_PRIOR_SCALE if kind == "lexical" else 1.0
    caps = {} if kind == "lexical" else CAPS  # by words alone a body is often all that has the line's words
    bounds = [(None, 0.0) if name in MISMATCH else (0.0, caps.get(name)) for name in names]
    prior = np.array([(SECOND_PRIOR if kind == "second" else PRIOR).get(name, 0.0) * scale for name in names])
    start = np.zeros(len(NAMES))
    start[columns] = prior
    used = [narrowed(example, start) for example in balanced(examples)]
    fitted = fit_rank(used, columns, bounds, prior, PULL, np.zeros(len(NAMES)))
    weights = np.zeros(len(NAMES))
    weights[columns] = (1 - BLEND) * fitted + BLEND * prior
    return weights


def narrowed(example: Example, weights: Array) -> Example:
    """An example with the candidates that these weights put first, and the right ones: the others teach nothing."""
    order = np.argsort(-(example.table @ weights), kind="stable")[:TAUGHT_BY]
    kept = np.union1d(order, np.flatnonzero(example.right))
    return replace(example, table=example.table[kept], right=example.right[kept])


def lead(example: Example, weights: Array) -> float:
    """The log odds between the first two candidates."""
    if len(example.table) < 2:
        return np.inf
    second, first = np.partition(example.table @ weights, -2)[-2:]
    return float(first - second)


def close(examples: Sequence[Example], rank: Mapping[str, Array], below: float) -> list[Example]:
    """The examples that the second encoder was asked about and whose first two are closer than this by the weights of
    the other fold."""
    return [example for example in examples if example.closer and lead(example, rank[OTHER[example.fold]]) < below]


def judge(examples: Sequence[Example], rank: Mapping[str, Array]) -> list[Judged]:
    """Apply to each line the rank weights of the fold it is not in."""
    shares: dict[str, float] = defaultdict(float)
    for example in examples:
        shares[example.source] += example.share
    judged: list[Judged] = []
    for example in examples:
        if not len(example.table):
            continue
        weights = rank[OTHER[example.fold]].astype(np.float32)
        scores = example.table @ weights
        order = np.lexsort((np.arange(len(scores)), -scores))
        kind = example.source.split("/")[1]
        judged.append(
            Judged(
                example=example,
                scope=scope_values(
                    example.table, scores, order, example.unknown, example.weight, example.articles
                ).astype(np.float64),
                right=right_values(example.table, scores, order, example.length).astype(np.float64),
                first_right=bool(example.right[order[0]]),
                share=example.share / shares[example.source] * NEGATIVES.get(kind, 1.0) * _base_share(example),
            )
        )
    return judged


def _scope_numbers(example: Example, scores: NDArray[np.float32], order: NDArray[np.intp]) -> Array:
    found = scope_values(example.table, scores, order, example.unknown, example.weight, example.articles)
    return found.astype(np.float64)


def _base_share(example: Example) -> float:
    return 0.5 if example.source.startswith(("xquad", "faq_en")) else 1.0


def fit_confidence(judged: Sequence[Judged], kind: Kind) -> dict[str, tuple[Array, float]]:
    """The three layers: scope, right, joined."""
    share = np.array([line.share for line in judged])
    scope_table = np.array([line.scope for line in judged])
    right_table = np.array([line.right for line in judged])
    scored = np.array([line.example.scored for line in judged])
    first = np.array([line.first_right for line in judged])
    scope = fit_logistic(scope_table, scored.astype(float), share, _scope_bounds(kind), LOGISTIC_PULL)
    right = fit_logistic(
        right_table[scored], first[scored].astype(float), share[scored], _right_bounds(kind), LOGISTIC_PULL
    )
    joined_table = np.array(
        [
            joined_values(_probability(scope, s), _probability(right, r)).astype(np.float64)
            for s, r in zip(scope_table, right_table, strict=True)
        ]
    )
    joined = fit_logistic(joined_table, first.astype(float), share, [(0.0, None)] * 3, LOGISTIC_PULL)
    return {"scope": scope, "right": right, "joined": joined}


NOT_ASKED: Mapping[Kind, tuple[str, ...]] = {
    "lexical": (
        "top_mean", "lead_over_20", "sentence", "second_best", "encoder_margin", "encoder_agrees", "top_best",
        "told_gap", "second_gap",
    ),
    "full": ("second_best", "second_gap"),
    "second": (),
}  # fmt: skip


def _scope_bounds(kind: Kind) -> list[tuple[float | None, float | None]]:
    bounds: dict[str, tuple[float | None, float | None]] = {
        "unknown_share": (None, 0.0), "weight": (None, None), "size": (None, 0.0)
    }  # fmt: skip
    bounds |= dict.fromkeys(NOT_ASKED[kind], (0.0, 0.0))
    return [bounds.get(name, (0.0, None)) for name in SCOPE_NAMES]


def _right_bounds(kind: Kind) -> list[tuple[float | None, float | None]]:
    bounds: dict[str, tuple[float | None, float | None]] = {"length": (None, None)}
    bounds |= dict.fromkeys(NOT_ASKED[kind], (0.0, 0.0))
    return [bounds.get(name, (0.0, None)) for name in RIGHT_NAMES]


def _probability(model: tuple[Array, float], values: Array) -> float:
    return float(1.0 / (1.0 + np.exp(-(model[0] @ values + model[1]))))


def fit_model(
    ranked: Sequence[Example], scoped: Sequence[Example], kind: Kind, say: Callable[[str], None]
) -> tuple[dict[str, Any], dict[str, dict[str, Any]], dict[str, Array]]:
    """One model as it is written to the file, for each fold the one that never saw it, and the rank weights fitted on
    each fold; says the two-fold figures on the way."""
    folds = {fold: fit_ranking([e for e in ranked if e.fold == fold], kind) for fold in FOLDS}
    judged = judge(scoped, folds)
    say_rank(ranked, lambda example: example.table @ folds[OTHER[example.fold]], say)
    _say_confidence(judged, kind, say)
    by_fold = {
        fold: _written(folds[OTHER[fold]], fit_confidence([j for j in judged if j.example.fold == OTHER[fold]], kind))
        for fold in FOLDS
    }
    return _written(fit_ranking(ranked, kind), fit_confidence(judged, kind)), by_fold, folds


def _written(rank: Array, layers: Mapping[str, tuple[Array, float]]) -> dict[str, Any]:
    return {
        "rank": _named(NAMES, rank),
        "scope": _layer(SCOPE_NAMES, layers["scope"]),
        "right": _layer(RIGHT_NAMES, layers["right"]),
        "joined": _layer(("scope", "right", "both"), layers["joined"]),
    }


def say_rank(examples: Sequence[Example], scored: Callable[[Example], Array], say: Callable[[str], None]) -> None:
    """R@1 and R@3 of each source by scores of its candidates."""
    counts: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0, 0])
    for example in examples:
        tally = counts[example.source, example.copy]
        tally[0] += 1
        if len(example.table):
            order = np.argsort(-scored(example), kind="stable")
            tally[1] += bool(example.right[order[0]])
            tally[2] += bool(example.right[order[:3]].any())
    for (source, copy), (total, first, three) in counts.items():
        say(f"  {source:28} {copy:6} R@1 {first / total:.3f}  R@3 {three / total:.3f}")


def _say_confidence(judged: Sequence[Judged], kind: Kind, say: Callable[[str], None]) -> None:
    layers = {fold: fit_confidence([j for j in judged if j.example.fold == fold], kind) for fold in FOLDS}
    found: dict[str, dict[str, list[tuple[float, float, bool]]]] = defaultdict(lambda: defaultdict(list))
    for line in judged:
        if line.example.copy != "clean":
            continue
        mine = layers[OTHER[line.example.fold]]
        scope, right = _probability(mine["scope"], line.scope), _probability(mine["right"], line.right)
        sure = _probability(mine["joined"], joined_values(scope, right).astype(np.float64))
        base, what = line.example.source.split("/")
        found[base][what].append((scope, sure, line.first_right))
    for base, kinds in found.items():
        own = kinds["in"]
        answered = [line for line in own if line[1] >= 0.8]
        right_share = sum(line[2] for line in answered) / max(1, len(answered))
        say(f"  {base}: answered {len(answered) / max(1, len(own)):.3f}, right of these {right_share:.3f}")
        for what, lines in kinds.items():
            if what != "in":
                area = auroc([line[0] for line in own], [line[0] for line in lines])
                told = sum(line[1] >= 0.8 for line in lines) / len(lines)
                shown = sum(line[0] >= 0.5 for line in lines) / len(lines)
                say(f"    {what:10} AUROC {area:.3f}  answered {told:.3f}  in scope at .5 {shown:.3f}")
        say(f"    own in scope at .5: {sum(line[0] >= 0.5 for line in own) / max(1, len(own)):.3f}")


def _named(names: Sequence[str], values: Array) -> dict[str, float]:
    return {name: round(float(value), DIGITS) for name, value in zip(names, values, strict=True)}


def _layer(names: Sequence[str], model: tuple[Array, float]) -> dict[str, Any]:
    return {"weights": _named(names, model[0]), "bias": round(model[1], DIGITS)}


def _beside(path: Path | None, ending: str) -> Path | None:
    return path and path.with_name(path.name + ending)


def _close_by(scores: NDArray[np.float32]) -> bool:
    return len(scores) > 1 and float(np.diff(np.partition(scores, -2)[-2:])[0]) < ASKED_BELOW


def fit_all(
    ranked: Sequence[Example], scoped: Sequence[Example], words: bool, say: Callable[[str], None]
) -> tuple[dict[str, Any], dict[str, dict[str, Any]]]:
    """All models (that of words alone if wanted), and for each fold those that never saw it."""
    weights: dict[str, Any] = {}
    by_fold: dict[str, dict[str, Any]] = {fold: {} for fold in FOLDS}
    folds: dict[Kind, dict[str, Array]] = {}

    def fit(kind: Kind, of_rank: Sequence[Example], of_scope: Sequence[Example]) -> None:
        say(f"{kind}, two-fold by article:")
        weights[kind], unseen, folds[kind] = fit_model(of_rank, of_scope, kind, say)
        for fold in FOLDS:
            by_fold[fold][kind] = unseen[fold]

    if words:
        fit("lexical", without(ranked, (*ENCODER, *SECOND)), without(scoped, (*ENCODER, *SECOND)))
    fit("full", without(ranked, SECOND), without(scoped, SECOND))
    full = folds["full"]
    fit("second", close(ranked, full, FITTED_BELOW), close(scoped, full, UNSURE))

    def in_the_end(example: Example) -> Array:
        mine = OTHER[example.fold]
        kind: Kind = "second" if example.closer and lead(example, full[mine]) < UNSURE else "full"
        return np.asarray(example.table @ folds[kind][mine])

    asked = [e.closer and lead(e, full[OTHER[e.fold]]) < UNSURE for e in ranked]
    say(f"both, the second encoder asked about {np.mean(asked):.2f} of the lines:")
    say_rank(ranked, in_the_end, say)
    return weights, by_fold


def main() -> None:
    """Collect, fit, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="the directory of data sets")
    parser.add_argument("--cache", type=Path, help="keeps vectors between runs")
    parser.add_argument("--out", type=Path, default=TARGET)
    parser.add_argument("--folds", type=Path, default=FOLD_TARGET, help="models of half of the articles, for bench.kb")
    parser.add_argument("--words", action="store_true", help="fit the weights by words alone too; else they stay")
    arguments = parser.parse_args()
    sets, far = read_all(arguments.data)
    cache, second_cache = VectorCache(arguments.cache), VectorCache(_beside(arguments.cache, SECOND_FILE), E5_FORM)
    encoder = Remembering(UseEncoder(), DIMENSIONS, _beside(arguments.cache, ".lines.npz"))
    second = Remembering(E5Encoder(), E5_FORM.dimensions, _beside(arguments.cache, SECOND_FILE + ".lines.npz"))
    prior = np.array([PRIOR.get(name, 0.0) for name in NAMES], dtype=np.float32)
    looker = Looker(encoder, cache, second, second_cache, lambda table: _close_by(table @ prior))
    ranked = rank_examples(sets, looker)
    scoped = scope_examples(sets, far, ranked, looker)
    for keeper in (cache, second_cache, encoder, second):
        keeper.save()
    weights, by_fold = fit_all(ranked, scoped, arguments.words, print)
    if not arguments.words:
        weights["lexical"] = json.loads(TARGET.read_text("utf-8"))["lexical"]
        for fold, models in json.loads(FOLD_TARGET.read_text("utf-8")).items():
            by_fold[fold]["lexical"] = models["lexical"]
    for target, data in ((arguments.out, weights), (arguments.folds, by_fold)):
        target.write_text(json.dumps(data, indent=1, ensure_ascii=False) + "\n", "utf-8")
        print(f"written: {target}")


def without(examples: Sequence[Example], names: Sequence[str]) -> list[Example]:
    """The examples as they are measured without what these columns are made from."""
    found: list[Example] = []
    for example in examples:
        table = example.table.copy()
        if len(table):
            table[:, [COLUMN[name] for name in names]] = 0.0
        found.append(replace(example, table=table))
    return found


if __name__ == "__main__":
    main()
