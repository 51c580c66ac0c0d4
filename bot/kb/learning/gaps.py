"""Questions that nobody answered, grouped by meaning: what the next article should be about."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import update
from sqlmodel import Session, col, select

from bot.db.readable import readable
from bot.db.unit_of_work import UnitOfWork
from bot.kb.articles.sync import add_phrasing
from bot.kb.base.encoder import Encoder
from bot.kb.learning.models import Miss
from bot.kb.learning.questions import likeness

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

    @property
    def example(self) -> str:
        """The words that stand for the group."""
        return self.examples[0]


def gaps(session: Session, since: datetime, encoder: Encoder | None = None) -> list[Gap]:
    """Unresolved misses since a moment, grouped by meaning, the largest group first.

    Lines whose meaning is not known yet are encoded here if there is an encoder (some hundred a second), else compared
    by their words.
    """
    unresolved = select(Miss).where(col(Miss.missed_at) >= since, col(Miss.resolved_at).is_(None))
    rows, _ = readable(session, unresolved.order_by(col(Miss.id).desc()).limit(NEWEST), col(Miss.id))
    found = [_gap(group) for group in _groups(rows[::-1], encoder)]
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
    """Each line joins the group whose first line it resembles most, in order of arrival."""
    same: dict[tuple[str, str], list[Miss]] = {}
    for row in rows:
        same.setdefault((row.language, row.query), []).append(row)
    lines = list(same.values())
    alike = likeness([found[0] for found in lines], encoder)
    groups: list[list[int]] = []
    firsts: list[int] = []
    for place in range(len(lines)):
        nearest = int(alike[place, firsts].argmax()) if groups else 0
        if groups and alike[place, firsts[nearest]] >= 1.0:
            groups[nearest].append(place)
        else:
            groups.append([place])
            firsts.append(place)
    return [[row for place in group for row in lines[place]] for group in groups]


def _gap(group: Sequence[Miss]) -> Gap:
    nearest = [str(row.best["code"]) for row in group if row.best.get("code")]
    return Gap(
        count=len(group),
        people=len({row.person_id for row in group}),
        examples=tuple(dict.fromkeys(row.query for row in group))[:EXAMPLES],
        misses=tuple(row.id for row in group),
        language=group[0].language,
        best=max(sorted(set(nearest)), key=nearest.count) if nearest else None,
    )
