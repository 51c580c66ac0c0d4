"""What the knowledge base lacks, told once a week to those who can write it; and who may change the base."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from sqlmodel import Session, col, select

from bot.answers.stats import ArticleStats, article_stats
from bot.clients.audiences import Managers
from bot.clients.policy import policy
from bot.clients.rights import OFFICE, employed, require
from bot.clients.zones import seller_zone
from bot.db.clock import at, day_of
from bot.db.errors import Outdated
from bot.db.unit_of_work import UnitOfWork
from bot.kb.articles.sync import titles_of
from bot.kb.learning.gaps import Gap, gaps, resolve_gap, settle_misses
from bot.kb.learning.models import Miss
from bot.messaging.timers import set_timer
from bot.tickets.intake.appeals import answers_kept

DIGEST = "kb_digest"
WEEK = timedelta(days=7)
SHOWN = 7


@dataclass(frozen=True, slots=True)
class PoorArticle:
    """An article that did not help, with what became of it."""

    title: str
    stats: ArticleStats


@dataclass(frozen=True, slots=True)
class WeeklyDigest:
    """A week of the base: answers and how many of them `kept` (nobody came back), questions without one and their
    groups, the largest of them, and articles that did not help."""

    answered: int
    kept: int
    asked: int
    groups: int
    rows: Sequence[Gap]
    poor: Sequence[PoorArticle]


def open_gaps(session: Session, now: datetime, by: int) -> list[Gap]:
    """Groups of unanswered questions of the last time (policy `kb_gaps_days`), the largest first. Raises NotAllowed."""
    require(session, employed, OFFICE, person=by)
    return gaps(session, now - timedelta(days=policy(session, "kb_gaps_days")))


def gap_of(session: Session, miss_id: int, now: datetime, by: int) -> Gap:
    """The group that a question belongs to by now. Raises NotAllowed, Outdated (settled meanwhile)."""
    for gap in open_gaps(session, now, by):
        if miss_id in gap.misses:
            return gap
    raise Outdated


def answer_gap(uow: UnitOfWork, miss_id: int, code: str, by: int) -> int:
    """These questions are ways to ask an article that is there. Returns how many were new. Raises as gap_of."""
    gap = gap_of(uow.session, miss_id, uow.now, by)
    return resolve_gap(uow, gap.misses, code, by)


def dismiss_gap(uow: UnitOfWork, miss_id: int, by: int) -> None:
    """Not a question for the base. Raises as gap_of."""
    settle_misses(uow, gap_of(uow.session, miss_id, uow.now, by).misses)


def schedule_digest(uow: UnitOfWork) -> None:
    """Set the next weekly digest: at the hour and on the day of the week that the policy says."""
    set_timer(uow.session, DIGEST, DIGEST, next_digest(uow.session, uow.now))


def next_digest(session: Session, now: datetime) -> datetime:
    """The next moment of the weekly digest, after `now`."""
    zone = seller_zone(session)
    today = day_of(now, zone)
    day = today + timedelta((policy(session, "kb_digest_weekday") - today.weekday()) % 7)
    hour = time(policy(session, "kb_digest_hour"))
    due = at(day, hour, zone)
    return due if due > now else at(day + WEEK, hour, zone)


def tell_digest(uow: UnitOfWork, _payload: dict[str, Any]) -> None:
    """Timer `kb_digest`: what the base answered in the week and what it did not, and articles that did not help; to
    the managers (R13)."""
    since = uow.now - WEEK
    found = gaps(uow.session, since)
    titles = titles_of(uow.session)
    stats = article_stats(uow.session, since, uow.now)
    poor = [PoorArticle(titles.get(row.code, row.code), row) for row in stats if row.poor]
    answered, kept = answers_kept(uow.session, since, uow.now)
    if found or poor or answered:
        asked = len(uow.session.exec(select(Miss.id).where(col(Miss.missed_at) >= since)).all())
        week = WeeklyDigest(answered, kept, asked, len(found), found[:SHOWN], poor[:SHOWN])
        uow.tell(Managers(), "kb/digest", week)
    schedule_digest(uow)
