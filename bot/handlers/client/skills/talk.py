"""A line that asks for a skill is answered with own figures, before an article is looked for (R1.8, R1.13)."""

from collections.abc import Callable, Mapping

from aiogram import F, Router
from aiogram.dispatcher.event.bases import SkipHandler
from aiogram.filters import BaseFilter
from aiogram.fsm.context import FSMContext
from aiogram.types import Message

from bot.answers.skills.acts import SkillAct
from bot.answers.skills.choosing import nearest_skills, skill_asked, spoken_to_as
from bot.answers.skills.sync import skills_of
from bot.answers.skills.words import ticket_number
from bot.handlers.client.skills import money
from bot.handlers.client.skills.asked import Asked
from bot.handlers.client.skills.screens import StrangerAsked
from bot.handlers.common.conversation import Conversation
from bot.handlers.common.filters import Private, Speech
from bot.handlers.common.recording import recorded
from bot.kb.judging.beside import MARK
from bot.kb.judging.reading import Reading

Act = Callable[[Asked], bool]  # answers, or says that there is no figure: then an article may

ACTS: Mapping[SkillAct, Act] = {
    SkillAct.HOURS: money.hours,
}
FOR_ANYBODY = frozenset({SkillAct.PLANS, SkillAct.PRICE, SkillAct.CONTACTS, SkillAct.REQUISITES})

router = Router(name="skills")


class AsksForSkill(BaseFilter):
    """A line whose nearest skill is asked for, by one whom it is for."""

    async def __call__(self, message: Message, turn: Conversation, state: FSMContext) -> bool | dict[str, object]:
        found, reading = recorded(turn), turn.prepared.reading if turn.prepared else None
        if (found.again if found is not None else not turn.visitor.is_staff) or not isinstance(reading, Reading):
            return False
        codes = nearest_skills(reading)
        near = skills_of(turn.session, codes, turn.lang) if codes else []
        skill = skill_asked(reading, [each for each in near if _for(turn, each.audience)])
        if skill is None:
            return False
        line = reading.read_as or message.text or ""
        return {"asked": Asked(turn, state, skill, line, ticket_number(line), found)}


@router.message(Private(), F.text, Speech(), AsksForSkill())
async def answer(_message: Message, asked: Asked) -> None:
    """The figure; a stranger is told how to get it. Where there is none the line goes on to the articles."""
    act = asked.skill.act
    if not asked.turn.visitor.is_client and not asked.turn.visitor.is_staff and act not in FOR_ANYBODY:
        asked.say("skill/stranger", StrangerAsked(asked.words))
    elif not ACTS[act](asked):
        raise SkipHandler
    asked.settle()


def _for(turn: Conversation, audience: list[str]) -> bool:
    """Whether the skill is for one of the speaker's roles at this moment (R2.4)."""
    visitor = turn.visitor
    roles = spoken_to_as([each.role for each in visitor.memberships], visitor.staff_roles)
    return not roles.isdisjoint(f"{MARK}{who}" for who in audience)
