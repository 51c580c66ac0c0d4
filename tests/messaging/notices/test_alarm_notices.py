"""An alarm that can't be told must not raise the next alarm, which could not be told either, and so on for ever."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlmodel import col, select

from bot.app import patience
from bot.clients.models import StaffChat
from bot.clients.policy import quiet_hours
from bot.db.unit_of_work import Office
from bot.messaging.messengers import Messenger
from bot.messaging.models import Alarm, Timer
from bot.messaging.notices.telling import Notices
from bot.messaging.outgoing.delivery import Delivery
from bot.messaging.outgoing.models import Outbox, OutboxState
from bot.messaging.outgoing.outbox import put
from bot.messaging.outgoing.outcomes import Later, Outcome, Parcel, Refused, Sent, Unknown
from bot.messaging.runner import Bell
from bot.telegram.ids import bot as telegram_bot
from bot.telegram.showing.rendering import TelegramRenderer
from bot.tickets.dispatch.alarms import tell_alarms
from bot.tickets.life.topics import topic_name
from tests.conftest import NOON, TestOffice

GROUP = -100800


class Nobody:
    """A messenger whose answers the test gives; each row has to wait `seconds` for its limits."""

    messenger = Messenger.TELEGRAM

    def __init__(self, seconds: float = 0.0) -> None:
        self.seconds = seconds

    def wait_for(self, row: Outbox) -> float:
        return self.seconds

    async def send(self, parcel: Parcel) -> Outcome:
        return Later(1, "")

    async def alive(self) -> bool:
        return True

    async def close(self) -> None:
        return None


@pytest.fixture
def posts(office: TestOffice) -> Office:
    """An office whose notices really go into the outbox, with a group that they go to."""
    with office.work() as uow:
        uow.session.add(StaffChat(chat_id=GROUP, title="Инженеры", linked_at=NOON))
    messenger = TelegramRenderer(777, topic_name)
    return Office(office.database, Notices(lambda: messenger, quiet_hours), lambda: NOON)


def told(office: Office) -> int:
    """Tell the alarms that wait, if the timer asks for it; returns how many notices were written."""
    with office.work() as uow:
        timer = uow.session.exec(select(Timer).where(Timer.key == "tell_alarms")).first()
        if timer is None or timer.done_at is not None:
            return 0
        timer.done_at = NOON
        tell_alarms(uow, {})
    with office.database.read() as session:
        return len(session.exec(select(Outbox).where(Outbox.state == OutboxState.NEW)).all())


def answer(office: Office, outcome: Outcome) -> None:
    """Let delivery settle all that waits with one answer of the messenger."""
    delivery = Delivery(office, Nobody(), Bell(), patience)
    with office.database.read() as session:
        rows = session.exec(select(Outbox).where(Outbox.state == OutboxState.NEW)).all()
    delivery._round([(Parcel(row), outcome) for row in rows], {row.id for row in rows}, room=0)


def fail_a_message(office: Office, outcome: Outcome) -> None:
    with office.work() as uow:
        put(uow.session, telegram_bot(777), "sendMessage", {"chat_id": 5, "text": "x"}, uow.now, chat_id=5)
    answer(office, outcome)


@pytest.mark.parametrize("trouble", [lambda: Refused("can't parse entities"), lambda: Unknown("timeout")])
def test_a_refused_alarm_notice_brings_no_new_one(posts: Office, trouble: Callable[[], Outcome]) -> None:
    fail_a_message(posts, Refused("message is too long"))
    assert told(posts) == 1
    answer(posts, trouble())
    with posts.database.read() as session:
        assert session.exec(select(Timer).where(col(Timer.done_at).is_(None))).all() == []
        alarms = session.exec(select(Alarm).order_by(col(Alarm.id))).all()
        assert [alarm.told_at is None for alarm in alarms] == [False, True]


def test_it_is_told_with_the_next_alarm(posts: Office) -> None:
    fail_a_message(posts, Refused("message is too long"))
    told(posts)
    answer(posts, Refused("can't parse entities"))
    fail_a_message(posts, Refused("message is too long"))
    assert told(posts) == 1
    with posts.database.read() as session:
        assert session.exec(select(Alarm).where(col(Alarm.told_at).is_(None))).all() == []
    answer(posts, Sent(1))
    assert told(posts) == 0


def test_others_learn_that_the_alarms_chat_is_gone(posts: Office) -> None:
    fail_a_message(posts, Refused("message is too long"))
    told(posts)
    answer(posts, Refused("bot was kicked", chat_gone=True))
    with posts.database.read() as session:
        waiting = session.exec(select(Timer.key).where(col(Timer.done_at).is_(None))).all()
        assert sorted(waiting) == ["group_lost:-100800", "tell_alarms"]  # the group is looked at until it is back
    assert told(posts) == 0  # nobody is left here to be told: it ends by itself


def test_a_send_cut_off_by_the_end_of_its_process_is_marked_once_however_long_its_chat_waits(posts: Office) -> None:
    with posts.work() as uow:
        row_id = put(uow.session, telegram_bot(777), "sendMessage", {"chat_id": 5, "text": "x"}, uow.now, chat_id=5)
        row = uow.session.get_one(Outbox, row_id)
        row.state, row.attempts, row.leased_until = OutboxState.SENDING, 1, uow.now - timedelta(minutes=5)
    for seconds in (60.0, 60.0, 0.0):
        Delivery(posts, Nobody(seconds), Bell(), patience)._round([], set(), room=8)
    with posts.database.read() as session:
        row = session.get_one(Outbox, row_id)
        assert (row.state, row.attempts, row.repeats) == (OutboxState.SENDING, 2, 1)
        assert session.exec(select(Alarm.kind)).all() == ["repeated_send"]
