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
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench.kb.collect import Looker, rank_examples, read_all, scope_examples
from bench.kb.examples import Example
from bench.kb.fitting import fit_logistic, fit_rank
from bench.kb.measures import auroc
from bench.kb.remembering import Remembering
from bot.kb.base.encoder import UseEncoder, VectorCache
from bot.kb.judging.features import COLUMN, ENCODER, MISMATCH, NAMES
from bot.kb.judging.model import RIGHT_NAMES, SCOPE_NAMES, joined_values, right_values, scope_values

Array = NDArray[np.float64]
TARGET = Path(__file__).parents[2] / "bot" / "kb" / "data" / "weights.json"
FOLD_TARGET = Path(__file__).with_name("folds.json")
FOLDS = ("dev", "test")

# What earlier measurements on other bases came out with: weights are pulled towards it, not towards zero.
PRIOR: Mapping[str, float] = {
    "enc_mean": 8.9, "enc_best": 2.6, "enc_top3": 2.4, "enc_raw": 1.4, "enc_sentence": 4.6, "tfidf_all": 7.7,
    "bm25_damped": 2.3, "bm25_article": 1.0, "char_best": 0.5, "char_mean": 1.0, "cover_line": 0.7, "cover_unit": 0.3,
    "harmonic": 1.0, "cover_lemma": 0.5, "cover_noun": 2.1, "cover_verb": 0.5, "cover_any": 1.5, "cover_body": 0.76,
    "token_sort": 0.5, "kind_match": 0.5, "code_match": 1.0, "negation": -0.6, "length_ratio": -1.1,
    "kind_mismatch": -0.3,
}  # fmt: skip
LEXICAL_PRIOR_SCALE = 1.5
PULL = 3e-3
# Shipped is the fit moved this far towards PRIOR: it costs some tenths of a point on the bases fitted on and is
# steadier on lines with slips and on bases with bodies and few ways to ask.
BLEND = 0.2
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


def fit_ranking(examples: Sequence[Example], encoder: bool) -> Array:
    """Rank weights over NAMES; without the encoder its columns weigh nothing."""
    columns = [COLUMN[name] for name in NAMES if encoder or name not in ENCODER]
    names = [NAMES[column] for column in columns]
    scale = 1.0 if encoder else LEXICAL_PRIOR_SCALE
    bounds = [(None, 0.0) if name in MISMATCH else (0.0, None) for name in names]
    prior = np.array([PRIOR.get(name, 0.0) * scale for name in names])
    fitted = fit_rank(balanced(examples), columns, bounds, prior, PULL, np.zeros(len(NAMES)))
    weights = np.zeros(len(NAMES))
    weights[columns] = (1 - BLEND) * fitted + BLEND * prior
    return weights


def judge(examples: Sequence[Example], rank: Mapping[str, Array]) -> list[Judged]:
    """Apply to each line the rank weights of the fold it is not in."""
    other = {"dev": "test", "test": "dev"}
    shares: dict[str, float] = defaultdict(float)
    for example in examples:
        shares[example.source] += example.share
    judged: list[Judged] = []
    for example in examples:
        if not len(example.table):
            continue
        weights = rank[other[example.fold]].astype(np.float32)
        scores = example.table @ weights
        order = np.lexsort((np.arange(len(scores)), -scores))
        kind = example.source.split("/")[1]
        judged.append(
            Judged(
                example=example,
                scope=scope_values(example.table, scores, order, example.unknown, example.weight).astype(np.float64),
                right=right_values(example.table, scores, order, example.length).astype(np.float64),
                first_right=bool(example.right[order[0]]),
                share=example.share / shares[example.source] * NEGATIVES.get(kind, 1.0) * _base_share(example),
            )
        )
    return judged


def _base_share(example: Example) -> float:
    return 0.5 if example.source.startswith(("xquad", "faq_en")) else 1.0


