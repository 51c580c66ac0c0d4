"""Every act, called directly in every state as everybody: what happens to the rows is what the table says (R2.4, R3.6).

A ticket is put into a state as a row, with an offer that waits, a line that is disputed, a part that isn't prepaid:
all that an act may need. Then the act is tried; savepoints take it back. What time does by itself is tried likewise.
"""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import select

from bot.clients.models import Employment, Person
from bot.db.errors import NotAllowed, NotFound, Outdated, Refusal
from bot.tickets.calls.booking import confirm_call
from bot.tickets.dispatch.leaving import staff_left
from bot.tickets.dispatch.linking import unlink_company
from bot.tickets.dispatch.take import give_back, go_to_client, start_work, take_away, take_ticket
from bot.tickets.dispatch.wait import go_on, wait_for
from bot.tickets.intake.drafts import join_ticket
from bot.tickets.intake.record import Incoming
from bot.tickets.intake.triage import triage_into_ticket
from bot.tickets.life.acts import (
    ACTS,
    BEFORE_WORK,
    SPEAKERS,
    WITH_HOLDER,
    Act,
    Given,
    Who,
    leaves,
    may,
    may_ever,
    possible_in,
)
from bot.tickets.life.deadlines import sla_late, sla_warn, take_late
from bot.tickets.life.models import Appeal, AppealEnd, TicketState, WaitsFor
from bot.tickets.life.rights import may_see
from bot.tickets.offers.answer import (
    approve_by_word,
    approve_paid_work,
    ask_about_quote,
    choose_option,
    decline_paid_work,
    dispute_word,
    view_quote,
)
from bot.tickets.offers.estimate import send_estimate
from bot.tickets.offers.late_yes import write_off
from bot.tickets.offers.offering import quote_expire, quote_remind
from bot.tickets.offers.other_way import OtherWay, ask_other_way
from bot.tickets.offers.prepaid_work import record_prepayment
from bot.tickets.opening.cancel import cancel_ticket, reopen_ticket
from bot.tickets.opening.release import release_hold, release_one
from bot.tickets.thread.writing import client_writes, staff_notes, staff_writes
from bot.tickets.work.accept import accept_silence, accept_work, dispute_work, rate_work, resolve_dispute
from bot.tickets.work.add import add_work, remove_work
from bot.tickets.work.dispute_entry import dispute_entry, settle_entry_dispute
from bot.tickets.work.explain import scope_told
from bot.tickets.work.finish import finish_work, say_time
from tests.builders.bills import PRESS
from tests.builders.jobs import opened
from tests.builders.stage import ANSWERS, OUR_OWN, Stage, after, hearers, rows
from tests.conftest import NOON, TestOffice

S = TicketState
CARDS = ("ticket/card", "dispatch/card")
ONLY_IN_TIME = (*ANSWERS, Act.DISPUTE_WORD)  # forty days later all of these are over
RARE = (Given.HOLDER_LEFT, Given.ADDED)


def _writes(stage: Stage, by: int) -> None:
    assert stage.said is not None
    client_writes(stage.uow, stage.ticket.id, stage.said, by)


def _sees(stage: Stage, by: int) -> None:
    if not may_see(stage.uow.session, stage.ticket, by):
        raise NotFound


def _joins(stage: Stage, by: int) -> None:
    put = triage_into_ticket if by in {stage.people[who] for who in OUR_OWN} else join_ticket
    put(stage.uow, stage.appeal, stage.ticket.id, by)


def _chooses(stage: Stage, by: int) -> None:
    choose_option(stage.uow, stage.offer.id, stage.offer.version, 1, by)


