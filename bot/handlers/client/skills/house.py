"""Colleagues, working hours and phones, requisites in answer to a line (R1.13)."""

from bot.billing.debts.rights import may_see_money
from bot.billing.seller.particulars import seller_of
from bot.clients.access import owned_companies
from bot.clients.models import ClientRole
from bot.handlers.client.questions.screens import InDanger
from bot.handlers.client.questions.talk import say_passed
from bot.handlers.client.skills.asked import SkillCall
from bot.handlers.client.skills.money import names_of
from bot.handlers.client.skills.screens import ColleagueTold, ContactsTold, ForOthers, RequisitesTold
from bot.handlers.common.company import NamedCompany, companies, person_of
from bot.tickets.intake.triage import call_person
from bot.tickets.life.at_work import opening


def colleague(asked: SkillCall) -> bool:
    """Owners let people in; others are told who does."""
    turn = asked.turn
    own = {each.id for each in owned_companies(turn.session, person_of(turn))}
    mine = companies(turn)
    others = [
        ForOthers(each.name, names_of(turn.session, each.id, ClientRole.OWNER)) for each in mine if each.id not in own
    ]
    told = ColleagueTold(asked.words, [each for each in mine if each.id in own], others, asked.appeal_id)
    asked.say("skill/colleague", told)
    return True


def call_somebody(asked: SkillCall) -> bool:
    """A person is called for what the skill says (R1.10)."""
    appeal = asked.found.appeal if asked.found is not None else None
    if appeal is None:
        return False
    call_person(asked.turn.uow, appeal.id, asked.skill.act)
    say_passed(asked.turn)
    return True


def danger(asked: SkillCall) -> bool:
    """What to do at once, and the urgent phone; then the line goes on (R1.12)."""
    phone = opening(asked.turn.session, asked.turn.now).emergency_phone
    asked.say("kb/danger", InDanger(asked.appeal_id, phone))
    return False


def contacts(asked: SkillCall) -> bool:
    """When people are there, and the phones."""
    turn, seller = asked.turn, seller_of(asked.turn.session)
    told = ContactsTold(
        words=asked.words,
        opening=opening(turn.session, turn.now),
        begins=clock_face(seller.workday_start) if seller is not None else None,
        ends=clock_face(seller.workday_end) if seller is not None else None,
        appeal_id=asked.appeal_id,
    )
    asked.say("skill/contacts", told)
    return True


def clock_face(minutes: int) -> str:
    """«9:00» of minutes after midnight."""
    return f"{minutes // 60}:{minutes % 60:02}"


def requisites(asked: SkillCall) -> bool:
    """Our own requisites; no figure of anybody's."""
    turn, seller = asked.turn, seller_of(asked.turn.session)
    if seller is None:
        return False
    person = turn.visitor.person
    paying: list[NamedCompany] = [
        each for each in companies(turn) if may_see_money(turn.session, each.id, person.id if person else None)
    ]
    asked.say("skill/requisites", RequisitesTold(asked.words, seller, paying, asked.appeal_id))
    return True
