"""The objects to choose from for a draft, in the order in which what was said names them (R1.3)."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlmodel import Session

from bot.clients.models import ServiceObject, Site
from bot.clients.objects import own_numbers, sites_of
from bot.tickets.intake.naming import Described, Fit, fits
from bot.tickets.intake.numbers_said import folded

NEAR = 0.5  # of the best fit's score, which an object needs to be found where none fits in every word


@dataclass(frozen=True, slots=True)
class ObjectsFound:
    """Objects that words name, those that fit best first. `surely`: in every word, or by a number of theirs; `sites`:
    where they stand, if it was looked at."""

    objects: list[ServiceObject]
    surely: bool
    sites: dict[int, Site] | None = None


def ranked(session: Session, objects: Sequence[ServiceObject], said: str) -> ObjectsFound:
    """All of the objects; `surely`: what was said tells some of them from the others."""
    if not said or len(objects) < 2:
        return ObjectsFound(list(objects), False)
    sites = sites_of(session, objects)
    found = _fits(objects, sites, said)
    by_id = {thing.id: thing for thing in objects}
    return ObjectsFound([by_id[fit.thing.id] for fit in found], found[0].score > found[-1].score, sites)


def find_objects(session: Session, objects: Sequence[ServiceObject], words: str) -> ObjectsFound:
    """Those of the objects that have every word, in any form, or a number, or a part of one; where none has, those that
    fit best."""
    sites = sites_of(session, objects)
    found = [fit for fit in _fits(objects, sites, words) if fit.score or fit.whole]
    whole = [fit for fit in found if fit.number] or [fit for fit in found if fit.whole]
    near = whole or [fit for fit in found if fit.score >= NEAR * found[0].score]
    by_id = {thing.id: thing for thing in objects}
    return ObjectsFound([by_id[fit.thing.id] for fit in near], bool(whole), sites)


def numbered(session: Session, person_id: int, numbers: Collection[str]) -> list[int]:
    """The person's objects that have one of these `folded` numbers from end to end."""
    if not numbers:
        return []
    return [
        thing.id
        for thing in own_numbers(session, person_id)
        if any(each and folded(each) in numbers for each in (thing.serial, thing.inventory))
    ]


def _fits(objects: Sequence[ServiceObject], sites: Mapping[int, Site], said: str) -> list[Fit]:
    things = []
    for thing in objects:
        site = sites.get(thing.site_id) if thing.site_id is not None else None
        name, address = (site.name, site.address) if site is not None else (None, None)
        described = Described(
            thing.id, thing.kind, thing.model, thing.code, thing.serial, thing.inventory, name, address
        )
        things.append(described)
    return fits(said, things)
