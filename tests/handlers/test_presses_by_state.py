"""Each kind of press of a ticket or a quote, in each state of the ticket, through the conversations: whoever may is
served, and in a state where they may not they are refused in words; pressed again it does nothing more (R2.4, R7.4).

Kinds are found by their fields: a new one belongs to an act, or it is said here why it belongs to none.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import pytest
from aiogram.filters.callback_data import CallbackData
from sqlmodel import col, select

from bot.handlers.client.drafting.presses import JoinTicket
from bot.handlers.client.quotes.presses import (
    ApproveQuote,
    AskQuote,
    ChooseOption,
    DeclineQuote,
    DisputeWord,
    TakeOneOff,
)
from bot.handlers.client.skills.presses import WishTime
from bot.handlers.client.tickets.presses import DisputeTicketLine, ProofPack, SayInto, TicketOpen
from bot.handlers.dispatcher.triage.presses import TriageJoin
from bot.handlers.engineer.calls.presses import CallOfTicket
from bot.handlers.engineer.figures.presses import BookTime, DropTime, SendEstimate
from bot.handlers.engineer.jobs.presses import (
    JobAdd,
    JobFind,
    JobFinish,
    JobOpen,
    JobRemove,
    JobTime,
    NoteInto,
)
from bot.messaging.outgoing.models import Outbox
from bot.tickets.life.acts import Act, Given, Who, leaves, may, may_ever
from bot.tickets.life.models import Ticket, TicketState
from tests.builders.stage import OUR_OWN, Stage, after, rows
from tests.builders.talk import Talk
from tests.handlers.crawl import refused
from tests.handlers.test_card_buttons import ACT
from tests.handlers.walking import presses

ACT_OF: Mapping[type[CallbackData], Act] = {
    **ACT,
    ApproveQuote: Act.YES,
    AskQuote: Act.ASK_ABOUT_QUOTE,
    CallOfTicket: Act.BOOK_CALL,
    ChooseOption: Act.CHANGE_QUOTE,
    DeclineQuote: Act.NO,
    DisputeTicketLine: Act.DISPUTE,
    DisputeWord: Act.DISPUTE_WORD,
    JobAdd: Act.ADD_WORK,
    JobFind: Act.ADD_WORK,
    JobFinish: Act.FINISH,
    JobOpen: Act.SEE_JOB,
    JobRemove: Act.REMOVE_WORK,
    JobTime: Act.SAY_TIME,
    JoinTicket: Act.JOIN,
    TicketOpen: Act.SEE,
    TriageJoin: Act.JOIN,
}
# Each needs more than rows, and has a story of its own; over the Bot API all are pressed
# (tests/story/test_every_press_over_http.py).
ELSEWHERE = {
    TakeOneOff,  # a part added on site
    *(SayInto, NoteInto, WishTime),  # words that were asked about, or that a skill answers
    *(SendEstimate, BookTime, DropTime),  # figures that were written before
    ProofPack,  # of a quote that was agreed, whatever became of the ticket
}
OF_QUOTES = "quote"


def kinds() -> list[type[CallbackData]]:
    """Every kind of press that names a ticket or a quote."""
    named = [kind for kind in presses().values() if {"ticket", OF_QUOTES} & set(kind.model_fields)]
    assert set(named) == set(ACT_OF) | ELSEWHERE, "a kind of press is of no act"
    return sorted(set(named) - ELSEWHERE, key=lambda kind: kind.__name__)


def made(kind: type[CallbackData], stage: Stage) -> CallbackData:
    """The press as a button of ours would have it."""
    ready: Mapping[str, Callable[[], int]] = {
        "ticket": lambda: stage.ticket.id,
        OF_QUOTES: lambda: stage.offer.id,
        "version": lambda: stage.offer.version,
        "sure": lambda: 1,
        "what": lambda: 0,
        "price": lambda: 1,
        "rating": lambda: 5,
        "keep": lambda: 1,
        "reason": lambda: 0,
        "page": lambda: 0,
        "person": lambda: 0,
        "item": lambda: stage.firm.part,
        "quantity": lambda: 1,
        "lines": lambda: 1,
        "time": lambda: 0,
        "line": lambda: stage.line.id,
        "appeal": lambda: stage.appeal,
        "call": lambda: stage.call,
        "place": lambda: 1,
    }
    return kind(**{name: ready[name]() for name in kind.model_fields})


@dataclass(frozen=True)
class Pressed:
    """What a press did: how it was answered, and the rows after it."""

    answers: Sequence[Outbox]
    rows: Any
    state: TicketState

    @property
    def refused(self) -> bool:
        return refused(list(self.answers))


async def press(talk: Talk, stage: Stage, person: int, data: str) -> Pressed:
    with talk.database.read() as session:
        last = max(session.exec(select(Outbox.id)).all(), default=0)
    talk._buttons[talk.account(person), "it"] = data
    await talk.press(person, "it")
    with talk.database.read() as session:
        answers = session.exec(select(Outbox).where(col(Outbox.id) > last)).all()
        ticket = session.get_one(Ticket, stage.ticket_id)
        here: Any = SimpleNamespace(uow=SimpleNamespace(session=session), ticket=ticket)
        return Pressed(answers, rows(here), ticket.state)


def who_presses(kind: type[CallbackData], act: Act, state: TicketState) -> tuple[Who, bool]:
    """One of those who have such buttons and may in this state, if there are any; else who may in another."""
    ours = not kind.__module__.startswith("bot.handlers.client.")
    people = [who for who in Who if who is not Who.CLOCK and who is not Who.COLLEAGUE]
    if kind in (JoinTicket, TriageJoin):  # one act with two buttons
        people = [who for who in people if (who in OUR_OWN) is ours]
    plain = [who for who in people if any(not each.again for each in leaves(act, state, {who}))]
    again = [who for who in people if may(act, state, {who})]
    for those in (plain, again):
        if those:
            return those[0], True
    return next(who for who in people if may_ever(act, {who})), False


@pytest.mark.sampled(4)
@pytest.mark.parametrize("kind", kinds(), ids=lambda kind: kind.__name__)
async def test_a_press_does_in_each_state_what_the_table_says(talk: Talk, kind: type[CallbackData]) -> None:
    act, served = ACT_OF[kind], 0
    for state in TicketState:
        who, lets = who_presses(kind, act, state)
        with talk.office.work() as uow:
            stage: Any = Stage(uow)
            stage.put(state, act, who)
            stage.ticket_id, by = stage.ticket.id, stage.people[who]
            data = made(kind, stage).pack()
            before = rows(stage)
        first = await press(talk, stage, by, data)
        place = (kind.__name__, state, who, [each.params.get("text") for each in first.answers])
        methods = [each.method for each in first.answers]
        assert methods.count("answerCallbackQuery") == 1, place
        if lets and not first.refused:
            served += 1
            assert first.state in after(act, state, who) | {state}, place
        elif lets:
            mine = leaves(act, state, {who})
            assert not [each for each in mine if not each.again and each.given is not Given.HOLDER_LEFT], place
        else:
            assert first.refused, place
            assert first.rows == before and first.state is state, place
        second = await press(talk, stage, by, data)
        assert [each.method for each in second.answers].count("answerCallbackQuery") == 1, place
        assert second.rows == first.rows, place
    assert served, kind
