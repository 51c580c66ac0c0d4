"""A list and the opening of one thing obey the same condition, for everybody and everything (R2.3, R2.8)."""

import ast
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlmodel import Session, col, select

from bot.answers.digest import open_gaps
from bot.billing.debts.owed import debts_of
from bot.billing.debts.rights import may_see_money
from bot.billing.documents.issued import statements_of
from bot.clients.access import OURS, insiders, owned_companies, share_tickets
from bot.clients.identification.identity import visitor_of
from bot.clients.models import ClientRole, Company, Membership, ServiceObject, StaffRole
from bot.clients.objects import companies_of, contract_for, visible_object, visible_objects
from bot.clients.rights import MANAGERS, OFFICE, WORKERS, acts_for, allowed, employed, require
from bot.clients.search import find_people
from bot.db.errors import NotAllowed, Refusal
from bot.telegram.ids import account as telegram_account
from bot.tickets.intake.triage import waiting
from bot.tickets.life.acts import READERS, STAFF, Act
from bot.tickets.life.leave import require_right, who_is
from bot.tickets.life.models import Ticket
from bot.tickets.life.rights import may_see
from bot.tickets.offers.answer import view_quote
from bot.tickets.offers.proof import require_proof_reader
from bot.tickets.thread.listing import history_of, my_tickets
from bot.tickets.thread.writing import thread_of
from tests.builders.place import Place, build_place
from tests.builders.stories import refused_by
from tests.conftest import NOON, TestOffice

STRANGERS = ("nobody", "former", "inactive", "other_owner", "former_engineer", "inactive_dispatcher")


ALL_OF_SHOP = {"own_near", "colleagues_near", "colleagues_far", "colleagues_placeless", "guests", "formers"}
NEAR = {"own_near", "colleagues_near", "guests", "formers"}
FAR = {"colleagues_far"}
SEEN: dict[str, set[str]] = {
    "requester": {"own_near"},
    "colleague": {"colleagues_near", "colleagues_far", "colleagues_placeless"},
    "joiner": {"colleagues_far"},
    "near_requester": set(),
    **dict.fromkeys(("approver", "finance", "owner"), ALL_OF_SHOP),
    **{f"near_{role}": NEAR for role in ("approver", "finance", "owner")},
    **{f"far_{role}": FAR for role in ("approver", "finance", "owner")},
    "deputy": NEAR,
    "absent": NEAR,
    "guest": {"guests"},
    "other_owner": {"others"},
    **{name: set() for name in ("nobody", "former", "inactive", "former_engineer", "inactive_dispatcher")},
}


def listed(session: Session, place: Place, name: str) -> set[str]:
    numbers = {ticket_id: key for key, ticket_id in place.tickets.items()}
    lines, more = my_tickets(session, place.people[name], 0, 50)
    assert not more
    return {numbers[line.id] for line in lines}


def opened(session: Session, place: Place, name: str) -> set[str]:
    by = place.people[name]
    found = set()
    for key, ticket_id in place.tickets.items():
        ticket = session.get_one(Ticket, ticket_id)
        seen = may_see(session, ticket, by)
        for way in (history_of, thread_of):
            assert refused_by(lambda way=way, of=ticket_id: way(session, of, by)) is not seen, (name, key)
        found |= {key} if seen else set()
    return found


def test_everybody_opens_just_what_their_list_shows(office: TestOffice) -> None:
    with office.work() as uow:
        place = build_place(uow.session)
        for name, wanted in SEEN.items():
            assert listed(uow.session, place, name) == wanted == opened(uow.session, place, name), name
        for role in StaffRole:
            assert opened(uow.session, place, role.value) == set(place.tickets), role
            require(uow.session, employed, person=place.people[role.value])


def test_a_company_that_shares_its_tickets_shows_them_within_each_ones_scope(office: TestOffice) -> None:
    with office.work() as uow:
        place = build_place(uow.session)
        for name in place.people:
            by = place.people[name]
            mine = {company.id for company in owned_companies(uow.session, by)}
            assert (place.town.shop in mine) is (name == "owner"), name
            assert refused_by(lambda by=by: share_tickets(uow, place.town.shop, by, shared=True)) is (name != "owner")
        for name in ("requester", "colleague", "joiner", "deputy"):
            assert listed(uow.session, place, name) == ALL_OF_SHOP == opened(uow.session, place, name), name
        assert listed(uow.session, place, "near_requester") == NEAR == opened(uow.session, place, "near_requester")
        for name in STRANGERS:
            assert not opened(uow.session, place, name) & ALL_OF_SHOP, name


