"""Every act, called directly in every state as everybody: what happens to the rows is what the table says (R2.4, R3.6).

A ticket is put into a state as a row, with an offer that waits, a line that is disputed, a part that isn't prepaid:
all that an act may need. Then the act is tried; savepoints take it back.
"""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import col, select

from bot.billing.quotes.models import Quote, QuoteState
from bot.billing.work.models import TimeEntry, WorkLine
from bot.clients.audiences import Dispatchers, ForClient, InCompany, OurWorker, Staff
from bot.clients.models import ClientRole, Membership, Person, StaffRole
from bot.db.errors import NotAllowed, NotFound, Refusal
from bot.tickets.dispatch.take import give_back, go_to_client, start_work, take_away, take_ticket
from bot.tickets.intake.record import Incoming, record_contact
from bot.tickets.life.acts import (
    ACTS,
    BEFORE_WORK,
    OVER,
    SPEAKERS,
    WITH_HOLDER,
    Act,
    Given,
    Hearer,
    Who,
    leaves,
    may,
    may_ever,
)
from bot.tickets.life.models import Appeal, TicketEvent, TicketState
from bot.tickets.life.rights import may_see
from bot.tickets.offers.answer import approve_by_word, approve_paid_work, ask_about_quote, decline_paid_work, view_quote
from bot.tickets.offers.estimate import send_estimate
from bot.tickets.offers.late_yes import write_off
from bot.tickets.offers.offering import quote_expire
from bot.tickets.offers.other_way import OtherWay, ask_other_way
from bot.tickets.offers.prepaid_work import record_prepayment
from bot.tickets.opening.cancel import cancel_ticket, reopen_ticket
from bot.tickets.opening.release import release_hold
from bot.tickets.thread.writing import client_writes, staff_writes
from bot.tickets.work.accept import accept_work, dispute_work, rate_work, resolve_dispute
from bot.tickets.work.add import add_work, remove_work
from bot.tickets.work.finish import finish_work, say_time
from tests.builders.bills import PRESS
from tests.builders.jobs import Firm, build_firm, opened, person, worker
from tests.conftest import NOON, TestOffice

S = TicketState
ANSWERS = (Act.YES, Act.NO, Act.YES_BY_WORD)
CARDS = ("ticket/card", "dispatch/card")
MINE = (*WITH_HOLDER, S.DONE, S.DISPUTED, S.CLOSED)


class Stage:
    """A ticket with all that acts may need, and everybody who may try them."""

    def __init__(self, uow: Any) -> None:
        self.uow = uow
        self.firm: Firm = build_firm(uow.session)
        firm, session = self.firm, uow.session
        self.ticket = opened(uow, firm)
        self.offer = session.exec(select(Quote).where(Quote.ticket_id == self.ticket.id)).one()
        self.late = NOON
        colleague = person(session, "Коллега", firm.company, ClientRole.REQUESTER)
        joined = person(session, "Тоже", firm.company, ClientRole.REQUESTER)
        deputy = person(session, "Зам", firm.company, ClientRole.REQUESTER)
        session.add(Appeal(person_id=joined, ticket_id=self.ticket.id, started_at=NOON, last_at=NOON))
        right = session.exec(select(Membership).where(Membership.person_id == firm.approver)).one()
        right.deputy_id = deputy
        former = worker(session, "Бывший", StaffRole.ENGINEER)
        self.people: dict[Who | None, int] = {
            Who.REQUESTER: firm.requester,
            Who.JOINED: joined,
            Who.NEIGHBOUR: colleague,
            Who.APPROVER: firm.approver,
            Who.DEPUTY: deputy,
            Who.FINANCE: person(session, "Деньги", firm.company, ClientRole.FINANCE),
            Who.OWNER: firm.boss,
            Who.ENGINEER: firm.engineer,
            Who.OTHER_ENGINEER: firm.other_engineer,
            Who.DISPATCHER: firm.dispatcher,
            Who.MANAGER: worker(session, "Мария", StaffRole.MANAGER),
            Who.ADMIN: worker(session, "Админ", StaffRole.ADMIN),
            None: firm.outsider,
        }
        self.former = former
        self.entry = self.add(
            TimeEntry(
                ticket_id=self.ticket.id,
                engineer_id=firm.engineer,
                way="visit",
                minutes=30,
                work_date=NOON.date(),
                started_at=NOON,
                ended_at=NOON,
                made_at=NOON,
            )
        )
        self.line = self.add(self._line())
        session.flush()

    def add(self, row: Any) -> Any:
        self.uow.session.add(row)
        self.uow.session.flush()
        return row

    def put(self, state: TicketState, act: Act) -> None:
        """Make the row be in the state, and there what the act needs besides."""
        ticket, firm = self.ticket, self.firm
        ticket.state, ticket.emergency = state, False
        ticket.engineer_id = firm.engineer if state in MINE else None
        ticket.started_at = NOON - timedelta(hours=1) if ticket.engineer_id else None
        ticket.taken_at = ticket.started_at
        given = {leave.given for leave in ACTS[act].leaves if state in leave.states}
        late = given & {Given.PRICE_WAITS, Given.PRICEABLE}
        ticket.emergency = bool(late) or (act in (*ANSWERS, Act.EXPIRE) and state in (S.DONE, S.DISPUTED))
        if Given.QUOTE_WAITS in given or late:
            self.offer.state = QuoteState.SENT
        elif act is Act.ASK_OTHER_WAY:
            self.offer.state = QuoteState.DECLINED
        elif act is Act.PREPAID:
            self.offer.state, self.offer.prepayment, self.offer.prepaid_at = QuoteState.APPROVED, True, None
        else:
            self.offer.state = QuoteState.SENT if act is Act.SEE_QUOTE else QuoteState.APPROVED
        if act is Act.RESOLVE and state is S.DISPUTED:
            self.line.disputed_at = NOON
        self.uow.session.flush()

    def _line(self) -> WorkLine:
        return WorkLine(
            ticket_id=self.ticket.id,
            item_code="X",
            name="Чистка",
            unit="шт",
            quantity=1,
            added_by=self.firm.engineer,
            added_at=NOON,
        )


