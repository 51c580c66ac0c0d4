"""While the bot may not write in the group of staff nothing is lost, and once it may again its cards are there anew."""

from typing import Any

import pytest
from sqlmodel import col, select

from bot.clients.models import StaffChat
from bot.jobs.timers import TIMERS
from bot.messaging.models import Alarm, Timer
from bot.messaging.outgoing import outbox
from bot.messaging.outgoing.models import Card, Outbox, OutboxState
from bot.messaging.outgoing.outbox import BACK, CARD_ANEW, LOST
from bot.sandbox.world.render import ADMIN_RIGHTS, RESTRICTIONS
from bot.telegram.ids import bot as telegram_bot
from bot.tickets.dispatch.group_cards import LOST_CALL, PROBE, group_back, group_lost, probe_group
from bot.tickets.life.models import Ticket
from tests.builders.jobs import opened
from tests.builders.spoken import deliver, queued_for
from tests.builders.stories import GROUP, begun, learn
from tests.builders.stories import in_group as press_in_group
from tests.builders.talk import BOT_ID, Newcomer, Talk


def run_timers(talk: Talk, *kinds: str) -> None:
    """Those of these kinds that wait, due or not."""
    with talk.office.work() as uow:
        waiting = select(Timer).where(col(Timer.kind).in_(kinds), col(Timer.done_at).is_(None))
        for timer in uow.session.exec(waiting.order_by(col(Timer.id))).all():
            timer.done_at = uow.now
            uow.session.flush()
            TIMERS[timer.kind](uow, timer.payload)


def run_lost(talk: Talk) -> None:
    """What a lost group refused goes to people."""
    run_timers(talk, LOST)
    run_timers(talk, LOST_CALL)
    run_timers(talk, CARD_ANEW)


def refuse(talk: Talk, reason: str = "Forbidden: bot was kicked from the supergroup chat") -> None:
    """Delivery hears it at the next call to the group."""
    with talk.office.work() as uow:
        outbox.mark_unreachable(uow.session, telegram_bot(BOT_ID), GROUP, reason, uow.now)


def cards(talk: Talk, chat: int, state: str) -> list[Outbox]:
    return [row for row in queued_for(talk, chat) if row.card_key and f"· {state}" in str(row.params.get("text"))]


def another(talk: Talk, firm: Any) -> int:
    with talk.office.work() as uow:
        return opened(uow, firm).id


async def test_what_the_group_refused_goes_to_dispatchers_and_is_in_the_group_once_after_the_return(
    talk: Talk,
) -> None:
    firm, _ = begun(talk, minutes=600)
    dispatcher = talk.account(firm.dispatcher)
    refuse(talk)
    assert queued_for(talk, dispatcher) == []
    run_lost(talk)
    assert len(cards(talk, dispatcher, "Новая")) == 1
    run_lost(talk)
    assert len(cards(talk, dispatcher, "Новая")) == 1  # once
    second = another(talk, firm)  # opened meanwhile: straight to people
    assert len(cards(talk, dispatcher, "Новая")) == 2
    deliver(talk)
    before = len(queued_for(talk, GROUP))
    await changed(talk, "kicked", "administrator")
    anew = queued_for(talk, GROUP)[before:]
    assert {row.card_key for row in anew} == {"ticket:1", f"ticket:{second}"}
    assert len(anew) == 2
    deliver(talk)
    await press_in_group_of(talk, firm, "✋ Беру")
    assert len(cards(talk, dispatcher, "Взята")) == 1  # the private card does not stay «Новая»
    assert cards(talk, dispatcher, "Взята")[0].card_key == f"staff:ticket:{second}"


async def press_in_group_of(talk: Talk, firm: Any, button: str) -> None:
    learn(talk)
    await press_in_group(talk, firm.engineer, button)


async def test_words_that_the_group_refused_go_to_dispatchers_too(talk: Talk) -> None:
    firm, _ = begun(talk, minutes=600)
    deliver(talk)
    learn(talk)
    await talk.press(firm.requester, "💬 Написать")
    await talk.say(firm.requester, "Код от двери 15")
    refuse(talk)
    run_lost(talk)
    told = [row for row in queued_for(talk, talk.account(firm.dispatcher)) if "Код от двери 15" in str(row.params)]
    assert [row.carries for row in told] == ["said:1"]  # a reply there goes to the client as well
    assert "_topic" not in told[0].params


SILENCED: list[tuple[str, dict[str, Any]]] = [
    ("kicked", {"until_date": 0}),
    ("left", {}),
    ("restricted", {}),
]


@pytest.mark.parametrize(("status", "more"), SILENCED, ids=[status for status, _ in SILENCED])
async def test_however_the_bot_was_silenced_people_are_told_and_the_return_shows_the_present_state(
    talk: Talk, status: str, more: dict[str, Any]
) -> None:
    firm, ticket_id = begun(talk, minutes=600)
    deliver(talk)
    await changed(talk, "member", status)
    assert "убрали из группы «Инженеры» или запретили" in str(
        queued_for(talk, talk.account(firm.dispatcher))[-1].params
    )
    with talk.office.work() as uow:
        from bot.tickets.dispatch.take import take_ticket

        take_ticket(uow, ticket_id, firm.engineer)
    assert len(cards(talk, talk.account(firm.dispatcher), "Взята")) == 1
    before = len(queued_for(talk, GROUP))
    await changed(talk, status, "member")
    assert [row.card_key for row in queued_for(talk, GROUP)[before:]] == [f"ticket:{ticket_id}"]
    assert "Взята" in queued_for(talk, GROUP)[-1].params["text"]
    with talk.database.read() as session:
        shown = session.get(Card, ("telegram", BOT_ID, GROUP, f"ticket:{ticket_id}"))
        assert shown is not None  # brought up to date, not doubled


