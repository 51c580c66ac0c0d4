"""What people thought of answers, and what nobody answered: kept for learning, from what clients wrote only."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, insert, update
from sqlmodel import Session, col, select

from bot.db.errors import NotFound
from bot.db.locks import lock
from bot.db.plain import ask, table_of
from bot.db.unit_of_work import UnitOfWork
from bot.kb.judging.reading import Reading
from bot.kb.learning.models import Feedback, Miss

QUERY = 1000


@dataclass(frozen=True, slots=True)
class ArticleFigures:
    """How often an article was shown, and what was said of it."""

    code: str
    shown: int
    helped: int
    not_helped: int


# Asked for every answered line, put together once.
_SHOWN = insert(Feedback)
_BEFORE = (
    select(Feedback.id, Feedback.message_id)
    .where(col(Feedback.appeal_id) == bindparam("appeal"), col(Feedback.article_code) == bindparam("code"))
    .where(col(Feedback.query) == bindparam("line"), col(Feedback.answered_at).is_(None))
    .order_by(col(Feedback.id).desc())
    .limit(1)
)
_AGAIN = update(table_of(Feedback)).where(col(Feedback.id) == bindparam("showing")).values(message_id=bindparam("last"))
_QUESTIONS = (
    select(Feedback.message_id)
    .where(col(Feedback.appeal_id) == bindparam("appeal"), col(Feedback.message_id).is_not(None))
    .where(col(Feedback.helped).is_not(False))
    .distinct()
    .order_by(col(Feedback.message_id))
)
_FORGET = update(table_of(Feedback)).where(col(Feedback.appeal_id) == bindparam("appeal")).values(message_id=None)


def record_shown(
    uow: UnitOfWork,
    code: str,
    lang: str,
    query: str,
    score: float,
    *,
    person_id: int | None,
    appeal_id: int | None,
    message_id: int | None = None,
) -> int:
    """An article was shown for a line, with this probability of being right (kept in basis points); the row's id.
    `message_id`: the last message of what it answers."""
    added = ask(
        uow.session,
        _SHOWN,
        language=lang,
        article_code=code,
        person_id=person_id,
        appeal_id=appeal_id,
        message_id=message_id,
        query=query[:QUERY],
        score_bp=round(score * 10_000),
        asked_at=uow.now,
    )
    return int((added.inserted_primary_key or (0,))[0])


def shown_again(uow: UnitOfWork, appeal_id: int, code: str, query: str, message_id: int | None) -> int | None:
    """The showing of an article for this very line of an appeal that nothing was said of yet: it answers the line once
    more, said in this message. None where there is no such showing."""
    row = ask(uow.session, _BEFORE, appeal=appeal_id, code=code, line=query[:QUERY]).one_or_none()
    if row is None:
        return None
    if row.message_id != message_id:
        ask(uow.session, _AGAIN, showing=row.id, last=message_id)
    return int(row.id)


def answered_questions(session: Session, appeal_id: int) -> list[int]:
    """Last messages of the questions of an appeal that an article answered, unless it was said not to help; ascending.
    A question that several answered stands once."""
    return [number for (number,) in ask(session, _QUESTIONS, appeal=appeal_id)]


def forget_answers(uow: UnitOfWork, appeal_id: int) -> None:
    """From now on nothing that was said in the appeal counts as answered."""
    if answered_questions(uow.session, appeal_id):
        ask(uow.session, _FORGET, appeal=appeal_id)


def answer_feedback(uow: UnitOfWork, feedback_id: int, helped: bool, by: int) -> tuple[Feedback, bool]:
    """«Помогло» or «Не помогло», once: (the row, whether this press was the first). Raises NotFound."""
    row = lock(uow.session, Feedback, feedback_id)
    if row is None or row.person_id != by:
        raise NotFound
    if row.answered_at is not None:
        return row, False
    row.helped, row.answered_at = helped, uow.now
    uow.session.flush()
    return row, True


def record_miss(
    uow: UnitOfWork, line: str, lang: str, reason: str, *, person_id: int | None, reading: Reading | None = None
) -> Miss:
    """A line that was not answered. `reason`: none, not_helped, suggestions_ignored."""
    best: dict[str, Any] = {}
    if reading is not None and reading.hits:
        best = {
            "code": reading.hits[0].id,
            "score_bp": round(reading.hits[0].score * 10_000),
            "in_scope_bp": round(reading.in_scope * 10_000),
        }
    row = Miss(language=lang, query=line[:QUERY], person_id=person_id, reason=reason, best=best, missed_at=uow.now)
    uow.session.add(row)
    uow.session.flush()
    return row


def figures(session: Session, since: datetime) -> Sequence[ArticleFigures]:
    """Per article since a moment, the most shown first."""
    counts: dict[str, list[int]] = {}
    for code, helped in session.exec(
        select(Feedback.article_code, Feedback.helped).where(col(Feedback.asked_at) >= since)
    ).all():
        row = counts.setdefault(code, [0, 0, 0])
        row[0] += 1
        if helped is not None:
            row[1 if helped else 2] += 1
    return sorted(
        (ArticleFigures(code, *row) for code, row in counts.items()), key=lambda found: (-found.shown, found.code)
    )
