"""Whoever is shown a button of a ticket's card may press it: by the table of acts, in every state (R2.4)."""

from collections.abc import Mapping
from dataclasses import replace
from itertools import product

import pytest
from aiogram.filters.callback_data import CallbackData

from bot.billing.quotes.models import QuoteState
from bot.handlers.client.quotes.presses import ShowQuote
from bot.handlers.client.tickets import buttons as of_client
from bot.handlers.client.tickets.presses import (
    TicketAccept,
    TicketCancel,
    TicketDispute,
    TicketHistory,
    TicketOtherWay,
    TicketRate,
    TicketReopen,
    TicketWrite,
)
from bot.handlers.dispatcher.oral.presses import OralApproval
from bot.handlers.engineer.jobs import buttons as of_staff
from bot.handlers.engineer.jobs.presses import (
    JobDecline,
    JobEstimate,
    JobFiles,
    JobGo,
    JobGoOn,
    JobItems,
    JobPrepaid,
    JobRelease,
    JobResolve,
    JobScope,
    JobSpec,
    JobStart,
    JobTake,
    JobTakeAway,
    JobWait,
    JobWrite,
    JobWriteOff,
)
from bot.telegram.showing.keyboards import Keyboard
from bot.tickets.bill.card import CardQuote, JobCard, card_of, given_on
from bot.tickets.life.acts import READERS, STAFF, Act, Who, may
from bot.tickets.life.models import TicketState, WaitsFor
from bot.tickets.life.open_price import PriceWaits
from tests.builders.jobs import build_firm, opened
from tests.conftest import TestOffice

ACT: Mapping[type[CallbackData], Act] = {
    TicketAccept: Act.ACCEPT,
    TicketCancel: Act.CANCEL,
    TicketDispute: Act.DISPUTE,
    TicketHistory: Act.SEE,
    TicketOtherWay: Act.ASK_OTHER_WAY,
    TicketRate: Act.RATE,
    TicketReopen: Act.REOPEN,
    TicketWrite: Act.WRITE,
    ShowQuote: Act.SEE_QUOTE,
    OralApproval: Act.YES_BY_WORD,
    JobDecline: Act.DECLINE,
    JobEstimate: Act.ESTIMATE,
    JobFiles: Act.SEE_JOB,
    JobGo: Act.GO,
    JobGoOn: Act.GO_ON,
    JobWait: Act.WAIT,
    JobItems: Act.ADD_WORK,
    JobPrepaid: Act.PREPAID,
    JobRelease: Act.RELEASE,
    JobResolve: Act.RESOLVE,
    JobScope: Act.SEE_JOB,
    JobSpec: Act.FINISH,
    JobStart: Act.START,
    JobTake: Act.TAKE,
    JobTakeAway: Act.TAKE_AWAY,
    JobWrite: Act.TELL_CLIENT,
    JobWriteOff: Act.WRITE_OFF,
}


def presses(keyboard: Keyboard | None) -> list[CallbackData]:
    return [] if keyboard is None else [each.press for row in keyboard.rows for each in row if each.press is not None]


@pytest.fixture
def some_card(office: TestOffice) -> JobCard:
    with office.work() as uow:
        return card_of(uow.session, opened(uow, build_firm(uow.session)), uow.now)


@pytest.mark.parametrize("who", list(Who))
def test_each_button_of_a_card_may_be_pressed_by_its_reader(some_card: JobCard, who: Who) -> None:
    offer = CardQuote(id=1, gross=100, vat=0, state=QuoteState.SENT, waits_for=(), unpaid=False)
    unpaid = replace(offer, state=QuoteState.APPROVED, unpaid=True)
    seen = 0
    for state, quotes, price in product(
        TicketState, ((), (offer,), (unpaid,)), (None, PriceWaits.CLIENT, PriceWaits.US)
    ):
        card = replace(some_card, state=state, stage=state.value, quotes=quotes, price_waits=price, files=1)
        card = replace(card, waits_for=WaitsFor.PARTS if quotes else None)
        for build, readers in ((of_staff.card, STAFF), (of_client.card, READERS)):
            if who not in readers:
                continue
            for press in presses(build("ru", replace(card, whos=frozenset({who})))):
                act = ACT[type(press)]
                assert may(act, state, {who}), (state, press)
                seen += 1
    assert seen or who in (Who.NEIGHBOUR, Who.CLOCK)


def test_the_card_offers_what_the_table_has_for_its_state(some_card: JobCard) -> None:
    leader = replace(some_card, whos=frozenset({Who.MANAGER}))
    assert given_on(leader)
    kinds = {type(each) for each in presses(of_staff.card("ru", leader))}
    assert {JobEstimate, OralApproval, JobWrite} <= kinds and JobTake not in kinds
    board = replace(leader, state=TicketState.NEW, stage="new")
    assert not {type(each) for each in presses(of_staff.card("ru", board))} & {JobTake, JobDecline}
    reader = replace(some_card, state=TicketState.DONE, stage="done", whos=frozenset({Who.FINANCE}))
    assert not {type(each) for each in presses(of_client.card("ru", reader))} & {TicketAccept, TicketReopen}