async def changed(talk: Talk, before: str, now: str, **rights: Any) -> None:
    me = {"id": BOT_ID, "is_bot": True, "first_name": "F"}
    kinds = {
        "kicked": {"until_date": 0},
        "restricted": {"is_member": True, "until_date": 0, **dict.fromkeys(RESTRICTIONS, False)},
        "administrator": {"can_be_edited": False, "is_anonymous": False, **dict.fromkeys(ADMIN_RIGHTS, True)},
    }
    shown = [{"user": me, "status": status, **kinds.get(status, {})} for status in (before, now)]
    for member, topics in zip(shown, rights.get("topics", (None, None)), strict=True):
        if topics is not None:
            member["can_manage_topics"] = topics
    event = {
        "chat": {"id": GROUP, "type": "supergroup", "title": "Инженеры"},
        "from": {"id": 5, "is_bot": False, "first_name": "И"},
        "date": 1,
        "old_chat_member": shown[0],
        "new_chat_member": shown[1],
    }
    await talk._run(talk._store(Newcomer(GROUP), [{"my_chat_member": event}]))
    run_timers(talk, CARD_ANEW)


async def test_topics_that_may_be_made_again_get_their_cards(talk: Talk) -> None:
    _, ticket_id = begun(talk, minutes=600, forum=True)
    deliver(talk)  # into «General»: the card stands in no topic
    await changed(talk, "administrator", "administrator", topics=(True, False))
    with talk.database.read() as session:
        assert "no_topics" in session.exec(select(Alarm.kind)).all()
    before = len(queued_for(talk, GROUP))
    await changed(talk, "administrator", "administrator", topics=(False, True))
    gone, card = queued_for(talk, GROUP)[before:]
    assert (gone.method, card.method, card.params["_topic"]) == ("deleteMessage", "sendMessage", f"ticket:{ticket_id}")
    with talk.database.read() as session:
        assert session.get(Card, ("telegram", BOT_ID, GROUP, f"ticket:{ticket_id}")) is None


def test_a_lost_group_is_asked_without_a_word_until_it_answers(talk: Talk) -> None:
    begun(talk, minutes=600)
    refuse(talk)
    run_lost(talk)
    for _ in range(2):
        run_timers(talk, PROBE)
        asked = queued_for(talk, GROUP)[-1]
        assert (asked.method, asked.params["action"], asked.state) == ("sendChatAction", "typing", OutboxState.NEW)
    with talk.office.work() as uow:
        outbox.mark_reachable(uow.session, telegram_bot(BOT_ID), GROUP)
        probe_group(uow, {"bot": BOT_ID, "chat": GROUP})
        group_back(uow, {"chat": GROUP})
    run_timers(talk, CARD_ANEW)
    assert queued_for(talk, GROUP)[-1].card_key == "ticket:1"
    with talk.office.work() as uow:
        group_lost(uow, {"bot": BOT_ID, "chat": GROUP})  # late: the group is back
        group_back(uow, {"chat": -5})  # no chat of ours
    run_timers(talk, CARD_ANEW)
    assert queued_for(talk, GROUP)[-1].card_key == "ticket:1"


async def test_the_command_in_the_group_again_shows_the_open_tickets_once(talk: Talk) -> None:
    from bot.clients.models import Employment, StaffRole
    from tests.handlers.manager.test_staff import in_group

    firm, _ = begun(talk, minutes=600)
    with talk.office.work() as uow:
        uow.session.add(Employment(person_id=firm.dispatcher, role=StaffRole.ADMIN, granted_at=uow.now))
        uow.session.delete(uow.session.get_one(StaffChat, ("telegram", GROUP)))
        for row in uow.session.exec(select(Outbox)).all():
            uow.session.delete(row)
    await in_group(talk, talk.account(firm.dispatcher))
    run_timers(talk, CARD_ANEW)
    from tests.handlers.manager.test_staff import GROUP as THIS

    assert [row.card_key for row in queued_for(talk, THIS)] == [None, "ticket:1"]


def test_a_group_that_became_a_supergroup_gets_its_cards_anew(talk: Talk) -> None:
    from bot.clients.staff_chats import follow_move

    begun(talk, minutes=600)
    deliver(talk)
    with talk.office.work() as uow:
        outbox.move_chat(uow.session, telegram_bot(BOT_ID), GROUP, -100999)
        follow_move(uow, {"old": GROUP, "new": -100999})
    run_timers(talk, BACK)
    run_timers(talk, CARD_ANEW)
    assert [row.card_key for row in queued_for(talk, -100999)] == ["ticket:1"]


def test_a_dismissed_dispatcher_s_card_is_left_alone(talk: Talk) -> None:
    from bot.clients.models import Employment
    from bot.tickets.bill.card import show

    firm, ticket_id = begun(talk, minutes=600)
    refuse(talk)
    run_timers(talk, LOST)
    deliver(talk)
    with talk.office.work() as uow:
        outbox.mark_reachable(uow.session, telegram_bot(BOT_ID), GROUP)
        for row in uow.session.exec(select(Employment).where(Employment.person_id == firm.dispatcher)).all():
            row.ended_at = uow.now
        uow.session.flush()
        before = len(queued_for(talk, talk.account(firm.dispatcher)))
        show(uow, uow.session.get_one(Ticket, ticket_id))
    assert len(queued_for(talk, talk.account(firm.dispatcher))) == before