DO: Mapping[Act, Callable[[Stage, int], object]] = {
    Act.SEE: _sees,
    Act.WRITE: _writes,
    Act.JOIN: _joins,
    Act.SEE_QUOTE: lambda s, by: view_quote(s.uow, s.offer.id, by),
    Act.ASK_ABOUT_QUOTE: lambda s, by: ask_about_quote(s.uow, s.offer.id, by),
    Act.CHANGE_QUOTE: _chooses,
    Act.YES_BY_WORD: lambda s, by: approve_by_word(s.uow, s.offer.id, s.firm.boss, "нет телефона", "звонок 14:20", by),
    Act.YES: lambda s, by: approve_paid_work(s.uow, s.offer.id, s.offer.version, by, PRESS),
    Act.NO: lambda s, by: decline_paid_work(s.uow, s.offer.id, s.offer.version, by, PRESS),
    Act.DISPUTE_WORD: lambda s, by: dispute_word(s.uow, s.offer.id, by),
    Act.ASK_OTHER_WAY: lambda s, by: ask_other_way(s.uow, s.ticket.id, OtherWay.PRICE, by),
    Act.CANCEL: lambda s, by: cancel_ticket(s.uow, s.ticket.id, by),
    Act.ACCEPT: lambda s, by: accept_work(s.uow, s.ticket.id, by),
    Act.DISPUTE: lambda s, by: dispute_work(s.uow, s.ticket.id, "time", s.entry.id, "Не так", by),
    Act.RATE: lambda s, by: rate_work(s.uow, s.ticket.id, 5, by),
    Act.REOPEN: lambda s, by: reopen_ticket(s.uow, s.ticket.id, by),
    Act.DISPUTE_ENTRY: lambda s, by: dispute_entry(s.uow, s.drawing, "Не так", by),
    Act.SEE_JOB: lambda s, by: scope_told(s.uow.session, s.ticket.id, by),
    Act.TELL_CLIENT: lambda s, by: staff_writes(s.uow, s.ticket.id, Incoming("text", "Едем"), by),
    Act.NOTE: lambda s, by: staff_notes(s.uow, s.ticket.id, Incoming("text", "Ключ на вахте"), by),
    Act.TAKE: lambda s, by: take_ticket(s.uow, s.ticket.id, by),
    Act.DECLINE: lambda s, by: give_back(s.uow, s.ticket.id, "busy", by),
    Act.GO: lambda s, by: go_to_client(s.uow, s.ticket.id, by),
    Act.START: lambda s, by: start_work(s.uow, s.ticket.id, by),
    Act.ADD_WORK: lambda s, by: add_work(s.uow, s.ticket.id, s.firm.part, 1, by),
    Act.REMOVE_WORK: lambda s, by: remove_work(s.uow, s.ticket.id, s.line.id, by),
    Act.SAY_TIME: lambda s, by: say_time(s.uow, s.ticket.id, 30, "ждал", by),
    Act.BOOK_CALL: lambda s, by: confirm_call(s.uow, s.call, s.ticket.id, by),
    Act.WAIT: lambda s, by: wait_for(s.uow, s.ticket.id, WaitsFor.PARTS, by),
    Act.GO_ON: lambda s, by: go_on(s.uow, s.ticket.id, by),
    Act.FINISH: lambda s, by: finish_work(s.uow, s.ticket.id, by),
    Act.TAKE_AWAY: lambda s, by: take_away(s.uow, s.ticket.id, by),
    Act.ESTIMATE: lambda s, by: send_estimate(s.uow, s.ticket.id, 450_000, "Блок", by),
    Act.RELEASE: lambda s, by: release_hold(s.uow, s.ticket.id, by),
    Act.PREPAID: lambda s, by: record_prepayment(s.uow, s.offer.id, by),
    Act.RESOLVE: lambda s, by: resolve_dispute(s.uow, s.ticket.id, keep=True, by=by),
    Act.WRITE_OFF: lambda s, by: write_off(s.uow, s.ticket.id, by),
    Act.SETTLE_ENTRY: lambda s, by: settle_entry_dispute(s.uow, s.objection, give_back=True, by=by),
    Act.UNLINK: lambda s, by: unlink_company(s.uow, s.appeal, by),
}


def _targets(act: Callable[[Any, dict[str, Any]], None]) -> Callable[[Stage], None]:
    def run(stage: Stage) -> None:
        for target in ("reaction", "resolution"):
            act(stage.uow, {"ticket_id": stage.ticket.id, "target": target})

    return run


def _engineer_leaves(stage: Stage) -> None:
    session = stage.uow.session
    session.exec(select(Employment).where(Employment.person_id == stage.firm.engineer)).one().ended_at = NOON
    session.flush()
    staff_left(stage.uow, session.get_one(Person, stage.firm.engineer), None)


# What time does, or another act: a timer that came due, however late.
CLOCK: Mapping[str, tuple[Act, Callable[[Stage], None]]] = {
    "accept": (Act.ACCEPT, lambda s: accept_silence(s.uow, {"ticket_id": s.ticket.id})),
    "release": (Act.RELEASE, lambda s: release_one(s.uow, {"ticket_id": s.ticket.id})),
    "prepaid": (Act.PREPAID, lambda s: release_one(s.uow, {"ticket_id": s.ticket.id})),
    "leave": (Act.LEAVE, _engineer_leaves),
    "expire": (Act.EXPIRE, lambda s: quote_expire(s.uow, {"quote_id": s.offer.id})),
    **{
        f"remind {step}": (Act.REMIND, lambda s, n=step: quote_remind(s.uow, {"quote_id": s.offer.id, "step": n}))
        for step in (1, 2, 3)
    },
    "warn": (Act.WARN, _targets(sla_warn)),
    "late": (Act.WARN, _targets(sla_late)),
    "not taken": (Act.NOT_TAKEN, lambda s: take_late(s.uow, {"ticket_id": s.ticket.id})),
}


def test_every_act_of_the_table_is_tried() -> None:
    assert set(DO) | {act for act, _ in CLOCK.values()} == set(ACTS)
    of_clock = {act for act in ACTS for leave in ACTS[act].leaves if Who.CLOCK in leave.who}
    assert of_clock == {act for act, _ in CLOCK.values()}


