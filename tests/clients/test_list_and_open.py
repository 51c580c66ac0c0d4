"""All that a button can name by an id: who is shown it in a list may open it, and nobody else may (R2.3, R2.4, R2.8).

Whatever the buttons carry is found by itself: an id that is of no thing here, and of none that is said to be proven
elsewhere, fails the test.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from aiogram.filters.callback_data import CallbackData
from sqlmodel import select

from bot.answers.asking import audience_of, show_article, shown_article, titles
from bot.answers.digest import gap_of, open_gaps
from bot.answers.writing import article_card, changed_lately
from bot.billing.debts.handle import dispute_invoice, settle_invoice
from bot.billing.debts.owed import debts_of
from bot.billing.debts.rights import may_see_money
from bot.billing.documents.dispute_line import line_for, settle_line_dispute
from bot.billing.documents.issued import document_for, statement_for, statements_of
from bot.billing.hours.balances import pool_for, pool_history
from bot.billing.hours.models import Pool
from bot.billing.hours.plans import own_plans
from bot.billing.quotes.approve import Press
from bot.billing.quotes.ceilings import ceiling_object, ceiling_objects
from bot.billing.quotes.top_up import approve_top_up, ask_top_up, may_be_topped_up, offer_top_up, sizes
from bot.billing.terms.models import Plan
from bot.clients.access import insider, insiders, owned_companies, share_tickets
from bot.clients.audiences import Approvers
from bot.clients.models import Company, Contract, Employment, Membership, ServiceObject
from bot.clients.objects import companies_of, visible_object, visible_objects
from bot.db.errors import Outdated, Refusal
from bot.db.last import savepoint
from bot.db.unit_of_work import UnitOfWork
from bot.kb.articles.models import Article
from bot.kb.learning.feedback import answer_feedback
from bot.tickets.calls.booking import call_for
from bot.tickets.intake.appeals import own
from bot.tickets.intake.record import present_appeal
from bot.tickets.intake.triage import in_triage, waiting
from bot.tickets.life.acts import Act
from bot.tickets.life.leave import require_act
from bot.tickets.life.models import Appeal, Ticket
from bot.tickets.offers.answer import view_quote
from bot.tickets.offers.offering import show_waiting_offers
from bot.tickets.thread.listing import history_of, my_jobs, my_tickets
from bot.tickets.thread.writing import pass_note
from bot.tickets.work.dispute_entry import disputable, require_may_dispute, settle_entry_dispute
from bot.transition.wish_plan import wish_plan
from tests.builders.appeals import add
from tests.builders.estate import Estate, build_estate
from tests.conftest import NOON, TestOffice
from tests.handlers.walking import presses

ROOT = Path(__file__).resolve().parents[2]
PRESS = Press(user_id=1, message_id=2, language="ru")
TODAY = NOON.date()


class _UndoneError(Exception):
    """What was tried is taken back."""


def allowed_to(uow: UnitOfWork, act: Callable[[], object]) -> bool:
    """Whether somebody may; what it did is undone."""
    try:
        with savepoint(uow.session):
            if act() is None:
                return False
            raise _UndoneError
    except _UndoneError:
        return True
    except Outdated:
        return True  # theirs to press, and late
    except Refusal:
        return False


@dataclass(frozen=True)
class Kind:
    """A kind of thing: ids of those a person is shown, and the opening (or the act on it) of one by its id.

    `shown` None: a notice names it, no list does. `more` may open that of the company without having it in a list.
    """

    shown: Callable[[UnitOfWork, Estate, int], Any] | None
    opens: Callable[[UnitOfWork, Estate, int, int], object]
    ours: frozenset[str]  # who may open that of the company
    theirs: frozenset[str]  # and that of the neighbour
    key: str = ""  # what the estate calls it, where it has another name here
    personal: bool = False  # a person's own words, whatever became of the company
    unlisted: frozenset[str] = frozenset()  # those of both who are shown it elsewhere than in the list


def _both(estate: Estate) -> tuple[int, int]:
    return estate.place.town.shop, estate.place.town.cafe


def _of_money(uow: UnitOfWork, estate: Estate, by: int) -> list[int]:
    return [each for each in _both(estate) if may_see_money(uow.session, each, by)]


def _statements(uow: UnitOfWork, estate: Estate, by: int) -> Iterator[Any]:
    for company in _of_money(uow, estate, by):
        for row in statements_of(uow.session, company, by):
            yield statement_for(uow.session, row.id, by)


def _pools(uow: UnitOfWork, estate: Estate, by: int) -> Iterator[int]:
    for company in _of_money(uow, estate, by):
        for plan in own_plans(uow.session, company, TODAY):
            yield from (pool.id for pool in plan.pools)


def _staff_only(listing: Callable[[UnitOfWork, int], Any]) -> Callable[[UnitOfWork, Estate, int], Any]:
    """A list that is refused to whom it isn't for."""

    def shown(uow: UnitOfWork, _estate: Estate, by: int) -> Any:
        try:
            return list(listing(uow, by))
        except Refusal:
            return ()

    return shown


