"""A line that asks for a skill is answered with own figures, before an article is looked for (R1.8, R1.13)."""

from collections.abc import Callable, Mapping

from aiogram import F, Router
from aiogram.dispatcher.event.bases import SkipHandler
from aiogram.filters import BaseFilter
from aiogram.fsm.context import FSMContext
from aiogram.types import Message
from sqlmodel import select

from bot.answers.skills.acts import SkillAct
from bot.answers.skills.choosing import nearest_skills, skill_asked, spoken_to_as
from bot.answers.skills.clients import clients_named
from bot.answers.skills.models import Skill
from bot.answers.skills.own_tickets import own_tickets
from bot.answers.skills.sync import skill_doing, skills_of
from bot.answers.skills.words import are_named, bare_number, number_said, ticket_number
from bot.billing.hours.plans import plan_names
from bot.clients.rights import OFFICE
from bot.handlers.client.skills import house, money, tickets
from bot.handlers.client.skills.asked import SkillCall
from bot.handlers.client.skills.screens import StrangerAsked
from bot.handlers.common.company import person_of
from bot.handlers.common.conversation import Conversation
from bot.handlers.common.filters import Private, Speech
from bot.handlers.common.recording import recorded
from bot.handlers.dispatcher.skills import figures
from bot.kb.judging.beside import MARK
from bot.kb.judging.reading import Reading
from bot.tickets.intake.record import Recorded
from bot.tickets.life.models import Ticket

Act = Callable[[SkillCall], bool]  # answers, or says that there is no figure: then an article may

CALLING = (SkillAct.HUMAN, SkillAct.COMPLAINT, SkillAct.LEAVING, SkillAct.NOBODY_CAME)

ACTS: Mapping[SkillAct, Act] = {
    SkillAct.HOURS: money.hours,
    SkillAct.PLAN: money.plan,
    SkillAct.PLANS: money.plans,
    SkillAct.PRICE: money.price,
    SkillAct.DEBT: money.debt,
    SkillAct.DOCUMENTS: money.documents,
    SkillAct.BUY_HOURS: money.buy_hours,
    SkillAct.TICKET_STATUS: tickets.status,
    SkillAct.ARRIVAL: tickets.arrival,
    SkillAct.CANCEL: tickets.cancel,
    SkillAct.OTHER_TIME: tickets.other_time,
    SkillAct.COLLEAGUE: house.colleague,
    SkillAct.CONTACTS: house.contacts,
    SkillAct.REQUISITES: house.requisites,
    SkillAct.DANGER: house.danger,
    **dict.fromkeys(CALLING, house.call_somebody),
    SkillAct.JOBS: figures.jobs,
    SkillAct.FIND_TICKET: figures.find_ticket,
    SkillAct.FIND_CLIENT: figures.find_client,
    SkillAct.DEBTORS: figures.owing,
}
OF_TICKETS = frozenset({SkillAct.TICKET_STATUS, SkillAct.ARRIVAL, SkillAct.CANCEL, SkillAct.OTHER_TIME})
FOR_ANYBODY = frozenset(
    {SkillAct.PLANS, SkillAct.PRICE, SkillAct.CONTACTS, SkillAct.REQUISITES, SkillAct.DANGER, *CALLING}
)

router = Router(name="skills")
router.include_router(tickets.router)


class AsksForSkill(BaseFilter):
    """A line that asks for a skill which is for one of the speaker's roles at this moment (R2.4)."""

    async def __call__(self, message: Message, turn: Conversation, state: FSMContext) -> bool | dict[str, object]:
        found, reading = recorded(turn), turn.prepared.reading if turn.prepared else None
        if (_settled(found) if found is not None else not turn.visitor.is_staff) or not isinstance(reading, Reading):
            return False
        line = reading.read_as or message.text or ""
        number = bare_number(message.text or "") or ticket_number(line)
        if number is None and turn.visitor.is_staff:
            number = number_said(line)
        skill = _by_number(turn, message.text or "") or _nearest(turn, reading) or _by_name(turn, line)
        return {"asked": SkillCall(turn, state, skill, line, number, found)} if skill is not None else False


@router.message(Private(), F.text, Speech(), AsksForSkill())
async def answer(_message: Message, asked: SkillCall) -> None:
    """The figure; a stranger is told how to get it. Where there is none the line goes on to the articles."""
    act = asked.skill.act
    if not _known(asked.turn, act):
        asked.say("skill/stranger", StrangerAsked(asked.words))
    elif not ACTS[act](asked):
        raise SkipHandler
    asked.settle()


def _settled(found: Recorded) -> bool:
    """Whether a line was heard before, or is said on a ticket (R1.8)."""
    return found.again or found.message.ticket_id is not None


def _known(turn: Conversation, act: SkillAct) -> bool:
    """Whether there is anything of the speaker's own to tell: one whose words a dispatcher made a ticket of has that
    (R2.8)."""
    if turn.visitor.is_client or turn.visitor.is_staff or act in FOR_ANYBODY:
        return True
    return act in OF_TICKETS and turn.visitor.person is not None and bool(own_tickets(turn.session, person_of(turn)))


def _by_number(turn: Conversation, text: str) -> Skill | None:
    """A number alone is that of a ticket, if the speaker may see one of it; any other may be a code."""
    number = bare_number(text)
    if number is None and turn.visitor.is_staff:
        number = number_said(text)
    if number is None:
        return None
    if turn.visitor.person is not None and own_tickets(turn.session, person_of(turn), number):
        return skill_doing(turn.session, SkillAct.TICKET_STATUS, turn.lang)
    if turn.visitor.is_staff and _is_ticket(turn, number):
        return skill_doing(turn.session, SkillAct.FIND_TICKET, turn.lang)
    if ticket_number(text) is None:
        return None
    act = SkillAct.FIND_TICKET if turn.visitor.is_staff else SkillAct.TICKET_STATUS
    return skill_doing(turn.session, act, turn.lang)


def _is_ticket(turn: Conversation, number: int) -> bool:
    return turn.session.exec(select(Ticket.id).where(Ticket.number == number)).first() is not None


def _by_name(turn: Conversation, line: str) -> Skill | None:
    """A line of the office that is nothing but a client's name."""
    if not turn.visitor.staff_roles & OFFICE or not clients_named(turn.session, line, turn.now, person_of(turn)):
        return None
    return skill_doing(turn.session, SkillAct.FIND_CLIENT, turn.lang)


def _nearest(turn: Conversation, reading: Reading) -> Skill | None:
    codes = nearest_skills(reading)
    visitor = turn.visitor
    roles = spoken_to_as([each.role for each in visitor.memberships], visitor.staff_roles)
    near = skills_of(turn.session, codes, turn.lang) if codes else []
    near = [each for each in near if not roles.isdisjoint(f"{MARK}{who}" for who in each.audience)]
    if (asked := skill_asked(reading, near)) is not None:
        return asked
    plans = bool(near) and near[0].act is SkillAct.PLANS and are_named(reading.query, plan_names(turn.session))
    return near[0] if plans else None
