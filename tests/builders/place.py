"""A company with two places, tickets of several people, and everybody who might look at them."""

from dataclasses import dataclass, field

from sqlmodel import Session

from bot.clients.models import ClientRole, Employment, Membership, Person, ServiceObject, StaffRole
from bot.tickets.life.models import Appeal, AppealEnd
from tests.builders.appeals import Town, add, build_town, person, staff, ticket_on
from tests.conftest import NOON


@dataclass
class Place:
    """A company with two places, tickets of several people, and everybody who might look."""

    town: Town
    tickets: dict[str, int] = field(default_factory=dict)
    people: dict[str, int] = field(default_factory=dict)


def build_place(session: Session) -> Place:
    town = build_town(session)
    place = Place(town)
    far = session.get_one(ServiceObject, town.printer).site_id

    def member(name: str, role: ClientRole, site: int | None = None, company: int = town.shop, **more: object) -> int:
        found = person(session, 60_000 + len(place.people), name)
        place.people[name] = found
        add(session, Membership(person_id=found, company_id=company, role=role, site_id=site, granted_at=NOON, **more))
        return found

    member("requester", ClientRole.REQUESTER)
    member("colleague", ClientRole.REQUESTER)
    member("joiner", ClientRole.REQUESTER)
    member("near_requester", ClientRole.REQUESTER, town.site)
    for role in (ClientRole.APPROVER, ClientRole.FINANCE, ClientRole.OWNER):
        member(role.value, role)
        member(f"near_{role.value}", role, town.site)
        member(f"far_{role.value}", role, far)
    deputy = member("deputy", ClientRole.REQUESTER)
    member("absent", ClientRole.APPROVER, town.site, deputy_id=deputy)
    member("former", ClientRole.OWNER, ended_at=NOON)
    session.get_one(Person, member("inactive", ClientRole.OWNER)).active = False
    member("other_owner", ClientRole.OWNER, company=town.cafe)
    for role in StaffRole:
        place.people[role.value] = staff(session, 61_000 + len(place.people), role.value, role)
    gone = place.people["former_engineer"] = person(session, 62_001, "gone")
    add(session, Employment(person_id=gone, role=StaffRole.ADMIN, granted_at=NOON, ended_at=NOON))
    place.people["inactive_dispatcher"] = staff(session, 62_002, "off", StaffRole.DISPATCHER)
    session.get_one(Person, place.people["inactive_dispatcher"]).active = False
    place.people["nobody"] = person(session, 62_003, "nobody")
    place.people["guest"] = person(session, 62_004, "guest")
    for name, thing, who in (
        ("own_near", town.till, "requester"),
        ("colleagues_near", town.till, "colleague"),
        ("colleagues_far", town.printer, "colleague"),
        ("colleagues_placeless", town.lamp, "colleague"),
        ("guests", town.till, "guest"),
        ("formers", town.till, "former"),
    ):
        place.tickets[name] = ticket_on(session, town, thing, requester_id=place.people[who]).id
    others = ticket_on(session, town, town.cafe_till, requester_id=place.people["other_owner"])
    others.company_id = town.cafe
    place.tickets["others"] = others.id
    for who, ticket, end in (("joiner", "colleagues_far", AppealEnd.ATTACHED), ("guest", "guests", AppealEnd.TICKET)):
        times = {"started_at": NOON, "last_at": NOON, "ended_at": NOON}
        add(session, Appeal(person_id=place.people[who], ticket_id=place.tickets[ticket], end=end, **times))
    return place
