"""What an article found for a line is worth, where the line names a code of an error."""

from bot.answers.asking import audience_of
from bot.answers.quiet import error_code, names_code
from bot.answers.several import may_answer
from bot.handlers.common.conversation import Conversation
from bot.kb.articles.sync import articles_for
from bot.kb.judging.reading import Reading
from bot.tickets.life.models import Appeal

LOOKED_AT = 3  # articles that come nearest


def unknown_code(turn: Conversation, appeal: Appeal, line: str, reading: Reading) -> str | None:
    """The code of an error in a line, if none of the articles that came nearest names it."""
    code = error_code(line)
    if code is None:
        return None
    audience = audience_of(turn.session, appeal.person_id, turn.now)
    near = articles_for(turn.session, [hit.id for hit in reading.hits[:LOOKED_AT]], turn.lang, audience)
    known = any(names_code("\n".join((each.title, each.body, *each.questions)), code) for each in near)
    return None if known else code


def likely_article(turn: Conversation, appeal: Appeal, part: Reading) -> str | None:
    """The code of the article that may answer one of several problems."""
    if not may_answer(part) or unknown_code(turn, appeal, part.query, part) is not None:
        return None
    return part.hits[0].id
