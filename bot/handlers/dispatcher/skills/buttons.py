"""Buttons of staff's skills."""

from bot.handlers.dispatcher.skills.screens import AllOpen, ClientsTold
from bot.handlers.engineer.jobs.presses import JobOpen
from bot.handlers.manager.staff.presses import PeopleList
from bot.telegram.showing.keyboards import Button, Keyboard, buttons


@buttons("skill/clients")
def clients(_lang: str, told: ClientsTold) -> Keyboard | None:
    if not told.manages:
        return None
    return Keyboard(
        [
            [Button("settings.people_of", PeopleList(company=each.company_id), values={"company": each.name})]
            for each in told.clients
        ]
    )


@buttons("skill/open_tickets")
def open_tickets(_lang: str, told: AllOpen) -> Keyboard | None:
    return Keyboard(
        [
            [Button("ticket.line", JobOpen(ticket=each.id), values={"number": each.number, "title": each.title})]
            for each in told.tickets
        ]
    )
