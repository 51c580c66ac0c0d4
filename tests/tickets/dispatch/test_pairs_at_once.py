"""Every pair of acts on one ticket at the same moment, on PostgreSQL: no deadlock, and what is left is what one after
the other leaves, in either order."""

from collections.abc import Callable
from datetime import timedelta
from itertools import combinations_with_replacement
from threading import Barrier, Thread
from typing import Any, NamedTuple

import pytest
from sqlmodel import Session, col, select

from bot.billing.hours.models import Pool, PoolEntry
from bot.billing.quotes.approve import Press
from bot.billing.quotes.models import Approval, Quote
from bot.billing.work.models import WorkLine
from bot.db.errors import Refusal
from bot.tickets.dispatch.take import give_back, go_to_client, start_work, take_away, take_ticket
from bot.tickets.life.lifecycle import history
from bot.tickets.life.models import Ticket
from bot.tickets.offers.answer import (
    approve_by_word,
    approve_paid_work,
    ask_about_quote,
    decline_paid_work,
    view_quote,
)
from bot.tickets.offers.estimate import send_estimate
from bot.tickets.offers.offering import quote_expire, quote_remind
from bot.tickets.opening.cancel import cancel_ticket, reopen_ticket
from bot.tickets.opening.release import release_hold, release_one
from bot.tickets.work.accept import accept_silence, accept_work, dispute_work, rate_work, resolve_dispute
from bot.tickets.work.add import add_work, remove_work
from bot.tickets.work.finish import finish_work, say_time
from tests.builders.bills import quote_of
from tests.builders.jobs import Firm, build_firm, opened
from tests.conftest import TestOffice

PRESS = Press(user_id=1, message_id=2, language="ru")
LATER = timedelta(days=12)  # when a quote's time is over


class Job(NamedTuple):
    """What both acts are about."""

    firm: Firm
    ticket: int
    quote: int
    line: int


Do = Callable[[Any, Job], Any]
ANSWERS: dict[str, Do] = {
    "yes": lambda uow, job: approve_paid_work(uow, job.quote, 1, job.firm.approver, PRESS),
    "yes_of_another": lambda uow, job: approve_paid_work(uow, job.quote, 1, job.firm.boss, PRESS),
    "no": lambda uow, job: decline_paid_work(uow, job.quote, 1, job.firm.approver, PRESS),
    "by_word": lambda uow, job: approve_by_word(uow, job.quote, job.firm.boss, "звонок", "запись", job.firm.dispatcher),
    "look": lambda uow, job: view_quote(uow, job.quote, job.firm.approver),
    "ask": lambda uow, job: ask_about_quote(uow, job.quote, job.firm.approver),
    "expire": lambda uow, job: quote_expire(uow, {"quote_id": job.quote}),
    "remind": lambda uow, job: quote_remind(uow, {"quote_id": job.quote, "step": 3}),
    "cancel": lambda uow, job: cancel_ticket(uow, job.ticket, job.firm.requester),
    "estimate": lambda uow, job: send_estimate(uow, job.ticket, 300_000, "Ремонт", job.firm.dispatcher),
}
WORK: dict[str, Do] = {
    **{name: ANSWERS[name] for name in ("yes", "no", "expire", "cancel")},
    "take": lambda uow, job: take_ticket(uow, job.ticket, job.firm.other_engineer),
    "take_away": lambda uow, job: take_away(uow, job.ticket, job.firm.dispatcher),
    "decline": lambda uow, job: give_back(uow, job.ticket, "заболел", job.firm.engineer),
    "go": lambda uow, job: go_to_client(uow, job.ticket, job.firm.engineer),
    "start": lambda uow, job: start_work(uow, job.ticket, job.firm.engineer),
    "add": lambda uow, job: add_work(uow, job.ticket, job.firm.cleaning, 1, job.firm.engineer),
    "remove": lambda uow, job: remove_work(uow, job.ticket, job.line, job.firm.engineer),
    "time": lambda uow, job: say_time(uow, job.ticket, 40, "по факту", job.firm.engineer),
    "finish": lambda uow, job: finish_work(uow, job.ticket, job.firm.engineer),
}
END: dict[str, Do] = {
    "accept": lambda uow, job: accept_work(uow, job.ticket, job.firm.requester),
    "silence": lambda uow, job: accept_silence(uow, {"ticket_id": job.ticket}),
    "dispute": lambda uow, job: dispute_work(uow, job.ticket, "work", job.line, "Не так", job.firm.requester),
    "resolve": lambda uow, job: resolve_dispute(uow, job.ticket, True, job.firm.dispatcher),
    "rate": lambda uow, job: rate_work(uow, job.ticket, 5, job.firm.requester),
    "reopen": lambda uow, job: reopen_ticket(uow, job.ticket, job.firm.requester),
    "estimate": ANSWERS["estimate"],
}
HELD: dict[str, Do] = {
    "release": lambda uow, job: release_hold(uow, job.ticket, job.firm.dispatcher),
    "debt_paid": lambda uow, job: release_one(uow, {"ticket_id": job.ticket}),
    **{name: ANSWERS[name] for name in ("yes", "no", "cancel", "estimate")},
}
HOURS = {name: act for name, act in WORK.items() if name not in ANSWERS}
STAGES = {"asked": ANSWERS, "at_work": WORK, "hours": HOURS, "done": END, "done_hours": END, "held": HELD}
CELLS = [(stage, *pair) for stage, acts in STAGES.items() for pair in combinations_with_replacement(acts, 2)]


