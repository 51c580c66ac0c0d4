"""Status, who comes when, cancel and another time in answer to a line, of the tickets that one may see (R2.8)."""

from aiogram import Router
from aiogram.types import CallbackQuery

from bot.answers.skills.another_time import wish_time
from bot.answers.skills.own_tickets import news_of, own_tickets, where_may
from bot.handlers.client.skills.asked import SkillCall
from bot.handlers.client.skills.presses import WishTime
from bot.handlers.client.skills.screens import NoSuchTicket, TicketChoice, TicketsTold, TimeNoted
from bot.handlers.client.tickets.screens import Cancelling
from bot.handlers.common.acting import actor
from bot.handlers.common.conversation import Conversation
from bot.handlers.common.filters import Private
from bot.tickets.life.acts import OVER, Act
from bot.tickets.life.models import Ticket, TicketState

NOT_YET_DONE = frozenset(TicketState) - OVER - {TicketState.DONE, TicketState.DISPUTED}

router = Router(name="skill_tickets")
router.callback_query.filter(Private())


def status(asked: SkillCall) -> bool:
    """How the tickets stand that are open, or the one that is named."""
    return _tell(asked, "skill/ticket_status")


def arrival(asked: SkillCall) -> bool:
    """Who comes and by when."""
    return _tell(asked, "skill/arrival")


def cancel(asked: SkillCall) -> bool:
    """The one ticket to cancel, asked once more; of several, which."""
    found = _named(asked)
    fit = where_may(asked.turn.session, [each for each in found if each.state not in OVER], Act.CANCEL, _by(asked))
    if len(fit) == 1:
        ticket = fit[0]
        asked.say("ticket/cancel_sure", Cancelling(ticket.id, ticket.number, held=ticket.held_amount > 0))
    elif fit:
        asked.say("skill/cancel", _choice(asked, fit))
    else:
        asked.say("skill/no_ticket", _none(asked, found))
    return True


def other_time(asked: SkillCall) -> bool:
    """The wish goes onto the one ticket that is not done yet; of several, which."""
    found, line = _named(asked), asked.found
    fit = where_may(asked.turn.session, [each for each in found if each.state in NOT_YET_DONE], Act.WRITE, _by(asked))
    if len(fit) == 1 and line is not None:
        ticket = wish_time(asked.turn.uow, fit[0].id, line.message.id, _by(asked))
        asked.say("skill/other_time", TimeNoted(asked.words, ticket.id, ticket.number))
    elif fit:
        asked.say("skill/which_time", _choice(asked, fit))
    else:
        asked.say("skill/no_ticket", _none(asked, found))
    return True


@router.callback_query(WishTime.filter())
async def wished(_press: CallbackQuery, callback_data: WishTime, turn: Conversation) -> None:
    """For this ticket."""
    ticket = wish_time(turn.uow, callback_data.ticket, callback_data.message, actor(turn))
    turn.show("skill/other_time", TimeNoted(None, ticket.id, ticket.number))


def _tell(asked: SkillCall, template: str) -> bool:
    found = _named(asked)
    news = news_of(asked.turn.session, found)
    asked.say(template, TicketsTold(asked.words, news, len(found), asked.number, asked.appeal_id))
    return True


def _choice(asked: SkillCall, tickets: list[Ticket]) -> TicketChoice:
    message = asked.found.message.id if asked.found is not None else 0
    return TicketChoice(asked.words, news_of(asked.turn.session, tickets), message, asked.appeal_id)


def _none(asked: SkillCall, found: list[Ticket]) -> NoSuchTicket:
    going = news_of(asked.turn.session, [each for each in found if each.state not in OVER])
    return NoSuchTicket(asked.words, asked.number, going, asked.appeal_id)


def _named(asked: SkillCall) -> list[Ticket]:
    return list(own_tickets(asked.turn.session, _by(asked), asked.number))


def _by(asked: SkillCall) -> int:
    return actor(asked.turn)
