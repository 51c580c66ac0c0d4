"""What skills tell. `words`: the file's own round the figures; `appeal_id`: what a person may be called with."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.handlers.client.balance.screens import CompanyBalance
from bot.handlers.client.skills.asked import SkillWords


@dataclass(frozen=True, slots=True)
class ForOthers:
    """Figures of a company that are not for this person, and the names of those who may see them."""

    company: str
    who: Sequence[str]


@dataclass(frozen=True, slots=True)
class StrangerAsked:
    """Own figures are asked for by one whom we don't know."""

    words: SkillWords


@dataclass(frozen=True, slots=True)
class HoursTold:
    """What is left of the pools of each company."""

    words: SkillWords
    balances: Sequence[CompanyBalance]
    others: Sequence[ForOthers]
    appeal_id: int