def test_a_closed_company_shows_nothing_to_its_people_and_opens_nothing(office: TestOffice) -> None:
    with office.work() as uow:
        place = build_place(uow.session)
        town = place.town
        shared = uow.session.get_one(Company, town.shop)
        shared.active, shared.requesters_see_all = False, True
        uow.session.flush()
        for name in SEEN:
            if name != "other_owner":
                assert listed(uow.session, place, name) == set() == opened(uow.session, place, name), name
                by = place.people[name]
                assert companies_of(uow.session, by) == [] == visible_objects(uow.session, by, town.shop)
                assert not may_see_money(uow.session, town.shop, by)
        thing = uow.session.get_one(ServiceObject, town.till)
        assert contract_for(uow.session, thing, NOON.date()) is None, "no ticket is opened on it, by staff either"
        assert visitor_of(uow.session, telegram_account(60_000)).companies == []
        assert find_people(uow.session, "requester") == []
        assert opened(uow.session, place, "dispatcher") == set(place.tickets), "our own staff winds it up"


def test_objects_are_listed_and_opened_alike(office: TestOffice) -> None:
    with office.work() as uow:
        place = build_place(uow.session)
        town = place.town
        every = {town.till, town.printer, town.lamp}
        near, far = {town.till}, {town.printer}
        wanted = {
            **dict.fromkeys(("requester", "colleague", "joiner", "deputy", "approver", "finance", "owner"), every),
            **{f"near_{role}": near for role in ("requester", "approver", "finance", "owner")},
            **{f"far_{role}": far for role in ("approver", "finance", "owner")},
            **{name: set() for name in (*STRANGERS, "guest")},
            **{role.value: every for role in StaffRole},
        }
        for name, things in wanted.items():
            by = place.people[name]
            assert {thing.id for thing in visible_objects(uow.session, by, town.shop)} == things, name
            for thing in every:
                assert (visible_object(uow.session, by, thing) is not None) is (thing in things), name


def test_money_is_for_the_companys_own_finance_and_owners(office: TestOffice) -> None:
    with office.work() as uow:
        place = build_place(uow.session)
        shop = place.town.shop
        for name, by in place.people.items():
            may = name in ("finance", "owner")
            assert may_see_money(uow.session, shop, by) is may, name
            assert refused_by(lambda by=by: statements_of(uow.session, shop, by)) is not may, name
            assert refused_by(lambda by=by: debts_of(uow.session, shop, NOON.date(), by)) is not may, name


def test_the_proof_is_for_money_of_the_place_and_our_managers(office: TestOffice) -> None:
    with office.work() as uow:
        place = build_place(uow.session)
        may = {"finance", "owner", "near_finance", "near_owner", "manager", "admin"}
        for name, by in place.people.items():
            refused = refused_by(lambda by=by: require_proof_reader(uow.session, place.tickets["own_near"], by))
            assert refused is (name not in may), name


def test_who_speaks_for_the_client_on_a_ticket(office: TestOffice) -> None:
    with office.work() as uow:
        place = build_place(uow.session)
        speaks = {"requester", "approver", "owner", "near_approver", "near_owner", "absent"}
        own = uow.session.get_one(Ticket, place.tickets["own_near"])
        for name, by in place.people.items():
            assert refused_by(lambda by=by: require_right(uow.session, own, Act.CANCEL, by)) is (name not in speaks), (
                name
            )


def test_the_table_knows_as_readers_those_who_see_the_ticket(office: TestOffice) -> None:
    with office.work() as uow:
        place = build_place(uow.session)
        for shared in (False, True):
            uow.session.get_one(Company, place.town.shop).requesters_see_all = shared
            uow.session.flush()
            for number in place.tickets.values():
                ticket = uow.session.get_one(Ticket, number)
                for name, by in place.people.items():
                    reads = bool(who_is(uow.session, ticket, by) & (READERS | STAFF))
                    assert reads is may_see(uow.session, ticket, by), (name, number, shared)


# Every check of a staff right, and who passes it: nobody who left or is not active passes any (R2.7).
CHECKS: dict[str, tuple[Callable[[Session, int], object], set[str]]] = {
    "triage": (lambda session, by: waiting(session, by, 0, 1), {"dispatcher", "manager", "admin"}),
    "articles": (lambda session, by: open_gaps(session, NOON, by), {"dispatcher", "manager", "admin"}),
    "leads": (lambda session, by: require(session, employed, OFFICE, person=by), {"dispatcher", "manager", "admin"}),
    "works": (lambda session, by: require(session, employed, WORKERS, person=by), {"engineer", "dispatcher", "admin"}),
    "reads jobs": (
        lambda session, by: require(session, employed, person=by),
        {"engineer", "dispatcher", "manager", "admin"},
    ),
    "our people": (lambda session, by: insiders(session, OURS, by), {"manager", "admin"}),
    "manages": (lambda session, by: require(session, employed, MANAGERS, person=by), {"manager", "admin"}),
}


