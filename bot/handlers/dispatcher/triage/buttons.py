"""Buttons of triage."""

from bot.handlers.dispatcher.triage.presses import (
    ForwardedFrom,
    TriageAnswer,
    TriageClose,
    TriageCompany,
    TriageFiles,
    TriageJoin,
    TriageList,
    TriageObject,
    TriageOpen,
    TriageTicket,
    TriageUnlink,
)
from bot.handlers.dispatcher.triage.screens import (
    Linking,
    TicketOfAppeal,
    WaitingPage,
    WhichObject,
    WhichTicket,
    WhoOfThem,
    WhoseAppeal,
)
from bot.handlers.manager.staff.presses import MutePerson
from bot.telegram.showing.keyboards import Button, Keyboard, buttons
from bot.tickets.intake.triage import TriageCard


@buttons("triage/card")
def card(_lang: str, card: TriageCard) -> Keyboard | None:
    """In the group one button leads to the presser's own chat; there are all of them."""
    appeal_id = card.appeal_id
    if not card.open:
        return None
    if not card.private:
        return Keyboard([[Button("triage.open", TriageOpen(appeal=appeal_id))]])
    linking = [Button("triage.company", TriageCompany(appeal=appeal_id))]
    if card.company_id is not None:
        linking.append(Button("triage.object", TriageObject(appeal=appeal_id)))
    ticket = [Button("triage.ticket", TriageTicket(appeal=appeal_id))] if card.object_id is not None else []
    if card.company_id is not None:
        ticket.append(Button("triage.join", TriageJoin(appeal=appeal_id)))
    if card.linked:
        linking.append(Button("triage.unlink", TriageUnlink(appeal=appeal_id)))
    ending = [
        Button("triage.answer", TriageAnswer(appeal=appeal_id)),
        Button("triage.close", TriageClose(appeal=appeal_id)),
    ]
    silence = [Button("people.mute", MutePerson(person=card.person_id, on=1))] if card.mutable else []
    files = [Button("triage.files", TriageFiles(appeal=appeal_id))] if card.files else []
    return Keyboard([linking, ticket, files, ending, silence, [Button("triage.back", TriageList())]])


@buttons("triage/list")
def listed(_lang: str, shown: WaitingPage) -> Keyboard:
    numbers = [
        Button(text=str(number), press=TriageOpen(appeal=row.appeal_id)) for number, row in enumerate(shown.rows, 1)
    ]
    return Keyboard([numbers, _turning(shown.page, shown.pages)])


@buttons("triage/companies")
def companies(_lang: str, asked: WhoseAppeal) -> Keyboard:
    appeal_id = asked.appeal_id
    rows = [[Button(text=name, press=TriageCompany(appeal=appeal_id, company=row))] for row, name in asked.found]
    return Keyboard([*rows, [Button("triage.back", TriageOpen(appeal=appeal_id))]])


@buttons("triage/link_sure")
def link_sure(_lang: str, asked: Linking) -> Keyboard:
    sure = TriageCompany(appeal=asked.appeal_id, company=asked.company_id, sure=1)
    back = Button("triage.not_it", TriageOpen(appeal=asked.appeal_id))
    return Keyboard([[Button("triage.link_yes", sure)], [back]])


@buttons("triage/opened", "triage/joined")
def undo(_lang: str, done: TicketOfAppeal) -> Keyboard:
    return Keyboard([[Button("triage.unlink", TriageUnlink(appeal=done.appeal_id))]] if done.linked else [])


@buttons("triage/objects")
def objects(_lang: str, asked: WhichObject) -> Keyboard:
    appeal_id, page, pages = asked.appeal_id, asked.page, asked.pages
    rows = [[Button(text=thing.title, press=TriageObject(appeal=appeal_id, object=thing.id))] for thing in asked.things]
    turning = []
    if page > 0:
        turning.append(Button("triage.earlier", TriageObject(appeal=appeal_id, page=page - 1)))
    if page + 1 < pages:
        turning.append(Button("triage.further", TriageObject(appeal=appeal_id, page=page + 1)))
    return Keyboard([*rows, turning, [Button("triage.back", TriageOpen(appeal=appeal_id))]])


@buttons("triage/tickets")
def tickets(_lang: str, asked: WhichTicket) -> Keyboard:
    appeal_id = asked.appeal_id
    rows = [
        [Button("triage.join_one", TriageJoin(appeal=appeal_id, ticket=each.id), values={"number": each.number})]
        for each in asked.tickets
    ]
    return Keyboard([*rows, [Button("triage.back", TriageOpen(appeal=appeal_id))]])


@buttons("triage/people")
def people(_lang: str, asked: WhoOfThem) -> Keyboard:
    return Keyboard(
        [[Button(text=name, press=ForwardedFrom(person=row, message=asked.message_id))] for row, name in asked.found]
    )


def _turning(page: int, pages: int) -> list[Button]:
    found = []
    if page > 0:
        found.append(Button("triage.earlier", TriageList(page=page - 1)))
    if page + 1 < pages:
        found.append(Button("triage.further", TriageList(page=page + 1)))
    return found