def fit_confidence(judged: Sequence[Judged], encoder: bool) -> dict[str, tuple[Array, float]]:
    """The three layers: scope, right, joined."""
    share = np.array([line.share for line in judged])
    scope_table = np.array([line.scope for line in judged])
    right_table = np.array([line.right for line in judged])
    scored = np.array([line.example.scored for line in judged])
    first = np.array([line.first_right for line in judged])
    scope = fit_logistic(scope_table, scored.astype(float), share, _scope_bounds(encoder), LOGISTIC_PULL)
    right = fit_logistic(
        right_table[scored], first[scored].astype(float), share[scored], _right_bounds(encoder), LOGISTIC_PULL
    )
    joined_table = np.array(
        [
            joined_values(_probability(scope, s), _probability(right, r)).astype(np.float64)
            for s, r in zip(scope_table, right_table, strict=True)
        ]
    )
    joined = fit_logistic(joined_table, first.astype(float), share, [(0.0, None)] * 3, LOGISTIC_PULL)
    return {"scope": scope, "right": right, "joined": joined}


def _scope_bounds(encoder: bool) -> list[tuple[float | None, float | None]]:
    bounds: dict[str, tuple[float | None, float | None]] = {"unknown_share": (None, 0.0), "weight": (None, None)}
    if not encoder:
        bounds |= {"top_mean": (0.0, 0.0), "lead_over_20": (0.0, 0.0), "sentence": (0.0, 0.0)}
    return [bounds.get(name, (0.0, None)) for name in SCOPE_NAMES]


def _right_bounds(encoder: bool) -> list[tuple[float | None, float | None]]:
    bounds: dict[str, tuple[float | None, float | None]] = {"length": (None, None)}
    if not encoder:
        bounds |= dict.fromkeys(("encoder_margin", "encoder_agrees", "top_mean", "top_best"), (0.0, 0.0))
    return [bounds.get(name, (0.0, None)) for name in RIGHT_NAMES]


def _probability(model: tuple[Array, float], values: Array) -> float:
    return float(1.0 / (1.0 + np.exp(-(model[0] @ values + model[1]))))


def fit_model(
    ranked: Sequence[Example], scoped: Sequence[Example], encoder: bool, say: Callable[[str], None]
) -> tuple[dict[str, Any], dict[str, dict[str, Any]]]:
    """One model as it is written to the file, and for each fold the one that never saw it; says the two-fold figures
    on the way."""
    folds = {fold: fit_ranking([e for e in ranked if e.fold == fold], encoder) for fold in FOLDS}
    judged = judge(scoped, folds)
    _say_rank(ranked, folds, say)
    _say_confidence(judged, encoder, say)
    other = {"dev": "test", "test": "dev"}
    by_fold = {
        fold: _written(
            folds[other[fold]], fit_confidence([j for j in judged if j.example.fold == other[fold]], encoder)
        )
        for fold in FOLDS
    }
    return _written(fit_ranking(ranked, encoder), fit_confidence(judged, encoder)), by_fold


def _written(rank: Array, layers: Mapping[str, tuple[Array, float]]) -> dict[str, Any]:
    return {
        "rank": _named(NAMES, rank),
        "scope": _layer(SCOPE_NAMES, layers["scope"]),
        "right": _layer(RIGHT_NAMES, layers["right"]),
        "joined": _layer(("scope", "right", "both"), layers["joined"]),
    }


def _say_rank(examples: Sequence[Example], folds: Mapping[str, Array], say: Callable[[str], None]) -> None:
    other = {"dev": "test", "test": "dev"}
    counts: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0, 0])
    for example in examples:
        tally = counts[example.source, example.copy]
        tally[0] += 1
        if len(example.table):
            order = np.argsort(-(example.table @ folds[other[example.fold]]), kind="stable")
            tally[1] += bool(example.right[order[0]])
            tally[2] += bool(example.right[order[:3]].any())
    for (source, copy), (total, first, three) in counts.items():
        say(f"  {source:28} {copy:6} R@1 {first / total:.3f}  R@3 {three / total:.3f}")


