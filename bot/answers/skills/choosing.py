"""Whether a line asks for a skill, by what the search made of it (R1.13). Pure."""

import re
from collections.abc import Collection, Sequence
from typing import Protocol, TypeVar

from bot.answers.skills.acts import CLIENT, STAFF, STRANGER
from bot.clients.models import ClientRole, StaffRole
from bot.kb.judging.beside import MARK
from bot.kb.judging.reading import Reading
from bot.kb.line.text import tokens

IN_SCOPE = 0.6  # probability that anything answers the line: of 400 far-off ones more than 4 would be taken below it
SURELY_IN_SCOPE = 0.38  # the same where a phrase tells what is meant
NEAR = 0.6  # of the best article's odds, which the skill must have at least
ON_SUBJECT = 0.01  # the same of an article that the skill comes before: a hair of difference says nothing there
LOOKED_AT = 3  # skills: one below that could only be meant in its own words


class AskedFor(Protocol):
    """A skill, as far as a line asks for it; see `Skill`."""

    @property
    def code(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def questions(self) -> Sequence[str]: ...
    @property
    def before(self) -> Sequence[str]: ...
    @property
    def needs(self) -> Sequence[str]: ...
    @property
    def unless(self) -> Sequence[str]: ...
    @property
    def surely(self) -> Sequence[str]: ...


S = TypeVar("S", bound=AskedFor)


def nearest_skills(reading: Reading) -> list[str]:
    """Codes of the skills that a line may ask for, the nearest first."""
    return [hit.id.removeprefix(MARK) for hit in reading.beside[:LOOKED_AT]]


def skill_asked(reading: Reading, skills: Sequence[S]) -> S | None:
    """The skill that a line asks for and not an article (R1.8): in its own words; else the nearest, where no article
    is nearer but those that it comes `before`, or where it is `surely` meant. `skills`: the nearest first."""
    line = " ".join(tokens(reading.read_as or reading.query))
    meant = [skill for skill in skills if not _begins(skill.unless, line)]
    meant = [skill for skill in meant if not skill.needs or _begins(skill.needs, line)]
    for skill in meant:
        if any(line == " ".join(tokens(each)) for each in (skill.title, *skill.questions)):
            return skill
    if not meant or not reading.beside or meant[0].code != nearest_skills(reading)[0]:
        return None
    skill, score, articles = meant[0], reading.beside[0].score, reading.hits
    first = articles[0].score if articles else 0.0
    if reading.in_scope >= SURELY_IN_SCOPE and _begins(skill.surely, line):
        return skill
    if reading.in_scope < IN_SCOPE:
        return None
    elsewhere = next((hit.score for hit in articles if hit.id not in skill.before), 0.0)
    return skill if score >= NEAR * elsewhere and score >= ON_SUBJECT * first else None


def _begins(beginnings: Sequence[str], line: str) -> bool:
    """Whether a word of the line, or several in a row, begin so."""
    wanted = (" ".join(tokens(each)) for each in beginnings)
    return any(re.search(rf"\b{re.escape(each)}", line) is not None for each in wanted if each)


def spoken_to_as(client: Collection[ClientRole], staff: Collection[StaffRole]) -> frozenset[str]:
    """Whom a skill must be for to be for a person of these roles; an admin has every role of ours."""
    roles: set[str] = {str(role) for role in client} | {str(role) for role in staff}
    if StaffRole.ADMIN in staff:
        roles |= {str(role) for role in StaffRole}
    known = ({CLIENT} if client else set()) | ({STAFF} if staff else set())
    return frozenset(f"{MARK}{who}" for who in (roles | known or {STRANGER}))