def _writes(stage: Stage, by: int) -> None:

    said = record_contact(stage.uow, stage.uow.session.get_one(Person, by), Incoming("text", "Код 15"))
    client_writes(stage.uow, stage.ticket.id, said.message, by)


def _sees(stage: Stage, by: int) -> None:
    if not may_see(stage.uow.session, stage.ticket, by):
        raise NotFound


DO: Mapping[Act, Callable[[Stage, int], object]] = {
    Act.SEE: _sees,
    Act.WRITE: _writes,
    Act.SEE_QUOTE: lambda s, by: view_quote(s.uow, s.offer.id, by),
    Act.ASK_ABOUT_QUOTE: lambda s, by: ask_about_quote(s.uow, s.offer.id, by),
    Act.YES_BY_WORD: lambda s, by: approve_by_word(s.uow, s.offer.id, s.firm.boss, "нет телефона", "звонок 14:20", by),
    Act.YES: lambda s, by: approve_paid_work(s.uow, s.offer.id, s.offer.version, by, PRESS),
    Act.NO: lambda s, by: decline_paid_work(s.uow, s.offer.id, s.offer.version, by, PRESS),
    Act.ASK_OTHER_WAY: lambda s, by: ask_other_way(s.uow, s.ticket.id, OtherWay.PRICE, by),
    Act.CANCEL: lambda s, by: cancel_ticket(s.uow, s.ticket.id, by),
    Act.ACCEPT: lambda s, by: accept_work(s.uow, s.ticket.id, by),
    Act.DISPUTE: lambda s, by: dispute_work(s.uow, s.ticket.id, "time", s.entry.id, "Не так", by),
    Act.RATE: lambda s, by: rate_work(s.uow, s.ticket.id, 5, by),
    Act.REOPEN: lambda s, by: reopen_ticket(s.uow, s.ticket.id, by),
    Act.TELL_CLIENT: lambda s, by: staff_writes(s.uow, s.ticket.id, Incoming("text", "Едем"), by),
    Act.TAKE: lambda s, by: take_ticket(s.uow, s.ticket.id, by),
    Act.DECLINE: lambda s, by: give_back(s.uow, s.ticket.id, "busy", by),
    Act.GO: lambda s, by: go_to_client(s.uow, s.ticket.id, by),
    Act.START: lambda s, by: start_work(s.uow, s.ticket.id, by),
    Act.ADD_WORK: lambda s, by: add_work(s.uow, s.ticket.id, s.firm.part, 1, by),
    Act.REMOVE_WORK: lambda s, by: remove_work(s.uow, s.ticket.id, s.line.id, by),
    Act.SAY_TIME: lambda s, by: say_time(s.uow, s.ticket.id, 30, "ждал", by),
    Act.FINISH: lambda s, by: finish_work(s.uow, s.ticket.id, by),
    Act.TAKE_AWAY: lambda s, by: take_away(s.uow, s.ticket.id, by),
    Act.ESTIMATE: lambda s, by: send_estimate(s.uow, s.ticket.id, 450_000, "Блок", by),
    Act.RELEASE: lambda s, by: release_hold(s.uow, s.ticket.id, by),
    Act.PREPAID: lambda s, by: record_prepayment(s.uow, s.offer.id, by),
    Act.RESOLVE: lambda s, by: resolve_dispute(s.uow, s.ticket.id, keep=True, by=by),
    Act.WRITE_OFF: lambda s, by: write_off(s.uow, s.ticket.id, by),
}


