"""Open tickets, a ticket by number, a client, debtors in answer to a line of our own people."""

from sqlmodel import select

from bot.answers.skills.clients import clients_named
from bot.answers.skills.debtors import debtors
from bot.clients.rights import MANAGERS, OFFICE
from bot.handlers.client.skills.asked import SkillCall
from bot.handlers.common.acting import actor
from bot.handlers.dispatcher.skills.screens import AllOpen, ClientsTold, DebtorsTold, TicketUnknown
from bot.handlers.engineer.jobs.screens import MyJobs
from bot.handlers.engineer.jobs.talk import show_job
from bot.tickets.life.models import Ticket
from bot.tickets.thread.listing import my_jobs, open_tickets


def jobs(asked: SkillCall) -> bool:
    """One's own jobs and the board; for the office all that is open."""
    if asked.turn.visitor.staff_roles & OFFICE:
        asked.say("skill/open_tickets", AllOpen(*open_tickets(asked.turn.session, actor(asked.turn))))
        return True
    asked.turn.say("engineer/list", MyJobs(my_jobs(asked.turn.session, actor(asked.turn))))
    return True


def find_ticket(asked: SkillCall) -> bool:
    """The job's card by the ticket's number."""
    if asked.number is None:
        return jobs(asked)
    found = asked.turn.session.exec(select(Ticket.id).where(Ticket.number == asked.number)).first()
    if found is None:
        asked.say("skill/ticket_unknown", TicketUnknown(asked.number))
    else:
        show_job(asked.turn, found)
    return True


def find_client(asked: SkillCall) -> bool:
    """Clients by a part of their name; where none is like it, an article may be meant."""
    turn = asked.turn
    found = clients_named(turn.session, asked.line, turn.now, actor(turn))
    if found:
        asked.say("skill/clients", ClientsTold(found, bool(turn.visitor.staff_roles & MANAGERS)))
    return bool(found)


def owing(asked: SkillCall) -> bool:
    """Who owes us, for managers in private (R9.2)."""
    found = debtors(asked.turn.session, asked.turn.now, actor(asked.turn))
    asked.say("skill/debtors", DebtorsTold(found, sum(each.kopecks for each in found)))
    return True
