"""What needs no call, as who may set it is shown it (R7.6)."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.billing.quotes.ceilings import GivenCeiling, ceiling_objects, ceilings_of, ceilings_offered
from bot.clients.models import Company, ServiceObject
from bot.clients.objects import ObjectLine, object_lines
from bot.handlers.common.company import person_of
from bot.handlers.common.conversation import Conversation
from bot.handlers.common.pages import page_of

PAGE = 8


@dataclass(frozen=True, slots=True)
class CeilingLine:
    """An object with the ceiling that holds for it."""

    thing: ObjectLine
    given: GivenCeiling | None


@dataclass(frozen=True, slots=True)
class CeilingList:
    """A page of the objects that the person approves work on."""

    company_id: int
    company: str
    lines: Sequence[CeilingLine]
    page: int
    pages: int


@dataclass(frozen=True, slots=True)
class ObjectCeiling:
    """One object; `sums`: kopecks on offer, 0 to be asked each time."""

    company_id: int
    object_id: int
    title: str
    given: GivenCeiling | None
    sums: Sequence[int]


def ceiling_list(turn: Conversation, company: Company, page: int) -> CeilingList:
    """The page that was asked for, or the nearest one there is."""
    by = person_of(turn)
    mine = ceiling_objects(turn.session, company.id, by)
    shown = page_of(mine, page, PAGE)
    given = ceilings_of(turn.session, [thing.id for thing in shown.rows])
    lines = [CeilingLine(line, given.get(line.id)) for line in object_lines(turn.session, shown.rows, among=mine)]
    return CeilingList(company.id, company.name, lines, shown.number, shown.pages)


def object_ceiling(turn: Conversation, thing: ServiceObject) -> ObjectCeiling:
    """What holds for an object now, and what can be chosen."""
    return ObjectCeiling(
        thing.company_id,
        thing.id,
        object_lines(turn.session, [thing])[0].title,
        ceilings_of(turn.session, [thing.id]).get(thing.id),
        ceilings_offered(turn.session),
    )