@pytest.mark.parametrize("check", list(CHECKS))
def test_each_check_of_staff_knows_who_left(office: TestOffice, check: str) -> None:
    act, may = CHECKS[check]
    with office.work() as uow:
        place = build_place(uow.session)
        for name, by in place.people.items():
            assert refused_by(lambda by=by: act(uow.session, by)) is (name not in may), name


def test_an_inactive_owner_lets_nobody_in(office: TestOffice) -> None:
    with office.work() as uow:
        place = build_place(uow.session)
        may = {"owner", "manager", "admin"}
        for name, by in place.people.items():
            refused = refused_by(lambda by=by: insiders(uow.session, place.town.shop, by))
            assert refused is (name not in may), name
        shown = {each.name for each in insiders(uow.session, place.town.shop, place.people["owner"])}
        assert "inactive" not in shown and "former" not in shown and "requester" in shown


def test_a_quote_opens_for_those_who_see_its_ticket(office: TestOffice) -> None:
    from tests.builders.bills import quote_of
    from tests.builders.jobs import build_firm
    from tests.builders.jobs import opened as opened_ticket
    from tests.builders.jobs import person as of_firm

    with office.work() as uow:
        firm = build_firm(uow.session)
        quote = quote_of(uow, opened_ticket(uow, firm))
        colleague = of_firm(uow.session, "Коллега", firm.company, ClientRole.REQUESTER)
        finance = of_firm(uow.session, "Бухгалтер", firm.company, ClientRole.FINANCE)
        for by in (firm.requester, firm.approver, firm.boss, finance):
            assert view_quote(uow, quote.id, by)[0].id == quote.id
        for by in (colleague, firm.outsider, firm.engineer, firm.dispatcher):
            with pytest.raises(NotAllowed):
                view_quote(uow, quote.id, by)
        for role in uow.session.exec(select(Membership).where(col(Membership.person_id) == firm.boss)).all():
            role.ended_at = NOON
        uow.session.flush()
        with pytest.raises(Refusal):
            view_quote(uow, quote.id, firm.boss)


def test_a_condition_may_be_asked_of_plain_ids(office: TestOffice) -> None:
    with office.work() as uow:
        place = build_place(uow.session)
        owner, town = place.people["owner"], place.town
        assert allowed(uow.session, acts_for, {ClientRole.OWNER}, person=owner, company=town.shop)
        assert not allowed(uow.session, acts_for, person=owner, company=town.cafe)
        assert allowed(uow.session, employed, {StaffRole.MANAGER}, person=place.people["admin"]), "an admin has all"
        assert not allowed(uow.session, employed, {StaffRole.MANAGER}, person=place.people["engineer"])


def asks_by_hand(source: str) -> list[str]:
    """Where a right is refused besides `require`: a test of `allowed` that raises."""
    found = []
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.If(
                test=ast.UnaryOp(op=ast.Not(), operand=ast.Call(func=ast.Name(id="allowed"))),
                body=[ast.Raise(exc=ast.Name(id="NotAllowed"))],
            ):
                found.append(ast.unparse(node.test))
    return found


def test_a_right_is_required_in_one_way() -> None:
    bot = Path(__file__).resolve().parents[2] / "bot"
    places = {str(path.relative_to(bot)) for path in bot.rglob("*.py") if asks_by_hand(path.read_text("utf-8"))}
    assert places == {"clients/rights.py"}  # `require` itself


# Who reads or ends the rows themselves, whatever they are good for: letting in and out, files, what a manager is shown
# of a closed company's people, and the one question a turn asks of its speaker, whose person it has at hand.
OF_THE_ROW = {
    "clients/identification/identity.py",
    "clients/people.py",
    "imports/known.py",
    "imports/load/clients.py",
}


def roles_by_hand(source: str) -> list[str]:
    """Where a role counts because it has not ended, whatever became of its person and company."""
    return [
        ast.unparse(node)
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call) and ast.unparse(node) in {"live(Membership)", "live(Employment)"}
    ]


def test_what_a_role_is_good_for_is_asked_in_one_home() -> None:
    bot = Path(__file__).resolve().parents[2] / "bot"
    places = {str(path.relative_to(bot)) for path in bot.rglob("*.py") if roles_by_hand(path.read_text("utf-8"))}
    assert places - OF_THE_ROW == {"clients/rights.py"}
    assert places >= OF_THE_ROW
