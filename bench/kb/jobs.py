"""One method over one set, as work for a process of its own (`__main__` itself can not be sent to one)."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.kb.contest import Outcome, Round, builder_of, ours, run
from bench.kb.rivals import rivals
from bot.kb.base.encoder import UseEncoder, VectorCache
from bot.kb.judging.model import Models, read_model

FOLDS = Path(__file__).with_name("folds.json")
OURS = {"Firstline": True, "Firstline, KB_ENCODER=off": False}


@dataclass(frozen=True, slots=True)
class Job:
    """One method over one set, run in a process of its own."""

    method: str
    rounds: Sequence[Round]
    postgres: str
    cache: Path | None


def fold_models() -> dict[str, Models]:
    """For each fold the models that never saw it."""
    stored = json.loads(FOLDS.read_text("utf-8"))
    return {
        fold: Models(full=read_model(models["full"]), lexical=read_model(models["lexical"]))
        for fold, models in stored.items()
    }


def measured(job: Job) -> Outcome:
    """Run one job."""
    if job.method not in OURS:
        return run(builder_of(rivals(job.postgres)[job.method]()), job.rounds)
    cache = VectorCache(job.cache)
    outcome = run(ours(UseEncoder() if OURS[job.method] else None, cache, fold_models()), job.rounds)
    cache.save()
    return outcome
