"""One method over one set, as work for a process of its own (`__main__` itself can not be sent to one)."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.kb.contest import Asked, Outcome, Round, builder_of, ours, run
from bench.kb.rivals import rivals
from bot.kb.base.encoder import UseEncoder, VectorCache
from bot.kb.base.second import E5_FORM, SECOND_FILE, E5Encoder
from bot.kb.judging.model import Models, read_models

FOLDS = Path(__file__).with_name("folds.json")
OURS = {"Firstline": 2, "Firstline, first encoder only": 1, "Firstline, KB_ENCODER=off": 0}  # encoders


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
    return {fold: read_models(models) for fold, models in stored.items()}


def measured(job: Job) -> Outcome:
    """Run one job."""
    if job.method not in OURS:
        return run(builder_of(rivals(job.postgres)[job.method]()), job.rounds)
    cache, beside = VectorCache(job.cache), job.cache and job.cache.with_name(job.cache.name + SECOND_FILE)
    second_cache = VectorCache(beside, E5_FORM)
    encoders = OURS[job.method]
    first = Asked(UseEncoder(), cache) if encoders else None
    second = Asked(E5Encoder(), second_cache) if encoders > 1 else None
    outcome = run(ours(first, second, fold_models()), job.rounds)
    cache.save()
    second_cache.save()
    return outcome