def rows(stage: Stage) -> tuple[Any, ...]:
    """What an act may change: the ticket, its offers, lines and history."""
    session, ticket = stage.uow.session, stage.ticket
    offers = session.exec(select(Quote.id, Quote.state).where(Quote.ticket_id == ticket.id).order_by(col(Quote.id)))
    events = session.exec(select(TicketEvent.id).where(TicketEvent.ticket_id == ticket.id)).all()
    lines = session.exec(select(WorkLine.id, WorkLine.removed_at).order_by(col(WorkLine.id))).all()
    times = session.exec(select(TimeEntry.id, TimeEntry.minutes).order_by(col(TimeEntry.id))).all()
    own = (ticket.state, ticket.engineer_id, ticket.held_amount, ticket.rating, ticket.closed_at)
    return own, tuple(offers.all()), len(events), tuple(lines), tuple(times)


def hearers(audience: Any) -> set[Hearer]:
    """Who of the table an audience is."""
    match audience:
        case ForClient():
            return {Hearer.CLIENT}
        case Dispatchers():
            return {Hearer.DISPATCHERS}
        case OurWorker():
            return {Hearer.ENGINEER}
        case Staff():
            return {Hearer.MANAGERS}
        case InCompany(roles=roles):
            return {Hearer.PAYERS if ClientRole.FINANCE in roles else Hearer.APPROVERS}
        case _:  # To, Here: who pressed or wrote, or one who may approve
            return {Hearer.AUTHOR, Hearer.APPROVERS}


def after(act: Act, state: TicketState, who: Who) -> set[TicketState]:
    found: set[TicketState] = set()
    for leave in ACTS[act].leaves:
        if state in leave.states and who in leave.who:
            found |= {state} if leave.again or not leave.to else leave.to
    return found


@pytest.mark.sampled(8)
@pytest.mark.parametrize("late", [False, True], ids=["on_time", "late"])
@pytest.mark.parametrize("act", list(DO))
def test_an_act_does_in_every_state_for_everybody_what_the_table_says(office: TestOffice, act: Act, late: bool) -> None:
    with office.work() as uow:
        stage = Stage(uow)
        if late:
            uow.now += timedelta(days=40)
        done = 0
        for state in S:
            for who, by in stage.people.items():
                kept = uow.session.begin_nested()
                stage.put(state, act)
                before = rows(stage)
                office.told.clear()
                whos = {who} if who is not None else set()
                try:
                    DO[act](stage, by)
                    refusal: Refusal | None = None
                except Refusal as raised:
                    refusal = raised
                uow.session.flush()
                place = (act, state, who, refusal)
                if refusal is not None:
                    if who is None or not may_ever(act, whos):
                        assert isinstance(refusal, (NotAllowed, NotFound)), place
                    elif may(act, state, whos):  # another's ticket, no press that came again, an offer that is over
                        mine = list(leaves(act, state, whos))
                        bare = [each for each in mine if not each.again and each.given is not Given.HOLDER_LEFT]
                        assert not bare or (late and act in ANSWERS), place
                    assert rows(stage) == before, place
                    assert not office.told, place
                else:
                    done += 1
                    assert who is not None and may(act, state, whos), place
                    assert stage.ticket.state in after(act, state, who), place
                    for told in office.told:
                        if told.template not in CARDS:
                            assert hearers(told.audience) & ACTS[act].told, (place, told.template)
                kept.rollback()
                uow.session.expire_all()
        assert done or (late and act in ANSWERS)


def test_an_offer_that_ends_in_time_leads_where_the_table_says(office: TestOffice) -> None:
    with office.work() as uow:
        stage = Stage(uow)
        uow.now += timedelta(days=40)
        for state in S:
            kept = uow.session.begin_nested()
            stage.put(state, Act.EXPIRE)
            before = rows(stage)
            quote_expire(uow, {"quote_id": stage.offer.id})
            expected = after(Act.EXPIRE, state, Who.CLOCK) or {state}
            assert stage.ticket.state in expected, state
            if not may(Act.EXPIRE, state, {Who.CLOCK}) and state not in OVER:
                assert rows(stage) == before
            kept.rollback()
            uow.session.expire_all()


def test_an_engineer_frees_his_ticket_before_work_with_a_reason_and_never_after(office: TestOffice) -> None:
    for state in WITH_HOLDER:
        assert may(Act.DECLINE, state, {Who.ENGINEER}) is (state in BEFORE_WORK)
        assert may(Act.TAKE_AWAY, state, {Who.DISPATCHER}) and not may(Act.TAKE_AWAY, state, {Who.ENGINEER})
    assert not may(Act.TAKE_AWAY, S.TAKEN, SPEAKERS)
