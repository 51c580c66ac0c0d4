"""Buttons of letting people in and out."""

from bot.clients.access import OURS
from bot.handlers.manager.staff.presses import (
    FindClients,
    FreshLink,
    InviteRole,
    LetOut,
    MutePerson,
    PeopleList,
    PersonCard,
)
from bot.handlers.manager.staff.screens import ClosingAccess, CompaniesFound, Muting, People, PersonShown, RoleWanted
from bot.telegram.showing.keyboards import Button, Keyboard, buttons


@buttons("people/list")
def listed(_lang: str, shown: People) -> Keyboard:
    company_id, page = shown.company_id, shown.page
    rows = [[Button(text=row.name, press=PersonCard(company=company_id, person=row.id))] for row in shown.people]
    turning = []
    if page > 0:
        turning.append(Button("triage.earlier", PeopleList(company=company_id, page=page - 1)))
    if page + 1 < shown.pages:
        turning.append(Button("triage.further", PeopleList(company=company_id, page=page + 1)))
    clients = [Button("people.clients", FindClients())] if company_id == OURS else []
    hiring = [Button("people.hire", InviteRole(company=company_id))] if shown.lets_in else []
    return Keyboard([*rows, turning, hiring, clients])


@buttons("people/person")
def person(_lang: str, shown: PersonShown) -> Keyboard:
    company_id, person_id = shown.company_id, shown.person.id
    link = [Button("people.link", FreshLink(company=company_id, person=person_id))]
    out = [] if shown.myself else [Button("people.dismiss", LetOut(company=company_id, person=person_id))]
    back = [Button("people.back", PeopleList(company=company_id))]
    return Keyboard([link, out, back] if shown.lets_in else [back])


@buttons("people/sure")
def sure(_lang: str, closing: ClosingAccess) -> Keyboard:
    company_id, person_id = closing.company_id, closing.person_id
    return Keyboard(
        [
            [Button("people.dismiss_yes", LetOut(company=company_id, person=person_id, sure=1))],
            [Button("people.back", PersonCard(company=company_id, person=person_id))],
        ]
    )


@buttons("people/role")
def roles(_lang: str, wanted: RoleWanted) -> Keyboard:
    company_id = wanted.company_id
    rows = [
        [Button(f"people.{role}", InviteRole(company=company_id, role=place))]
        for place, role in enumerate(wanted.roles)
    ]
    return Keyboard([*rows, [Button("people.back", PeopleList(company=company_id))]])


@buttons("people/companies")
def companies(_lang: str, whose: CompaniesFound) -> Keyboard:
    return Keyboard([[Button(text=company.name, press=PeopleList(company=company.id))] for company in whose.found])


@buttons("people/muting")
def muting(_lang: str, of: Muting) -> Keyboard:
    key = "people.unmute" if of.muted else "people.mute"
    return Keyboard([[Button(key, MutePerson(person=of.person_id, on=0 if of.muted else 1))]])