def _people(uow: UnitOfWork, estate: Estate, by: int) -> set[int]:
    found: set[int] = set()
    for company in _both(estate):
        try:
            found |= {each.id for each in insiders(uow.session, company, by)}
        except Refusal:
            continue
    return found & {estate.ours["person"], estate.theirs["person"]}


def _opens_person(uow: UnitOfWork, estate: Estate, thing: int, by: int) -> object:
    company = estate.place.town.shop if thing == estate.ours["person"] else estate.place.town.cafe
    return insider(uow.session, company, thing, by)


def _company_of(estate: Estate, name: str, thing: int) -> int:
    return estate.place.town.shop if thing == estate.ours[name] else estate.place.town.cafe


def _articles(uow: UnitOfWork, estate: Estate, by: int) -> list[int]:
    codes = [f"a{company}" for company in _both(estate)]
    return [each.id for each in titles(uow.session, codes, "ru", audience_of(uow.session, by, NOON))]


def _opens_article(uow: UnitOfWork, _estate: Estate, thing: int, by: int) -> object:
    """In an appeal of one's own, as a client does."""
    appeal = add(uow.session, Appeal(person_id=by, started_at=NOON, last_at=NOON))
    return show_article(uow, appeal, uow.session.get_one(Article, thing).code, "ru", "вопрос", 0.5)


def _own_plan(uow: UnitOfWork, estate: Estate, thing: int, by: int) -> object:
    return wish_plan(uow, _company_of(estate, "company", thing), estate.ours["plan"], by)


def _offered(uow: UnitOfWork, estate: Estate, by: int) -> Iterator[int]:
    """A top-up is offered to who asked while they may buy, else to who may: `offer_top_up`'s audience."""
    for company, ids in zip(_both(estate), (estate.ours, estate.theirs), strict=True):
        if by in Approvers(company, site_id=None).people(uow.session):
            yield ids["top_up"]


def _waiting_quotes(uow: UnitOfWork, _estate: Estate, by: int) -> list[int]:
    teller: Any = uow.teller
    before = len(teller.told)
    show_waiting_offers(uow, by)
    return [each.values["quote_id"] for each in teller.told[before:]]


def _objects_to(uow: UnitOfWork, _estate: Estate, thing: int, by: int) -> object:
    entry, ticket = disputable(uow.session, thing)
    require_may_dispute(uow.session, ticket, by)
    return entry


WHOLE = frozenset({"finance", "owner"})
NEIGHBOUR = frozenset({"other_owner"})
OFFICE = frozenset({"dispatcher", "manager", "admin"})
MANAGERS = frozenset({"manager", "admin"})
STAFF = OFFICE | {"engineer"}
REACH_TILL = frozenset(
    {
        *("requester", "colleague", "joiner", "near_requester", "deputy", "absent"),
        *("approver", "finance", "owner", "near_approver", "near_finance", "near_owner"),
    }
)
OF_COMPANY = REACH_TILL | {"far_approver", "far_finance", "far_owner"}
DECIDE_NEAR = frozenset({"approver", "owner", "near_approver", "near_owner", "absent", "deputy"})
SPEAK_FOR_TICKET = frozenset({"requester", "approver", "near_approver", "near_finance", "near_owner", "absent"})
READ_TICKET = frozenset(
    {
        *("requester", "approver", "finance", "owner", "near_approver", "near_finance", "near_owner"),
        *("deputy", "absent"),
    }
)

