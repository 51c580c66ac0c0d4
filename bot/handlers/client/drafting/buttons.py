"""Buttons of a ticket being put together."""

from datetime import datetime

from bot.handlers.client.drafting.presses import (
    AskTime,
    DraftBack,
    DraftStep,
    DropDraft,
    FindObject,
    JoinTicket,
    NewAnyway,
    NotListed,
    ObjectPage,
    PickCompany,
    PickObject,
    PickTime,
    SayAnew,
    SayUrgent,
    SendDraft,
    StartDraft,
    TakeEarlier,
)
from bot.handlers.client.drafting.screens import (
    DraftAfterEnd,
    DraftCard,
    DraftCompanies,
    DraftEmpty,
    DraftNotFound,
    DraftObjects,
    DraftSearch,
    DraftTimes,
    DraftTwin,
)
from bot.handlers.client.questions.presses import WantHuman
from bot.handlers.client.questions.screens import AppealGoesOn
from bot.messaging.notices.texts import label
from bot.telegram.showing.keyboards import Button, Keyboard, buttons


@buttons("draft/describe")
def describe(_lang: str, draft: DraftEmpty) -> Keyboard:
    return Keyboard(_ways_out(draft.appeal_id, DraftStep.DESCRIBE))


@buttons("draft/company")
def company(_lang: str, draft: DraftCompanies) -> Keyboard:
    rows = [
        [Button(text=each.name, press=PickCompany(appeal=draft.appeal_id, company=each.id))] for each in draft.companies
    ]
    return Keyboard([*rows, *_ways_out(draft.appeal_id, DraftStep.COMPANY)])


@buttons("draft/left")
def left(_lang: str, draft: AppealGoesOn) -> Keyboard:
    return Keyboard(
        [
            [
                Button("draft.go_on", StartDraft(appeal=draft.appeal_id)),
                Button("kb.human", WantHuman(appeal=draft.appeal_id)),
            ]
        ]
    )


@buttons("draft/objects", "draft/found")
def objects(_lang: str, draft: DraftObjects) -> Keyboard:
    appeal_id, page = draft.appeal_id, draft.page
    rows = [[Button(text=thing.title, press=PickObject(appeal=appeal_id, object=thing.id))] for thing in draft.things]
    turning = []
    if page > 0:
        turning.append(Button("draft.earlier", ObjectPage(appeal=appeal_id, page=page - 1)))
    if page + 1 < draft.pages:
        turning.append(Button("draft.further", ObjectPage(appeal=appeal_id, page=page + 1)))
    find = [Button("draft.find", FindObject(appeal=appeal_id))]
    first, last = (find, []) if draft.many else ([], find)
    finding = [*last, Button("draft.not_listed", NotListed(appeal=appeal_id))]
    return Keyboard(
        [first, *rows, turning, finding, _earlier(appeal_id, draft.earlier), *_ways_out(appeal_id, DraftStep.OBJECTS)]
    )


@buttons("draft/search", "draft/search_none")
def search(_lang: str, draft: DraftSearch | DraftNotFound) -> Keyboard:
    appeal_id = draft.appeal_id
    return Keyboard(
        [
            [
                Button("draft.whole_list", ObjectPage(appeal=appeal_id, page=0)),
                Button("draft.not_listed", NotListed(appeal=appeal_id)),
            ],
            *_ways_out(appeal_id, DraftStep.SEARCH),
        ]
    )


@buttons("draft/join")
def join(_lang: str, twin: DraftTwin) -> Keyboard:
    appeal_id = twin.appeal_id
    key = "draft.join" if twin.number is not None else "draft.join_colleagues"
    return Keyboard(
        [
            [Button(key, JoinTicket(appeal=appeal_id, ticket=twin.ticket_id), values={"number": twin.number})],
            [Button("draft.new_anyway", NewAnyway(appeal=appeal_id))],
            *_ways_out(appeal_id, DraftStep.JOIN),
        ]
    )


@buttons("draft/confirm")
def confirm(_lang: str, draft: DraftCard) -> Keyboard:
    appeal_id = draft.appeal_id
    urgent = (
        Button("draft.not_urgent", SayUrgent(appeal=appeal_id, yes=0))
        if draft.emergency
        else Button("draft.urgent", SayUrgent(appeal=appeal_id, yes=1))
    )
    changing = [Button("draft.say_anew", SayAnew(appeal=appeal_id))]
    if draft.choice:
        changing.insert(0, Button("draft.other_object", ObjectPage(appeal=appeal_id, page=0)))
    chosen = draft.preferred or draft.preferred_words
    asking = (
        [] if draft.emergency else [Button("draft.when_else" if chosen else "draft.when", AskTime(appeal=appeal_id))]
    )
    sending = [Button("draft.send", SendDraft(appeal=appeal_id))]
    return Keyboard(
        [
            sending,
            asking,
            [urgent],
            changing,
            _earlier(appeal_id, draft.earlier),
            *_ways_out(appeal_id, DraftStep.CONFIRM),
        ]
    )


@buttons("draft/after_end")
def after_end(_lang: str, draft: DraftAfterEnd) -> Keyboard:
    appeal_id = draft.appeal_id
    urgent = Button("draft.urgent", SayUrgent(appeal=appeal_id, yes=1))
    sending = Button("draft.send", SendDraft(appeal=appeal_id))
    asking = Button("draft.when_else", AskTime(appeal=appeal_id))
    return Keyboard([[sending], [asking], [urgent], *_ways_out(appeal_id, DraftStep.CONFIRM)])


@buttons("draft/when")
def when(lang: str, draft: DraftTimes) -> Keyboard:
    appeal_id = draft.appeal_id
    rows = [
        [Button(text=label("draft.time", lang, slot=slot), press=PickTime(appeal=appeal_id, at=_minute(slot.at)))]
        for slot in draft.times
    ]
    return Keyboard(
        [*rows, [Button("draft.any_time", PickTime(appeal=appeal_id))], *_ways_out(appeal_id, DraftStep.WHEN)]
    )


def _minute(moment: datetime) -> int:
    return int(moment.timestamp()) // 60


def _ways_out(appeal_id: int, step: DraftStep) -> list[list[Button]]:
    """Back from a step, and out of the draft."""
    back = Button("draft.back", DraftBack(appeal=appeal_id, step=step))
    return [
        [back, Button("draft.drop", DropDraft(appeal=appeal_id))],
        [Button("kb.human", WantHuman(appeal=appeal_id))],
    ]


def _earlier(appeal_id: int, earlier: int) -> list[Button]:
    return [Button("draft.take_earlier", TakeEarlier(appeal=appeal_id))] if earlier else []
