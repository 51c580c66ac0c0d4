"""What articles did for people: shown, helped, did not help, and who came back all the same (R13)."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from bot.kb.learning.feedback import figures
from bot.tickets.intake.appeals import came_back


@dataclass(frozen=True, slots=True)
class ArticleStats:
    """One article's figures over a time; `returned`: people whose appeal it answered and who wrote again soon (R13)."""

    code: str
    shown: int
    helped: int
    not_helped: int
    returned: int

    @property
    def poor(self) -> bool:
        """Whether it failed somebody."""
        return bool(self.not_helped or self.returned)


def article_stats(session: Session, since: datetime, until: datetime) -> list[ArticleStats]:
    """Figures of every article shown between the moments, those that failed most people first."""
    returned = came_back(session, since, until)
    rows = [
        ArticleStats(row.code, row.shown, row.helped, row.not_helped, returned.get(row.code, 0))
        for row in figures(session, since)
    ]
    return sorted(rows, key=lambda row: (-(row.not_helped + row.returned), -row.shown, row.code))