KINDS: dict[str, Kind] = {
    "triaged appeal": Kind(
        _staff_only(lambda uow, by: [each.appeal_id for each in waiting(uow.session, by, 0, 50)]),
        lambda uow, _estate, thing, by: in_triage(uow.session, thing, by),
        OFFICE,
        OFFICE,
        key="appeal",
    ),
    "draft": Kind(
        lambda uow, _estate, by: [each.id for each in [present_appeal(uow.session, by, NOON)] if each],
        lambda uow, _estate, thing, by: own(uow.session, thing, by),
        frozenset({"requester"}),
        NEIGHBOUR,
        personal=True,
    ),
    "person": Kind(_people, _opens_person, frozenset({"owner", "manager", "admin"}), NEIGHBOUR | {"manager", "admin"}),
    "object": Kind(
        lambda uow, estate, by: [
            thing.id for company in _both(estate) for thing in visible_objects(uow.session, by, company)
        ],
        lambda uow, _estate, thing, by: visible_object(uow.session, by, thing),
        REACH_TILL | STAFF,
        NEIGHBOUR | STAFF,
    ),
    "ceiling": Kind(
        lambda uow, estate, by: [
            thing.id for company in _both(estate) for thing in ceiling_objects(uow.session, company, by)
        ],
        lambda uow, estate, thing, by: ceiling_object(uow.session, _company_of(estate, "object", thing), thing, by),
        DECIDE_NEAR,
        NEIGHBOUR,
        key="object",
    ),
    "company": Kind(
        lambda uow, _estate, by: [each.id for each in companies_of(uow.session, by)], _own_plan, OF_COMPANY, NEIGHBOUR
    ),
    "own company": Kind(
        lambda uow, _estate, by: [each.id for each in owned_companies(uow.session, by)],
        lambda uow, _estate, thing, by: share_tickets(uow, thing, by, shared=True) or True,
        frozenset({"owner"}),
        NEIGHBOUR,
        key="company",
    ),
    "pool": Kind(
        _pools,
        lambda uow, estate, thing, by: pool_for(uow.session, _company_of(estate, "pool", thing), thing, by),
        WHOLE,
        NEIGHBOUR,
    ),
    "statement": Kind(
        lambda uow, estate, by: [each.statement.id for each in _statements(uow, estate, by)],
        lambda uow, _estate, thing, by: statement_for(uow.session, thing, by),
        WHOLE,
        NEIGHBOUR,
    ),
    "document": Kind(
        lambda uow, estate, by: [row.id for each in _statements(uow, estate, by) for row in each.documents],
        lambda uow, _estate, thing, by: document_for(uow.session, thing, by),
        WHOLE,
        NEIGHBOUR,
    ),
    "line": Kind(
        lambda uow, estate, by: [row.id for each in _statements(uow, estate, by) for row in each.lines],
        lambda uow, _estate, thing, by: line_for(uow, thing, by),
        WHOLE,
        NEIGHBOUR,
    ),
    "debt": Kind(
        lambda uow, estate, by: [
            row.id for company in _of_money(uow, estate, by) for row in debts_of(uow.session, company, TODAY, by)
        ],
        lambda uow, estate, thing, by: dispute_invoice(uow, _company_of(estate, "debt", thing), thing, "нет", by),
        WHOLE,
        NEIGHBOUR,
    ),
    "contract": Kind(
        lambda uow, estate, by: [
            row.id for company in _both(estate) for row in may_be_topped_up(uow.session, company, TODAY, by)
        ],
        lambda uow, _estate, thing, by: ask_top_up(uow, thing, sizes(uow.session)[0], by),
        frozenset({"approver", "owner"}),
        NEIGHBOUR,
    ),
    "top_up": Kind(
        _offered,
        lambda uow, _estate, thing, by: approve_top_up(uow, thing, by, PRESS),
        frozenset({"approver", "owner"}),
        NEIGHBOUR,
    ),
    "ticket": Kind(
        lambda uow, _estate, by: [each.id for each in my_tickets(uow.session, by, 0, 50)[0]],
        lambda uow, estate, thing, by: (
            None if by in {estate.people[each] for each in STAFF} else history_of(uow.session, thing, by)
        ),
        READ_TICKET,
        NEIGHBOUR,
    ),
    "article": Kind(
        _articles,
        _opens_article,
        OF_COMPANY | STAFF,
        NEIGHBOUR | STAFF,
    ),
    "written article": Kind(
        _staff_only(lambda uow, by: [row.id for row in changed_lately(uow.session, by)]),
        lambda uow, _estate, thing, by: article_card(uow.session, thing, NOON, by),
        OFFICE,
        OFFICE,
        key="article",
    ),
    "miss": Kind(
        _staff_only(lambda uow, by: [row for gap in open_gaps(uow.session, NOON, by) for row in gap.misses]),
        lambda uow, _estate, thing, by: gap_of(uow.session, thing, NOON, by),
        OFFICE,
        OFFICE,
    ),
    "feedback": Kind(
        None,
        lambda uow, _estate, thing, by: answer_feedback(uow, thing, True, by),
        frozenset({"requester"}),
        NEIGHBOUR,
        personal=True,
    ),
    "shown article": Kind(
        None,
        lambda uow, _estate, thing, by: shown_article(uow.session, thing, by, NOON),
        frozenset({"requester"}),
        NEIGHBOUR,
        key="feedback",
    ),
    "quote": Kind(
        _waiting_quotes,
        lambda uow, _estate, thing, by: view_quote(uow, thing, by),
        READ_TICKET,
        NEIGHBOUR,
        unlisted=frozenset({"requester", "finance", "near_finance"}),
    ),
    "entry": Kind(
        lambda uow, estate, by: [
            line.id
            for pool in _pools(uow, estate, by)
            for line in pool_history(uow.session, uow.session.get_one(Pool, pool))
        ],
        _objects_to,
        WHOLE | SPEAK_FOR_TICKET,
        NEIGHBOUR,
        unlisted=SPEAK_FOR_TICKET - WHOLE,
    ),
    "entry_dispute": Kind(
        None, lambda uow, _estate, thing, by: settle_entry_dispute(uow, thing, True, by), OFFICE, OFFICE
    ),
    "invoice_dispute": Kind(None, lambda uow, _estate, thing, by: settle_invoice(uow, thing, by), MANAGERS, MANAGERS),
    "disputed_line": Kind(
        None,
        lambda uow, _estate, thing, by: settle_line_dispute(uow, thing, False, by) or True,
        MANAGERS,
        MANAGERS,
    ),
    "asked_top_up": Kind(
        None, lambda uow, _estate, thing, by: offer_top_up(uow, thing, 100_000, by), MANAGERS, MANAGERS
    ),
    "message": Kind(None, lambda uow, _estate, thing, by: pass_note(uow, thing, by), STAFF, STAFF),
    "call": Kind(
        None,
        lambda uow, _estate, thing, by: call_for(uow.session, thing, by),
        frozenset({"engineer"}),
        frozenset({"engineer"}),
    ),
    "job": Kind(
        _staff_only(lambda uow, by: [each.id for each in my_jobs(uow.session, by)]),
        lambda uow, _estate, thing, by: require_act(uow.session, uow.session.get_one(Ticket, thing), Act.SEE_JOB, by),
        STAFF,
        STAFF,
        key="ticket",
        unlisted=OFFICE,  # it is another's, in work
    ),
}


