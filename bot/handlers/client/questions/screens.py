"""What answers, suggestions and what happened to an appeal show."""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from bot.answers.asking import ArticleTitle
from bot.tickets.life.at_work import Opening
from bot.tickets.life.numbers import TicketToChoose


@dataclass(frozen=True, slots=True)
class ProblemOfMessage:
    """One of several problems that a message tells of, by its number."""

    message_id: int
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An article shown in an appeal. `read_as`: the line as it was understood, where it was misspelt; `feedback_id`:
    this showing; `again`: the line before had the same answer; `steps`: how many its text has; `problem`: the one of
    several that it is for. An `appeal_id` of 0 is whatever the person is talking about."""

    title: str
    body: Markup
    read_as: str | None
    feedback_id: int
    appeal_id: int
    actions: Sequence[str]
    steps: int
    again: bool
    problem: ProblemOfMessage | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerStep:
    """One step of an answer, counted from 0."""

    title: str
    body: Markup
    number: int
    steps: int
    feedback_id: int
    appeal_id: int
    problem: ProblemOfMessage | None = None


@dataclass(frozen=True, slots=True)
class Suggestions:
    """Articles that may be meant."""

    appeal_id: int
    found: Sequence[ArticleTitle]
    read_as: str | None


@dataclass(frozen=True, slots=True)
class AppealGoesOn:
    """An appeal with its ways on: a ticket, of one `problem` alone where there are several, a person, or one of the
    open `tickets` that it may be about (R1.8)."""

    appeal_id: int
    tickets: Sequence[TicketToChoose] = ()
    problem: ProblemOfMessage | None = None


@dataclass(frozen=True, slots=True)
class NothingAsked:
    """A line without a question; `thanks`: it only thanked; `closes`: it agrees (`agreed`) or takes leave (`bye`)."""

    appeal_id: int
    thanks: bool
    closes: str | None = None


@dataclass(frozen=True, slots=True)
class CodeUnknown:
    """A code of an error that no article found knows."""

    appeal_id: int
    code: str
    tickets: Sequence[TicketToChoose] = ()


@dataclass(frozen=True, slots=True)
class FileReceived:
    """Something without words: of what kind, and the open `tickets` that it may be about."""

    appeal_id: int
    kind: str
    tickets: Sequence[TicketToChoose] = ()


@dataclass(frozen=True, slots=True)
class PassedOn:
    """People have it; when they are there."""

    hours: Opening


@dataclass(frozen=True, slots=True)
class InDanger:
    """What to do at once; `phone` of emergencies, None where none is set. An `appeal_id` of 0: said in a ticket."""

    appeal_id: int
    phone: str | None


@dataclass(frozen=True, slots=True)
class InHaste:
    """The urgent way beside an answer; `phone` of emergencies."""

    appeal_id: int
    phone: str | None