@pytest.mark.sampled(5)
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
                stage.put(state, act, who)
                before = rows(stage)
                office.told.clear()
                whos = stage.whos(who)
                refusal = _tried(lambda by=by: DO[act](stage, by))
                uow.session.flush()
                place = (act, state, who, refusal)
                if refusal is not None:
                    if who is None or not may_ever(act, whos):
                        assert isinstance(refusal, (NotAllowed, NotFound)), place
                    elif may(act, state, whos):  # another's ticket, no press that came again, an offer that is over
                        mine = list(leaves(act, state, whos))
                        bare = [each for each in mine if not each.again and each.given not in RARE]
                        assert not bare or (late and act in ONLY_IN_TIME), place
                    elif not possible_in(act, state) and _has_a_right(act, whos):  # told to who sees it (R2.8)
                        told = isinstance(refusal, Outdated) and refusal.key != Outdated.key
                        assert told == may_ever(Act.SEE, whos), place
                    assert rows(stage) == before, place
                    assert not office.told, place
                else:
                    done += 1
                    assert who is not None and may(act, state, whos), place
                    assert stage.ticket.state in after(act, state, who), place
                    _heard_by_the_right_ones(office, act, place)
                kept.rollback()
                uow.session.expire_all()
        assert done or (late and act in ONLY_IN_TIME)


@pytest.mark.parametrize(
    ("act", "given"), [(act, leave.given) for act in DO for leave in ACTS[act].leaves if leave.given in RARE]
)
def test_what_is_seldom_there_lets_those_of_the_table(office: TestOffice, act: Act, given: Given) -> None:
    """Whoever had the ticket works here no more; what was said had only been added to it."""
    with office.work() as uow:
        stage = Stage(uow)
        if given is Given.HOLDER_LEFT:
            job = uow.session.exec(select(Employment).where(Employment.person_id == stage.firm.engineer)).one()
            job.ended_at = NOON
        for state in S:
            for who, by in stage.people.items():
                kept = uow.session.begin_nested()
                stage.put(state, act, who)
                if given is Given.ADDED:
                    uow.session.get_one(Appeal, stage.appeal).end = AppealEnd.ATTACHED
                before = rows(stage)
                office.told.clear()
                refusal = _tried(lambda by=by: DO[act](stage, by))
                place = (act, state, who, refusal)
                gone = who is Who.ENGINEER and given is Given.HOLDER_LEFT
                mine = [] if gone else list(leaves(act, state, stage.whos(who)))
                assert (refusal is None) is any(not each.again for each in mine), place
                if refusal is None:
                    assert stage.ticket.state in after(act, state, who), place
                    _heard_by_the_right_ones(office, act, place)
                else:
                    assert rows(stage) == before and not office.told, place
                kept.rollback()
                uow.session.expire_all()


@pytest.mark.parametrize("late", [False, True], ids=["on_time", "late"])
@pytest.mark.parametrize("name", list(CLOCK))
def test_time_does_in_every_state_what_the_table_says(office: TestOffice, name: str, late: bool) -> None:
    act, run = CLOCK[name]
    with office.work() as uow:
        stage = Stage(uow)
        other = opened(uow, stage.firm)
        if late:
            uow.now += timedelta(days=40)
        for state in S:
            if act is Act.PREPAID and state is S.AWAITING_PAYMENT:
                continue  # the same look releases it
            kept = uow.session.begin_nested()
            stage.put(state, act)
            if act is Act.WARN:
                stage.ticket.reaction_due = stage.ticket.resolution_due = NOON + timedelta(hours=2)
                stage.offer.ticket_id = other.id  # a price is still to be named for this one
            before = rows(stage)
            office.told.clear()
            run(stage)
            uow.session.flush()
            place = (name, state)
            if may(act, state, {Who.CLOCK}) and (late or act is not Act.EXPIRE):
                assert stage.ticket.state in after(act, state, Who.CLOCK), place
                assert office.told, place
                _heard_by_the_right_ones(office, act, place)
            else:
                assert not [told for told in office.told if act is not Act.LEAVE], place
                assert rows(stage) == before, place
            kept.rollback()
            uow.session.expire_all()


def test_an_engineer_frees_his_ticket_before_work_with_a_reason_and_never_after(office: TestOffice) -> None:
    for state in WITH_HOLDER:
        assert may(Act.DECLINE, state, {Who.ENGINEER}) is (state in BEFORE_WORK)
        assert may(Act.TAKE_AWAY, state, {Who.DISPATCHER}) and not may(Act.TAKE_AWAY, state, {Who.ENGINEER})
    assert not may(Act.TAKE_AWAY, S.TAKEN, SPEAKERS)


def _tried(act: Callable[[], object]) -> Refusal | None:
    try:
        act()
    except Refusal as raised:
        return raised
    return None


def _has_a_right(act: Act, whos: set[Who]) -> bool:
    return any(not each.who.isdisjoint(whos) and each.given not in RARE for each in ACTS[act].leaves)


def _heard_by_the_right_ones(office: TestOffice, act: Act, place: Any) -> None:
    for told in office.told:
        if told.template not in CARDS:
            assert hearers(told.audience) & ACTS[act].told, (place, told.template)
