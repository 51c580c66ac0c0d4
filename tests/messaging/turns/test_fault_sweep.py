"""Question, ticket, approval, with a fault at every commit and at every send: one result all the same."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlmodel import col, select

from bench.soak.check import unanswered
from bot.billing.quotes.models import Approval
from bot.db.engine import Database
from bot.kb.articles.sync import sync_articles
from bot.messaging.incoming.models import Inbox, InboxState
from bot.messaging.models import Alarm
from bot.messaging.outgoing.models import Outbox, OutboxState
from bot.tickets.life.models import Ticket, TicketEvent
from tests.builders.jobs import Firm, build_firm
from tests.builders.talk import Talk, talking
from tests.kb.articles.test_sync import write
from tests.messaging.rough import CommitFault, Courier, Rough, SendFault, failing_commits, without_pauses


@pytest.fixture
def talk(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Talk]:
    without_pauses(monkeypatch)
    write(tmp_path, "scanner", "Сканер не читает штрихкод", "сканер пищит")
    with talking(database) as found:
        with found.office.work() as uow:
            sync_articles(uow, tmp_path)
        yield found


@pytest.fixture
def firm(talk: Talk) -> Firm:
    with talk.office.work() as uow:
        return build_firm(uow.session)


async def converse(rough: Rough, firm: Firm) -> None:
    """A question that finds no answer becomes a paid ticket, and the approver says yes."""
    await rough.says(firm.requester, "сканер не читает штрихкод")
    await rough.says(firm.requester, "жуёт ленту, приезжайте")
    await rough.presses(firm.requester, "📝 Оформить заявку")
    await rough.presses(firm.requester, "✅ Отправить")
    await rough.presses(firm.approver, "✅ Согласовать")


def check(rough: Rough, updates: int = 5) -> None:
    """Each update answered, each row once; what arrived twice is marked, and staff has an alarm for it."""
    times = rough.times_arrived()
    with rough.talk.database.read() as session:
        assert Counter(session.exec(select(Inbox.state)).all()) == {InboxState.DONE: updates}
        assert unanswered(session) == []
        assert len(session.exec(select(Ticket)).all()) == 1
        assert len(session.exec(select(Approval)).all()) == 1
        opened = session.exec(select(TicketEvent).where(TicketEvent.kind == "opened")).all()
        assert len(opened) == 1
        for row in session.exec(select(Outbox).order_by(col(Outbox.id))).all():
            assert row.state is OutboxState.SENT, (row.method, row.error)
            assert times[row.id] >= 1
            assert times[row.id] <= 1 + row.repeats, (row.id, times[row.id])
        marked = session.exec(select(Outbox.id).where(col(Outbox.repeats) > 0)).all()
        alarms = session.exec(select(Alarm)).all()
        assert {alarm.kind for alarm in alarms} <= {"repeated_send"}
        assert {alarm.details["outbox"] for alarm in alarms} == set(marked)


@pytest.mark.sampled(5)
@pytest.mark.parametrize("phase", [0, 1, 2])
@pytest.mark.parametrize("fault", list(CommitFault))
async def test_a_fault_at_a_commit_leaves_one_result(talk: Talk, firm: Firm, fault: CommitFault, phase: int) -> None:
    """Each third commit fails: over the three phases every commit of the conversation does."""
    rough = Rough(talk, Courier())
    with failing_commits(talk.database, fault, lambda number: number % 3 == phase) as struck:
        await converse(rough, firm)
    assert len(struck) > 5
    check(rough)


@pytest.mark.sampled(4)
@pytest.mark.parametrize("fault", list(SendFault))
async def test_a_fault_at_each_send_leaves_each_message_sent(talk: Talk, firm: Firm, fault: SendFault) -> None:
    rough = Rough(talk, Courier(fault))
    await converse(rough, firm)
    check(rough)
    times = set(rough.times_arrived().values())
    assert times == ({1} if fault is SendFault.NOT_LEFT else {2})
