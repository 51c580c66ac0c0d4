"""What several problems of one message show."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.answers.asking import ArticleTitle, audience_of, titles
from bot.handlers.client.questions.screens import ProblemOfMessage
from bot.handlers.common.conversation import Conversation
from bot.kb.learning.models import Feedback
from bot.tickets.intake.parting import rest_of
from bot.tickets.life.models import Appeal, Message
from bot.tickets.life.parts import KeptProblem, part_shown, parts_of


@dataclass(frozen=True, slots=True)
class OneProblem:
    """A problem with its number in the message, in the client's words, and the article that may answer it."""

    number: int
    words: str
    article: ArticleTitle | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Several:
    """The problems that a message tells of; `rest`: those of which nothing became yet."""

    message_id: int
    appeal_id: int
    problems: Sequence[OneProblem]
    rest: bool


def say_several(turn: Conversation, appeal: Appeal, message: Message, card_key: str | None) -> None:
    """All problems of the message."""
    shown = _several(turn, appeal, message, parts_of(message), rest=False)
    turn.say("kb/several", shown, card_key=card_key)


def say_rest(turn: Conversation, appeal_id: int) -> None:
    """The problems that are left in an appeal, if there are any: the screen that showed them is far up by now."""
    found = rest_of(turn.session, appeal_id)
    appeal = turn.session.get(Appeal, appeal_id)
    if found is None or appeal is None or appeal.ended_at is not None:
        return
    message, rest = found
    turn.say("kb/several", _several(turn, appeal, message, [each.part for each in rest], rest=True))


def problem_of(turn: Conversation, feedback: Feedback) -> ProblemOfMessage | None:
    """The one of several problems that an article was shown for: such a showing answers no message as a whole."""
    if feedback.message_id is not None or feedback.appeal_id is None:
        return None
    found = part_shown(turn.session, feedback.appeal_id, feedback.id)
    return ProblemOfMessage(found[0].id, found[1].number) if found is not None else None


def _several(
    turn: Conversation, appeal: Appeal, message: Message, parts: Sequence[KeptProblem], *, rest: bool
) -> Several:
    codes = [part.article for part in parts if part.article is not None]
    audience = audience_of(turn.session, appeal.person_id, turn.now)
    known = {each.code: each for each in titles(turn.session, codes, turn.lang, audience)}
    return Several(
        message_id=message.id,
        appeal_id=appeal.id,
        problems=[OneProblem(part.number, part.words, known.get(part.article or "")) for part in parts],
        rest=rest,
    )