def agree(uow: UnitOfWork, estate: Estate, name: str, ours: frozenset[str], theirs: frozenset[str]) -> None:
    """Who opens is who is shown, for the company's thing and for the neighbour's."""
    kind = KINDS[name]
    key = kind.key or name
    for at, expected in ((estate.ours, ours), (estate.theirs, theirs)):
        may = {
            who
            for who, by in estate.people.items()
            if allowed_to(uow, lambda by=by, thing=at[key]: kind.opens(uow, estate, thing, by))
        }
        assert may == expected, (name, may ^ expected)
        if kind.shown is not None:
            shown = {who for who, by in estate.people.items() if at[key] in set(kind.shown(uow, estate, by))}
            assert shown | (kind.unlisted & expected) == expected, (name, shown ^ expected)
            assert not shown & kind.unlisted, (name, "is listed after all", shown & kind.unlisted)


@pytest.mark.parametrize("name", list(KINDS))
def test_whoever_is_shown_it_may_open_it_and_nobody_else(office: TestOffice, name: str) -> None:
    with office.work() as uow:
        estate = build_estate(uow)
        agree(uow, estate, name, KINDS[name].ours, KINDS[name].theirs)
        uow.session.get_one(Company, estate.place.town.shop).active = False
        uow.session.flush()
        ours = KINDS[name].ours
        agree(uow, estate, name, ours if KINDS[name].personal else ours & STAFF, KINDS[name].theirs)


def test_what_no_list_shows_any_more_opens_no_more(office: TestOffice) -> None:
    """An object out of service, a contract that is over or has no hours to count."""
    with office.work() as uow:
        estate = build_estate(uow)
        session, ours = uow.session, estate.ours
        session.get_one(ServiceObject, ours["object"]).active = False
        session.flush()
        agree(uow, estate, "ceiling", frozenset(), NEIGHBOUR)
        contract = session.get_one(Contract, ours["contract"])
        for name, value in (("ends", TODAY - timedelta(days=1)), ("active", False)):
            was = getattr(contract, name)
            setattr(contract, name, value)
            session.flush()
            agree(uow, estate, "contract", frozenset(), NEIGHBOUR)
            setattr(contract, name, was)
        session.get_one(Plan, ours["plan"]).unlimited = True
        session.flush()
        agree(uow, estate, "contract", frozenset(), NEIGHBOUR)


