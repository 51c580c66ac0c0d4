"""Buttons of triage."""

from collections.abc import Sequence
from typing import Any

from bot.clients.objects import ObjectLine
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
from bot.handlers.manager.staff.presses import MutePerson
from bot.telegram.showing.keyboards import Button, Keyboard, buttons


@buttons("triage/card")
def card(
    _lang: str,
    *,
    appeal_id: int,
    company_id: int | None,
    object_id: int | None,
    private: bool = False,
    **values: Any,
) -> Keyboard | None:
    """In the group one button leads to the presser's own chat; there are all of them."""
    if not values["open"]:
        return None
    if not private:
        return Keyboard([[Button("triage.open", TriageOpen(appeal=appeal_id))]])
    linking = [Button("triage.company", TriageCompany(appeal=appeal_id))]
    if company_id is not None:
        linking.append(Button("triage.object", TriageObject(appeal=appeal_id)))
    ticket = [Button("triage.ticket", TriageTicket(appeal=appeal_id))] if object_id is not None else []
    if company_id is not None:
        ticket.append(Button("triage.join", TriageJoin(appeal=appeal_id)))
    if values["linked"]:
        linking.append(Button("triage.unlink", TriageUnlink(appeal=appeal_id)))
    ending = [
        Button("triage.answer", TriageAnswer(appeal=appeal_id)),
        Button("triage.close", TriageClose(appeal=appeal_id)),
    ]
    silence = [Button("people.mute", MutePerson(person=values["person_id"], on=1))] if values["mutable"] else []
    files = [Button("triage.files", TriageFiles(appeal=appeal_id))] if values["files"] else []
    return Keyboard([linking, ticket, files, ending, silence, [Button("triage.back", TriageList())]])


@buttons("triage/list")
def listed(_lang: str, *, rows: Sequence[dict[str, Any]], page: int, pages: int, **_values: Any) -> Keyboard:
    numbers = [
        Button(text=str(number), press=TriageOpen(appeal=row["appeal_id"])) for number, row in enumerate(rows, start=1)
    ]
    return Keyboard([numbers, _turning(page, pages)])


@buttons("triage/companies")
def companies(_lang: str, *, appeal_id: int, found: Sequence[tuple[int, str]], **_values: Any) -> Keyboard:
    rows = [[Button(text=name, press=TriageCompany(appeal=appeal_id, company=row))] for row, name in found]
    return Keyboard([*rows, [Button("triage.back", TriageOpen(appeal=appeal_id))]])


@buttons("triage/link_sure")
def link_sure(_lang: str, *, appeal_id: int, company_id: int, **_values: Any) -> Keyboard:
    sure = TriageCompany(appeal=appeal_id, company=company_id, sure=1)
    back = Button("triage.not_it", TriageOpen(appeal=appeal_id))
    return Keyboard([[Button("triage.link_yes", sure)], [back]])


@buttons("triage/opened", "triage/joined")
def undo(_lang: str, *, appeal_id: int, linked: bool, **_values: Any) -> Keyboard:
    return Keyboard([[Button("triage.unlink", TriageUnlink(appeal=appeal_id))]] if linked else [])


@buttons("triage/objects")
def objects(
    _lang: str, *, appeal_id: int, things: Sequence[ObjectLine], page: int, pages: int, **_values: Any
) -> Keyboard:
    rows = [[Button(text=thing.title, press=TriageObject(appeal=appeal_id, object=thing.id))] for thing in things]
    turning = []
    if page > 0:
        turning.append(Button("triage.earlier", TriageObject(appeal=appeal_id, page=page - 1)))
    if page + 1 < pages:
        turning.append(Button("triage.further", TriageObject(appeal=appeal_id, page=page + 1)))
    return Keyboard([*rows, turning, [Button("triage.back", TriageOpen(appeal=appeal_id))]])


@buttons("triage/tickets")
def tickets(_lang: str, *, appeal_id: int, tickets: Sequence[dict[str, Any]], **_values: Any) -> Keyboard:
    rows = [
        [Button("triage.join_one", TriageJoin(appeal=appeal_id, ticket=each["id"]), values={"number": each["number"]})]
        for each in tickets
    ]
    return Keyboard([*rows, [Button("triage.back", TriageOpen(appeal=appeal_id))]])


@buttons("triage/people")
def people(_lang: str, *, found: Sequence[tuple[int, str]], message_id: int, **_values: Any) -> Keyboard:
    return Keyboard([[Button(text=name, press=ForwardedFrom(person=row, message=message_id))] for row, name in found])


def _turning(page: int, pages: int) -> list[Button]:
    found = []
    if page > 0:
        found.append(Button("triage.earlier", TriageList(page=page - 1)))
    if page + 1 < pages:
        found.append(Button("triage.further", TriageList(page=page + 1)))
    return found