def job_at(office: TestOffice, stage: str) -> Job:
    """A ticket at a stage: its price asked for; at work, with more work offered; done; held by a debt."""
    with office.work() as uow:
        minutes = 600 if stage.endswith("hours") else 0
        firm = build_firm(uow.session, minutes=minutes, debt=20 if stage == "held" else 0)
        ticket = opened(uow, firm)
        first = quote_of(uow, ticket)
    if stage in ("asked", "held"):
        return Job(firm, ticket.id, first.id, 0)
    with office.work() as uow:
        if first is not None:
            approve_paid_work(uow, first.id, 1, firm.boss, PRESS)
        take_ticket(uow, ticket.id, firm.engineer)
        start_work(uow, ticket.id, firm.engineer)
        added = add_work(uow, ticket.id, firm.part, 1, firm.engineer)
    job = Job(firm, ticket.id, added.quote.id if added.quote is not None else 0, added.line.id)
    if stage.startswith("done"):
        with office.work() as uow:
            if added.quote is not None:
                approve_paid_work(uow, job.quote, 1, firm.boss, PRESS)
            say_time(uow, ticket.id, 50, "по факту", firm.engineer)
            finish_work(uow, ticket.id, firm.engineer)
    return job


def run(office: TestOffice, name: str, act: Do, job: Job) -> str:
    """How one act ends."""
    late = name == "expire"
    try:
        with office.work(now=office.moment + LATER if late else None) as uow:
            act(uow, job)
    except Refusal as refusal:
        return f"{name}: {type(refusal).__name__}"
    except Exception as error:
        return f"{name}: broken, {error!r}"[:400]
    return f"{name}: done"


def left(session: Session, job: Job) -> dict[str, Any]:
    """What a job is in the end, without ids and moments."""
    ticket = session.get_one(Ticket, job.ticket)
    lines = session.exec(select(WorkLine).where(WorkLine.ticket_id == job.ticket).order_by(col(WorkLine.id))).all()
    quotes = session.exec(select(Quote).where(Quote.ticket_id == job.ticket).order_by(col(Quote.id))).all()
    said = select(Approval).where(col(Approval.quote_id).in_([each.id for each in quotes]))
    pools = select(Pool.id).where(Pool.contract_id == job.firm.contract)
    entries = session.exec(select(PoolEntry).where(col(PoolEntry.pool_id).in_(pools))).all()
    return {
        "ticket": (ticket.state, ticket.coverage, ticket.held_amount, ticket.engineer_id is None, ticket.rating),
        "lines": [(row.name, row.removed_at is None, row.disputed_at is None, row.coverage) for row in lines],
        "quotes": [(row.state, row.version) for row in quotes],
        "approvals": sorted((row.approved, str(row.way)) for row in session.exec(said).all()),
        "pools": sorted((row.kind, row.amount) for row in entries),
        "history": sorted(event.kind for event in history(session, job.ticket)),
    }


@pytest.mark.sampled(8)
@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
@pytest.mark.parametrize(("stage", "one", "other"), CELLS, ids=["-".join(cell) for cell in CELLS])
def test_two_acts_at_once_leave_what_one_after_the_other_does(
    office: TestOffice, stage: str, one: str, other: str
) -> None:
    acts = STAGES[stage]
    found = []
    for order in ((one, other), (other, one)):
        job = job_at(office, stage)
        ends = [run(office, name, acts[name], job) for name in order]
        with office.database.read() as session:
            found.append((sorted(ends), left(session, job)))
    job, barrier, ends = job_at(office, stage), Barrier(2), list[str]()

    def begin(name: str) -> None:
        barrier.wait(20)
        ends.append(run(office, name, acts[name], job))

    threads = [Thread(target=begin, args=(name,)) for name in (one, other)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not [end for end in ends if "broken" in end], ends
    with office.database.read() as session:
        at_once = sorted(ends), left(session, job)
    assert at_once in found
