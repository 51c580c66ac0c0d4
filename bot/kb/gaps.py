"""Questions that nobody answered, grouped by meaning: what the next article should be about."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import update
from sqlmodel import Session, col, select

from bot.db.unit_of_work import UnitOfWork
from bot.kb.encoder import Encoder
from bot.kb.models import Miss
from bot.kb.sync import add_phrasing
from bot.kb.text import line_words

SAME_MEANING = 0.62
SAME_WORDS = 0.5
EXAMPLES = 5
NEWEST = 2000


@dataclass(frozen=True, slots=True)
class Gap:
    """One question asked in several ways: how often, by how many people, in which words, and the rows behind it.

    `best` is the article that came nearest most often, if any.
    """

    count: int
    people: int
    examples: tuple[str, ...]
    misses: tuple[int, ...]
    language: str
    best: str | None


def gaps(session: Session, since: datetime, encoder: Encoder | None = None) -> list[Gap]:
    """Unresolved misses since a moment, grouped, the largest group first."""
    rows = session.exec(
        select(Miss)
        .where(col(Miss.missed_at) >= since, col(Miss.resolved_at).is_(None))
        .order_by(col(Miss.id).desc())
        .limit(NEWEST)
    ).all()
    found = [_gap(group) for group in _groups(list(reversed(rows)), encoder)]
    return sorted(found, key=lambda gap: (-gap.count, gap.misses))


def resolve_gap(uow: UnitOfWork, misses: Sequence[int], code: str, by: int | None) -> int:
    """One press makes the questions of a gap ways to ask an article; returns how many were new."""
    rows = uow.session.exec(
        select(Miss).where(col(Miss.id).in_(list(misses)), col(Miss.resolved_at).is_(None)).order_by(col(Miss.id))
    ).all()
    added = sum(add_phrasing(uow, code, row.language, row.query, by) for row in rows)
    settle_misses(uow, misses)
    return added


def settle_misses(uow: UnitOfWork, misses: Sequence[int]) -> None:
    """These questions need nothing more: answered by an article now, or none of ours."""
    uow.session.connection().execute(
        update(Miss).where(col(Miss.id).in_(list(misses)), col(Miss.resolved_at).is_(None)).values(resolved_at=uow.now)
    )


def _groups(rows: Sequence[Miss], encoder: Encoder | None) -> list[list[Miss]]:
    """Each row joins the group whose first row it resembles most, in order of arrival."""
    vectors = encoder.encode([row.query for row in rows]) if encoder is not None and rows else None
    bags = [frozenset(word.lemma for word in line_words(row.query) if word.weight > 0.2) for row in rows]
    groups: list[list[int]] = []
    for place, row in enumerate(rows):
        likeness = [
            (
                float(vectors[place] @ vectors[group[0]]) / SAME_MEANING
                if vectors is not None
                else _shared(bags[place], bags[group[0]]) / SAME_WORDS
            )
            if rows[group[0]].language == row.language
            else 0.0
            for group in groups
        ]
        nearest = max(range(len(groups)), key=likeness.__getitem__, default=None)
        if nearest is not None and likeness[nearest] >= 1.0:
            groups[nearest].append(place)
        else:
            groups.append([place])
    return [[rows[place] for place in group] for group in groups]


def _shared(one: frozenset[str], other: frozenset[str]) -> float:
    return len(one & other) / len(one | other) if one | other else 0.0


def _gap(group: Sequence[Miss]) -> Gap:
    nearest = [str(row.best["code"]) for row in group if row.best.get("code")]
    return Gap(
        count=len(group),
        people=len({row.person_id for row in group}),
        examples=tuple(dict.fromkeys(row.query for row in group))[:EXAMPLES],
        misses=tuple(row.id for row in group if row.id is not None),
        language=group[0].language,
        best=max(sorted(set(nearest)), key=nearest.count) if nearest else None,
    )
