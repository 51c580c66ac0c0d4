"""Who hears what after leaving: by present right, in every role, for every notice (R2.4, R2.7, R2.8)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from itertools import count
from typing import Any

import pytest
from sqlmodel import col, select

from bot.billing.quotes.approve import Press
from bot.clients.access import OURS
from bot.clients.audiences import (
    Admins,
    Approvers,
    Dispatchers,
    Finance,
    ForClient,
    InCompany,
    Managers,
    OurWorker,
    Owners,
    Staff,
    To,
)
from bot.clients.models import Account, ClientRole, Company, Employment, Membership, Person, StaffRole
from bot.db.errors import NotAllowed
from bot.db.unit_of_work import UnitOfWork
from bot.messaging.outgoing.models import Outbox, OutboxState
from bot.telegram.ids import account as telegram_account
from bot.tickets.calls.booking import confirm_call, record_call
from bot.tickets.calls.models import PhoneCall
from bot.tickets.dispatch.come_in import step_back
from bot.tickets.dispatch.leaving import close_access, company_closed
from bot.tickets.dispatch.take import TakenAlready, give_back, go_to_client, take_away, take_ticket
from bot.tickets.intake.record import Incoming
from bot.tickets.life.deadlines import sla_late, sla_warn, take_late
from bot.tickets.life.lifecycle import TicketMoved
from bot.tickets.life.models import DeliveryState, Message, Ticket, TicketState
from bot.tickets.life.rights import who_hears
from bot.tickets.offers.answer import approve_paid_work, decline_paid_work
from bot.tickets.offers.offering import quote_expire, quote_remind
from bot.tickets.opening.cancel import cancel_ticket, reopen_ticket
from bot.tickets.thread.writing import client_writes, staff_writes
from bot.tickets.work.accept import accept_work, dispute_work, resolve_dispute
from bot.tickets.work.finish import finish_work, say_time
from tests.builders.appeals import add
from tests.builders.bills import quote_of
from tests.builders.held_tickets import tell_all_calls
from tests.builders.jobs import Firm, build_firm, in_work, opened, person, worker
from tests.builders.stories import events, refused_by
from tests.builders.talk import Talk
from tests.conftest import NOON, TestOffice

Act = Callable[[UnitOfWork, Firm, Ticket], object]
NUMBERS = count(1)
PRESS = Press(1, 1, "ru", "quote.approve")


def written_by(uow: UnitOfWork, who: int) -> Message:
    return add(uow.session, Message(person_id=who, text="Когда приедете?", sent_at=uow.now))


def says(uow: UnitOfWork, ticket: Ticket, words: str, by: int) -> Message:
    """Staff writes to the client from the group."""
    said = Incoming("text", words, chat_id=-1, message_id=next(NUMBERS))
    return staff_writes(uow, ticket.id, said, by)


def payload(ticket: Ticket, **more: Any) -> dict[str, Any]:
    return {"ticket_id": ticket.id, "target": "resolution", **more}


def done(uow: UnitOfWork, firm: Firm, ticket: Ticket) -> None:
    say_time(uow, ticket.id, 30, "мерил сам", firm.engineer)
    finish_work(uow, ticket.id, firm.engineer)


# Everything that tells somebody about a ticket: its state before, and the act.
COVERED: dict[str, tuple[str, Act]] = {
    "client writes": ("in_work", lambda u, f, t: client_writes(u, t.id, written_by(u, f.boss), f.boss)),
    "staff writes": ("in_work", lambda u, f, t: says(u, t, "Еду", f.dispatcher)),
    "another takes": ("new", lambda u, f, t: take_ticket(u, t.id, f.other_engineer)),
    "client cancels": ("taken", lambda u, f, t: cancel_ticket(u, t.id, f.boss)),
    "client accepts": ("done", lambda u, f, t: accept_work(u, t.id, f.boss)),
    "silence accepts": ("done", lambda u, f, t: accept_work(u, t.id, None)),
    "client reopens": ("done", lambda u, f, t: reopen_ticket(u, t.id, f.boss)),
    "deadline near": ("in_work", lambda u, f, t: sla_warn(u, payload(t))),
    "deadline past": ("in_work", lambda u, f, t: sla_late(u, payload(t))),
    "nobody takes": ("new", lambda u, f, t: take_late(u, payload(t))),
    "taken away": ("in_work", lambda u, f, t: take_away(u, t.id, f.dispatcher)),
}
PAID: dict[str, Act] = {
    "quote approved": lambda u, f, t: approve_paid_work(u, quote_of(u, t).id, 1, f.boss, PRESS),
    "quote declined": lambda u, f, t: decline_paid_work(u, quote_of(u, t).id, 1, f.boss, PRESS),
    "quote expired": lambda u, f, t: quote_expire(u, {"quote_id": quote_of(u, t).id}),
    "quote reminded": lambda u, f, t: quote_remind(u, {"quote_id": quote_of(u, t).id, "step": 1}),
}


def ticket_in(uow: UnitOfWork, firm: Firm, state: str) -> Ticket:
    ticket = opened(uow, firm)
    if state == "taken":
        take_ticket(uow, ticket.id, firm.engineer)
        go_to_client(uow, ticket.id, firm.engineer)
    elif state != "new":
        ticket = in_work(uow, firm)
    if state == "done":
        done(uow, firm, ticket)
    return ticket


def end_membership(uow: UnitOfWork, who: int) -> None:
    for row in uow.session.exec(select(Membership).where(Membership.person_id == who)).all():
        row.ended_at = uow.now
    uow.session.flush()


def end_employment(uow: UnitOfWork, who: int) -> None:
    for row in uow.session.exec(select(Employment).where(Employment.person_id == who)).all():
        row.ended_at = uow.now
    uow.session.flush()


def deactivate(uow: UnitOfWork, who: int) -> None:
    uow.session.get_one(Person, who).active = False
    uow.session.flush()


def withdraw(uow: UnitOfWork, who: int) -> None:
    uow.session.exec(select(Account).where(Account.person_id == who)).one().unlinked_at = uow.now
    uow.session.flush()


LEAVING: dict[str, tuple[str, Callable[[UnitOfWork, int], None]]] = {
    "requester, by the owner": ("requester", end_membership),
    "requester, deactivated": ("requester", deactivate),
    "requester, consent withdrawn": ("requester", withdraw),
    "engineer, dismissed": ("engineer", end_employment),
    "engineer, deactivated": ("engineer", deactivate),
    "approver, by the owner": ("approver", end_membership),
    "approver, deactivated": ("approver", deactivate),
    "dispatcher, dismissed": ("dispatcher", end_employment),
}


def chat_of(uow: UnitOfWork, who: int) -> int:
    return uow.session.exec(select(Account.user_id).where(Account.person_id == who)).one()


def told_by(uow: UnitOfWork, act: Callable[[], object]) -> set[int]:
    """Chats that an act told anything."""
    before = max(uow.session.exec(select(Outbox.id)).all(), default=0)
    act()
    uow.session.flush()
    rows = uow.session.exec(select(Outbox).where(col(Outbox.id) > before)).all()
    return {int(row.params["chat_id"]) for row in rows}


def tried(uow: UnitOfWork, act: Callable[[], object]) -> set[int]:
    """Chats that an act would tell anything; nothing of it stays."""
    with uow.session.begin_nested() as undone:
        told = told_by(uow, act)
        undone.rollback()
    uow.session.expire_all()
    return told


@pytest.mark.sampled(1)
@pytest.mark.parametrize("kind", ["covered", "paid"])
def test_no_notice_follows_who_left_and_each_reaches_who_has_the_right(talk: Talk, kind: str) -> None:
    """Each act once on a ticket of its own, and once more after each leaving, which is undone then."""
    acts = COVERED if kind == "covered" else {name: ("new", act) for name, act in PAID.items()}
    with talk.office.work() as uow:
        worker(uow.session, "Мария", StaffRole.MANAGER)
        worker(uow.session, "Админ", StaffRole.ADMIN)
        for name, (state, act) in acts.items():
            firm = build_firm(uow.session, **({"unlimited": True} if kind == "covered" else {}))
            ticket = ticket_in(uow, firm, state)
            once = partial(act, uow, firm, ticket)
            usual = tried(uow, once)
            clients = {chat_of(uow, firm.boss), chat_of(uow, firm.approver)}
            dispatchers = chat_of(uow, firm.dispatcher)
            for case, (leaver, leave) in LEAVING.items():
                if leaver == "dispatcher" and name in ("staff writes", "taken away"):
                    continue  # the act of one who may do it no more
                who = getattr(firm, leaver)
                chat = chat_of(uow, who)
                with uow.session.begin_nested() as undone:
                    leave(uow, who)
                    now = tried(uow, once)
                    undone.rollback()
                uow.session.expire_all()
                assert chat not in now, (case, name)
                if chat in usual and leaver == "requester":
                    assert now & clients, (case, name)
                if chat in usual and leaver == "engineer":
                    assert dispatchers in now, (case, name)


@dataclass(frozen=True)
class Everybody:
    """One of each role at one company, and of each of ours."""

    company: int
    client: dict[ClientRole, int]
    ours: dict[StaffRole, int]


def everybody(uow: UnitOfWork) -> Everybody:
    company = add(uow.session, Company(code="all", name="Все")).id
    return Everybody(
        company,
        {role: person(uow.session, role.value, company, role) for role in ClientRole},
        {role: worker(uow.session, role.value, role) for role in StaffRole},
    )


def audiences(all_of: Everybody) -> Sequence[tuple[Any, set[int]]]:
    """Each audience there is, and whom it is made for."""
    client, ours, at = all_of.client, all_of.ours, all_of.company
    owner, approver, finance = (client[r] for r in (ClientRole.OWNER, ClientRole.APPROVER, ClientRole.FINANCE))
    admin = ours[StaffRole.ADMIN]
    return [
        (Owners(at), {owner}),
        (Approvers(at), {owner, approver}),
        (Finance(at), {owner, finance}),
        (InCompany(at, frozenset({ClientRole.REQUESTER})), {client[ClientRole.REQUESTER], owner}),
        *((ForClient(who, at), {who}) for who in client.values()),
        *((OurWorker(who), {who}) for who in ours.values()),
        (Managers(), {ours[StaffRole.MANAGER], admin}),
        (Admins(), {admin}),
        (Staff(frozenset({StaffRole.ENGINEER})), {ours[StaffRole.ENGINEER]}),
        (Dispatchers(), {ours[StaffRole.DISPATCHER], admin}),
    ]


def test_every_audience_is_of_those_who_have_the_right_now(office: TestOffice) -> None:
    with office.work() as uow:
        all_of = everybody(uow)
        for audience, made_for in audiences(all_of):
            assert {each.person_id for each in audience.addresses(uow.session)} == made_for, audience
        for who in (*all_of.client.values(), *all_of.ours.values()):
            for leave in (end_membership, end_employment, deactivate):
                with uow.session.begin_nested() as undone:
                    leave(uow, who)
                    gone = leave is deactivate or (leave is end_membership) is (who in all_of.client.values())
                    for audience, made_for in audiences(all_of):
                        hears = {each.person_id for each in audience.addresses(uow.session)}
                        assert (who in hears) is (who in made_for and not gone), (audience, leave)
                    undone.rollback()
                    uow.session.expire_all()
        uow.session.get_one(Company, all_of.company).active = False
        uow.session.flush()
        for audience, made_for in audiences(all_of):
            if made_for & set(all_of.client.values()):
                assert list(audience.addresses(uow.session)) == [], audience


def test_a_person_hears_of_their_own_matter_only_while_active(office: TestOffice) -> None:
    with office.work() as uow:
        firm = build_firm(uow.session)
        assert [each.person_id for each in To(firm.requester).addresses(uow.session)] == [firm.requester]
        deactivate(uow, firm.requester)
        assert list(To(firm.requester).addresses(uow.session)) == []


def test_an_approver_of_another_place_hears_nothing_of_this_one(office: TestOffice) -> None:
    from bot.clients.models import Site

    with office.work() as uow:
        firm = build_firm(uow.session)
        here, there = (add(uow.session, Site(company_id=firm.company, code=n, name=n)).id for n in ("a", "b"))
        near = person(uow.session, "Здесь", firm.company, ClientRole.APPROVER, site_id=here)
        far = person(uow.session, "Там", firm.company, ClientRole.APPROVER, site_id=there)
        end_membership(uow, firm.requester)
        hears = ForClient(firm.requester, firm.company, here).people(uow.session)
        assert near in hears and far not in hears and firm.boss in hears


def test_a_dismissed_engineer_frees_the_tickets_and_dispatchers_hear_of_it(talk: Talk) -> None:
    with talk.office.work() as uow:
        admin = worker(uow.session, "Админ", StaffRole.ADMIN)
        firm = build_firm(uow.session, unlimited=True)
        going, working, finished = (ticket_in(uow, firm, state) for state in ("taken", "in_work", "done"))
        others = opened(uow, firm)
        take_ticket(uow, others.id, firm.other_engineer)
        numbers = [str(ticket.number) for ticket in (going, working)]
        ids = [ticket.id for ticket in (going, working, finished, others)]
        chat = chat_of(uow, firm.engineer)
        uow.now += timedelta(minutes=40)
        told = told_by(uow, lambda: close_access(uow, OURS, firm.engineer, admin))
        assert chat not in told and chat_of(uow, firm.requester) in told
        words = uow.session.exec(select(Outbox).order_by(col(Outbox.id).desc())).all()
        notice = next(row.params["text"] for row in words if "больше не работает" in row.params.get("text", ""))
        assert all(number in notice for number in numbers) and str(finished.number) not in notice
    with talk.office.work() as uow:
        states = [
            (uow.session.get_one(Ticket, each).state, uow.session.get_one(Ticket, each).engineer_id) for each in ids
        ]
        assert states[:2] == [(TicketState.NEW, None)] * 2
        assert states[2][0] is TicketState.DONE and states[3] == (TicketState.TAKEN, firm.other_engineer)
        assert take_ticket(uow, ids[1], firm.other_engineer).engineer_id == firm.other_engineer
    assert events(talk, ids[1])[-2:] == ["engineer_left", "taken"]


def test_a_ticket_of_one_who_left_some_other_way_can_be_taken_all_the_same(office: TestOffice) -> None:
    with office.work() as uow:
        firm = build_firm(uow.session, unlimited=True)
        for leave in (end_employment, deactivate):
            ticket = in_work(uow, firm)
            with pytest.raises(TakenAlready):
                take_ticket(uow, ticket.id, firm.other_engineer)
            leave(uow, firm.engineer)
            assert take_ticket(uow, ticket.id, firm.other_engineer).state is TicketState.TAKEN
            uow.session.exec(select(Employment).where(Employment.person_id == firm.engineer)).one().ended_at = None
            uow.session.get_one(Person, firm.engineer).active = True
            uow.session.flush()


def test_a_leader_takes_a_ticket_away_and_nobody_else_does(office: TestOffice) -> None:
    with office.work() as uow:
        firm = build_firm(uow.session, unlimited=True)
        manager = worker(uow.session, "Мария", StaffRole.MANAGER)
        for state in ("taken", "in_work"):
            ticket = ticket_in(uow, firm, state)
            for by in (firm.other_engineer, firm.engineer, firm.boss, firm.requester, firm.outsider):
                with pytest.raises(NotAllowed):
                    take_away(uow, ticket.id, by)
            office.told.clear()
            for _twice in range(2):
                assert take_away(uow, ticket.id, manager).engineer_id is None
            assert [each.template for each in office.told].count("dispatch/taken_away") == 2, (
                "dispatchers, the engineer"
            )
            assert take_ticket(uow, ticket.id, firm.engineer).engineer_id == firm.engineer
        for state in ("done",):
            with pytest.raises(TicketMoved):
                take_away(uow, ticket_in(uow, firm, state).id, manager)
        working = in_work(uow, firm)
        with pytest.raises(TicketMoved):
            give_back(uow, working.id, "busy", firm.engineer)


def test_an_engineer_who_writes_for_one_who_left_reads_who_gets_it(office: TestOffice) -> None:
    with office.work() as uow:
        firm = build_firm(uow.session, unlimited=True)
        ticket = in_work(uow, firm)
        assert who_hears(uow.session, ticket).instead == ()
        end_membership(uow, firm.requester)
        assert who_hears(uow.session, ticket).instead == ("Климова", "Орлова")
        says(uow, ticket, "Еду", firm.engineer)
        told = [each for each in office.told if each.template == "ticket/staff_says"][-1]
        assert {each.person_id for each in told.audience.addresses(uow.session)} == {firm.approver, firm.boss}
        assert office.told[-1].values["heard"].instead == ("Климова", "Орлова")
        for who in (firm.approver, firm.boss):
            end_membership(uow, who)
        assert who_hears(uow.session, ticket).nobody
        assert says(uow, ticket, "Еду", firm.engineer).delivery is DeliveryState.REFUSED
        assert office.told[-1].values["heard"].nobody


def test_a_clients_person_who_leaves_leaves_quotes_and_tickets_to_the_others(talk: Talk) -> None:
    with talk.office.work() as uow:
        firm = build_firm(uow.session)
        ticket = opened(uow, firm, by=firm.approver)
        chats = {chat_of(uow, who) for who in (firm.boss, firm.requester)}
        gone = chat_of(uow, firm.approver)
        told = told_by(uow, lambda: close_access(uow, firm.company, firm.approver, firm.boss))
        assert chat_of(uow, firm.boss) in told and gone not in told and not (told - chats) & {gone}
        assert refused_by(lambda: approve_paid_work(uow, quote_of(uow, ticket).id, 1, firm.approver, PRESS))
        assert not approve_paid_work(uow, quote_of(uow, ticket).id, 1, firm.boss, PRESS).repeated


def test_what_waits_for_the_morning_is_not_told_to_one_who_left_at_night(talk: Talk) -> None:
    with talk.office.work() as uow:
        firm = build_firm(uow.session, unlimited=True)
        ticket = in_work(uow, firm)
        chat = chat_of(uow, firm.requester)
        uow.now = NOON.replace(hour=21, minute=30)  # 00:30 in Moscow
        says(uow, ticket, "Приеду утром", firm.engineer)
        waiting = select(Outbox).where(Outbox.chat_id == chat, Outbox.state == OutboxState.NEW)
        assert [row for row in uow.session.exec(waiting).all() if row.not_before]
        close_access(uow, firm.company, firm.requester, firm.boss)
        uow.session.expire_all()
        assert uow.session.exec(waiting).all() == []


def test_consent_withdrawn_drops_what_waits(talk: Talk) -> None:
    from bot.clients.consent import give_consent

    with talk.office.work() as uow:
        firm = build_firm(uow.session, unlimited=True)
        in_work(uow, firm)
        chat = chat_of(uow, firm.requester)
        give_consent(uow, firm.requester, telegram_account(chat), "ru", None)
        assert step_back(uow, uow.session.get_one(Person, firm.requester), telegram_account(chat))
        uow.session.expire_all()
        assert not uow.session.exec(select(Outbox).where(Outbox.chat_id == chat, Outbox.state == OutboxState.NEW)).all()


def test_calls_of_one_who_left_are_booked_by_a_leader(office: TestOffice) -> None:
    with office.work() as uow:
        firm = build_firm(uow.session, unlimited=True)
        number = "+79005550011"
        uow.session.get_one(Person, firm.boss).phone = number
        call, _new = record_call(uow, "c1", number, firm.engineer, NOON, 120)
        ticket = opened(uow, firm)
        take_ticket(uow, ticket.id, firm.other_engineer)
        with pytest.raises(NotAllowed):
            confirm_call(uow, call.id, ticket.id, firm.dispatcher)
        end_employment(uow, firm.engineer)
        tell_all_calls(uow)
        assert isinstance(office.told[-1].audience, Dispatchers) and office.told[-1].values["tickets"]
        with pytest.raises(NotAllowed):
            confirm_call(uow, call.id, ticket.id, firm.engineer)
        confirm_call(uow, call.id, ticket.id, firm.dispatcher)
        assert uow.session.get_one(PhoneCall, call.id).ticket_id == ticket.id


def test_a_disputed_line_goes_on_when_its_requester_left(office: TestOffice) -> None:
    with office.work() as uow:
        firm = build_firm(uow.session, unlimited=True)
        ticket = ticket_in(uow, firm, "done")
        end_membership(uow, firm.requester)
        from bot.billing.work.models import TimeEntry

        entry = uow.session.exec(select(TimeEntry).where(TimeEntry.ticket_id == ticket.id)).one()
        with pytest.raises(Exception, match="not_found"):
            dispute_work(uow, ticket.id, "time", entry.id, "много", firm.requester)
        dispute_work(uow, ticket.id, "time", entry.id, "много", firm.boss)
        resolve_dispute(uow, ticket.id, True, firm.dispatcher)
        told = [each for each in office.told if each.template == "ticket/done"][-1]
        assert {each.person_id for each in told.audience.addresses(uow.session)} == {firm.approver, firm.boss}


def test_a_closed_company_is_told_to_dispatchers_with_its_open_tickets(office: TestOffice) -> None:
    with office.work() as uow:
        firm = build_firm(uow.session, unlimited=True)
        ticket = in_work(uow, firm)
        company = uow.session.get_one(Company, firm.company)
        company.active = False
        uow.session.flush()
        company_closed(uow, company)
        assert office.told[-1].values["numbers"] == [ticket.number]
        assert who_hears(uow.session, ticket).nobody
