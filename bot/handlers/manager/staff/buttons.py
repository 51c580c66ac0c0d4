"""Buttons of letting people in and out."""

from collections.abc import Sequence
from typing import Any

from bot.clients.access import Insider
from bot.handlers.manager.staff.presses import (
    FindClients,
    FreshLink,
    InviteRole,
    LetOut,
    MutePerson,
    PeopleList,
    PersonCard,
)
from bot.telegram.showing.keyboards import Button, Keyboard, buttons


@buttons("people/list")
def listed(
    _lang: str, *, company_id: int, people: Sequence[Insider], page: int, pages: int, staff: bool, **_values: Any
) -> Keyboard:
    rows = [[Button(text=row.name, press=PersonCard(company=company_id, person=row.id))] for row in people]
    turning = []
    if page > 0:
        turning.append(Button("triage.earlier", PeopleList(company=company_id, page=page - 1)))
    if page + 1 < pages:
        turning.append(Button("triage.further", PeopleList(company=company_id, page=page + 1)))
    clients = [Button("people.clients", FindClients())] if staff else []
    return Keyboard([*rows, turning, [Button("people.hire", InviteRole(company=company_id))], clients])


@buttons("people/person")
def person(_lang: str, *, company_id: int, person: Insider, myself: bool, **_values: Any) -> Keyboard:
    out = [] if myself else [Button("people.dismiss", LetOut(company=company_id, person=person.id))]
    return Keyboard(
        [
            [Button("people.link", FreshLink(company=company_id, person=person.id))],
            out,
            [Button("people.back", PeopleList(company=company_id))],
        ]
    )


@buttons("people/sure")
def sure(_lang: str, *, company_id: int, person_id: int, **_values: Any) -> Keyboard:
    return Keyboard(
        [
            [Button("people.dismiss_yes", LetOut(company=company_id, person=person_id, sure=1))],
            [Button("people.back", PersonCard(company=company_id, person=person_id))],
        ]
    )


@buttons("people/role")
def roles(_lang: str, *, company_id: int, roles: Sequence[str], **_values: Any) -> Keyboard:
    rows = [[Button(f"people.{role}", InviteRole(company=company_id, role=place))] for place, role in enumerate(roles)]
    return Keyboard([*rows, [Button("people.back", PeopleList(company=company_id))]])


@buttons("people/companies")
def companies(_lang: str, *, found: Sequence[tuple[int, str]], **_values: Any) -> Keyboard:
    return Keyboard([[Button(text=name, press=PeopleList(company=number))] for number, name in found])


@buttons("people/muting")
def muting(_lang: str, *, person_id: int, muted: bool, **_values: Any) -> Keyboard:
    key = "people.unmute" if muted else "people.mute"
    return Keyboard([[Button(key, MutePerson(person=person_id, on=0 if muted else 1))]])