def test_a_deputy_of_another_place_decides_where_they_stand_in(office: TestOffice) -> None:
    with office.work() as uow:
        estate = build_estate(uow)
        role = uow.session.exec(select(Membership).where(Membership.person_id == estate.people["deputy"])).one()
        role.site_id = uow.session.get_one(ServiceObject, estate.place.town.printer).site_id
        uow.session.flush()
        agree(uow, estate, "ceiling", KINDS["ceiling"].ours, NEIGHBOUR)


def test_a_call_of_an_engineer_who_left_is_for_leaders(office: TestOffice) -> None:
    with office.work() as uow:
        estate = build_estate(uow)
        job = select(Employment).where(Employment.person_id == estate.people["engineer"])
        uow.session.exec(job).one().ended_at = NOON
        uow.session.flush()
        agree(uow, estate, "call", OFFICE, OFFICE)


# What buttons carry that is no id of a row that belongs to a company.
NO_IDS = {
    *("page", "sure", "yes", "on", "keep", "sizes", "rating", "days", "kopecks", "minutes", "version", "place"),
    *("quantity", "lines", "number", "at", "role", "price", "time", "give_back", "part", "credit", "period", "reason"),
    *("step", "what", "after", "wanted"),  # of a draft, of a wait, when a picture was taken, into a thread or a note
    "said",  # the message of one's own that was understood
    "item",  # of the price list, which is for everybody's job
    "plan",  # which are for everybody to choose
}
# By the room whose buttons carry it, the narrowest first: a word means another thing to staff than to a client.
CARRIED: tuple[tuple[str, str, str], ...] = (
    ("dispatcher", "appeal", "triaged appeal"),
    ("dispatcher", "company", "triaged appeal"),  # to say whose an appeal is, which is asked with it
    ("dispatcher", "object", "triaged appeal"),
    ("dispatcher", "ticket", "job"),
    ("dispatcher.oral", "person", "job"),  # who said yes on the ticket: of those who may
    ("dispatcher.triage", "person", "client"),
    ("dispatcher.triage", "message", "client"),
    ("engineer", "ticket", "job"),
    ("engineer", "line", "job"),  # of the work of a ticket, which is named with it
    ("engineer.jobs", "quote", "prepaid quote"),
    ("engineer.calls", "company", "call"),
    ("manager.articles", "article", "written article"),
    ("manager.gaps", "article", "miss"),
    ("manager.invoices", "line", "disputed_line"),
    ("manager.debts", "dispute", "invoice_dispute"),
    ("manager.debts", "company", "debtor"),
    ("manager.top_up", "top_up", "asked_top_up"),
    ("manager.staff", "company", "person"),
    ("client.balance", "dispute", "entry_dispute"),
    ("client.balance", "company", "pool"),
    ("client.debts", "company", "debt"),
    ("client.documents", "company", "statement"),
    ("client.onboarding", "company", "own company"),
    ("client.ceilings", "thing", "ceiling"),
    ("client.tickets", "line", "ticket"),
    ("client.tickets", "appeal", "draft"),
    ("client.questions", "appeal", "draft"),
    ("client.drafting", "appeal", "draft"),
    ("client.drafting", "ticket", "twin"),
)
# Proven in a test of their own.
APART = {
    "client": "tests/handlers/dispatcher/test_forwarded.py",
    "prepaid quote": "tests/handlers/manager/test_release_press.py",
    "debtor": "tests/handlers/test_strangers_press.py",
    "twin": "tests/handlers/client/test_joining.py",
}


def thing_of(kind: type[CallbackData], name: str) -> str:
    """What a button's field names: a kind of thing."""
    room = kind.__module__.removeprefix("bot.handlers.").removesuffix(".presses")
    fitting = [(where, what) for where, carried, what in CARRIED if carried == name and room.startswith(where)]
    return max(fitting, key=lambda each: len(each[0]))[1] if fitting else name


def test_whatever_a_button_names_by_its_id_is_proven() -> None:
    named = {
        (kind.__name__, name): thing_of(kind, name)
        for kind in presses().values()
        for name in kind.model_fields
        if name not in NO_IDS
    }
    unknown = {field for field, thing in named.items() if thing not in KINDS and thing not in APART}
    assert not unknown, f"say in KINDS who may open what these name: {sorted(unknown)}"
    assert set(named.values()) - APART.keys() == KINDS.keys() - {"shown article", "document line"}
    for place in APART.values():
        assert (ROOT / place).exists(), place