def _say_confidence(judged: Sequence[Judged], encoder: bool, say: Callable[[str], None]) -> None:
    other = {"dev": "test", "test": "dev"}
    layers = {fold: fit_confidence([j for j in judged if j.example.fold == fold], encoder) for fold in FOLDS}
    found: dict[str, dict[str, list[tuple[float, float, bool]]]] = defaultdict(lambda: defaultdict(list))
    for line in judged:
        if line.example.copy != "clean":
            continue
        mine = layers[other[line.example.fold]]
        scope, right = _probability(mine["scope"], line.scope), _probability(mine["right"], line.right)
        sure = _probability(mine["joined"], joined_values(scope, right).astype(np.float64))
        base, kind = line.example.source.split("/")
        found[base][kind].append((scope, sure, line.first_right))
    for base, kinds in found.items():
        own = kinds["in"]
        answered = [line for line in own if line[1] >= 0.8]
        right_share = sum(line[2] for line in answered) / max(1, len(answered))
        say(f"  {base}: answered {len(answered) / max(1, len(own)):.3f}, right of these {right_share:.3f}")
        for kind, lines in kinds.items():
            if kind != "in":
                area = auroc([line[0] for line in own], [line[0] for line in lines])
                told = sum(line[1] >= 0.8 for line in lines) / len(lines)
                shown = sum(line[0] >= 0.5 for line in lines) / len(lines)
                say(f"    {kind:10} AUROC {area:.3f}  answered {told:.3f}  in scope at .5 {shown:.3f}")
        say(f"    own in scope at .5: {sum(line[0] >= 0.5 for line in own) / max(1, len(own)):.3f}")


def _named(names: Sequence[str], values: Array) -> dict[str, float]:
    return {name: round(float(value), DIGITS) for name, value in zip(names, values, strict=True)}


def _layer(names: Sequence[str], model: tuple[Array, float]) -> dict[str, Any]:
    return {"weights": _named(names, model[0]), "bias": round(model[1], DIGITS)}


def main() -> None:
    """Collect, fit, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="the directory of data sets")
    parser.add_argument("--cache", type=Path, help="keeps vectors between runs")
    parser.add_argument("--out", type=Path, default=TARGET)
    parser.add_argument("--folds", type=Path, default=FOLD_TARGET, help="models of half of the articles, for bench.kb")
    arguments = parser.parse_args()
    sets, far = read_all(arguments.data)
    cache = VectorCache(arguments.cache)
    encoder = Remembering(UseEncoder(), arguments.cache and arguments.cache.with_suffix(".lines.npz"))
    looker = Looker(encoder, cache)
    ranked = rank_examples(sets, looker)
    scoped = scope_examples(sets, far, looker)
    cache.save()
    encoder.save()
    weights: dict[str, Any] = {}
    by_fold: dict[str, dict[str, Any]] = {fold: {} for fold in FOLDS}
    for name, full in (("full", True), ("lexical", False)):
        print(f"{name}, two-fold by article:")
        examples = (ranked, scoped) if full else (without_encoder(ranked), without_encoder(scoped))
        weights[name], unseen = fit_model(*examples, full, print)
        for fold in FOLDS:
            by_fold[fold][name] = unseen[fold]
    for target, data in ((arguments.out, weights), (arguments.folds, by_fold)):
        target.write_text(json.dumps(data, indent=1, ensure_ascii=False) + "\n", "utf-8")
        print(f"written: {target}")


def without_encoder(examples: Sequence[Example]) -> list[Example]:
    """The examples as they are measured with the encoder off."""
    found: list[Example] = []
    for example in examples:
        table = example.table.copy()
        if len(table):
            table[:, [COLUMN[name] for name in ENCODER]] = 0.0
        found.append(replace(example, table=table))
    return found


if __name__ == "__main__":
    main()
