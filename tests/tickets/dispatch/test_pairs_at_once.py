"""Every pair of acts on one ticket at the same moment, on PostgreSQL: no deadlock, and what is left is what one after
the other leaves, in either order."""

from collections.abc import Callable
from datetime import timedelta
from itertools import combinations_with_replacement
from threading import Barrier, Thread
from typing import Any, NamedTuple

import pytest
from sqlalchemy import or_
from sqlmodel import Session, col, select

from bot.billing.debts.handle import remind_debtor
from bot.billing.debts.models import Debt
from bot.billing.documents.dispute_line import dispute_line, settle_line_dispute
from bot.billing.documents.models import Document, LineDispute, Payment
from bot.billing.documents.pay import book_payment, check_payment, take_payment
from bot.billing.documents.send import send_one
from bot.billing.hours.grants import grant_one
from bot.billing.hours.life import live_on
from bot.billing.hours.models import EntryKind, Pool, PoolEntry
from bot.billing.quotes.approve import Press
from bot.billing.quotes.models import Approval, Quote
from bot.billing.statements.models import Statement, StatementLine
from bot.billing.work.models import WorkLine
from bot.clients.models import StaffRole
from bot.db.errors import Refusal
from bot.db.unit_of_work import UnitOfWork
from bot.messaging.models import Timer
from bot.tickets.dispatch.leaving import close_access
from bot.tickets.dispatch.take import give_back, go_to_client, start_work, take_away, take_ticket
from bot.tickets.intake.drafts import send_from_triage
from bot.tickets.intake.record import Incoming
from bot.tickets.intake.triage import (
    answer_from_staff,
    assign_object,
    close_appeal,
    pass_to_triage,
    triage_into_ticket,
)
from bot.tickets.life.deadlines import sla_late, sla_warn, take_late
from bot.tickets.life.lifecycle import history
from bot.tickets.life.models import Appeal, Message, Ticket
from bot.tickets.month.close import close_batch
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
from bot.tickets.thread.writing import staff_writes
from bot.tickets.work.accept import accept_silence, accept_work, dispute_work, rate_work, resolve_dispute
from bot.tickets.work.add import add_work, remove_work
from bot.tickets.work.dispute_entry import dispute_entry
from bot.tickets.work.finish import finish_work, say_time
from tests.builders.appeals import says
from tests.builders.bills import AFTER_NOVEMBER, NOVEMBER, billed_firm, close, quote_of
from tests.builders.jobs import Firm, opened, worker
from tests.conftest import NOON, TestOffice

PRESS = Press(user_id=1, message_id=2, language="ru")
LATER = timedelta(days=12)  # when a quote's time is over
PART = 60_000  # kopecks: twice as much is more than the invoice
WORDS = Incoming("text", text="Едем", chat_id=1, message_id=None)


class Job(NamedTuple):
    """What both acts are about. In triage an appeal that waits there, of a closed month its invoice and that's line."""

    firm: Firm
    ticket: int
    quote: int
    line: int
    manager: int = 0
    appeal: int = 0
    drawing: int = 0
    invoice: int = 0
    billed: int = 0


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
TRIAGE: dict[str, Do] = {
    "join": lambda uow, job: triage_into_ticket(uow, job.appeal, job.ticket, job.firm.dispatcher),
    "open": lambda uow, job: send_from_triage(uow, job.appeal, job.firm.dispatcher),
    "answer": lambda uow, job: answer_from_staff(uow, job.appeal, WORDS, job.firm.dispatcher),
    "close_appeal": lambda uow, job: close_appeal(uow, job.appeal, "не к нам", job.firm.dispatcher),
    "not_taken": lambda uow, job: take_late(uow, {"ticket_id": job.ticket}),
    "warn": lambda uow, job: sla_warn(uow, {"ticket_id": job.ticket, "target": "reaction"}),
    "late": lambda uow, job: sla_late(uow, {"ticket_id": job.ticket, "target": "reaction"}),
    "write": lambda uow, job: staff_writes(uow, job.ticket, WORDS, job.firm.dispatcher),
    "leave": lambda uow, job: close_access(uow, job.firm.company, job.firm.requester, job.manager),
    **{name: WORK[name] for name in ("take", "cancel")},
}
MONTH: dict[str, Do] = {
    "close": lambda uow, job: close_batch(uow, NOVEMBER),
    "lives": lambda uow, job: live_on(uow, {"pool_id": job.firm.pool}) if job.firm.pool else None,
    "grant": lambda uow, job: grant_one(uow, {"contract_id": job.firm.contract, "since": NOVEMBER.start.isoformat()}),
    **{name: END[name] for name in ("accept", "silence", "dispute", "reopen")},
}
INVOICED: dict[str, Do] = {
    "check": lambda uow, job: check_payment(uow, f"invoice:{job.invoice}", owed(uow, job), "RUB", job.firm.boss, "q"),
    "pay": lambda uow, job: take_payment(uow, f"invoice:{job.invoice}", PART, f"a{job.invoice}", "", job.firm.boss),
    "pay_too": lambda uow, job: take_payment(uow, f"invoice:{job.invoice}", PART, f"b{job.invoice}", "", job.firm.boss),
    "book": lambda uow, job: book_payment(uow, invoice_of(uow, job), PART, f"c{job.invoice}", uow.now.date()),
    "send": lambda uow, job: send_one(uow, {"document": job.invoice, "by": job.manager}),
    "object": lambda uow, job: dispute_line(uow, job.billed, "Не так", job.firm.boss),
    "credit": lambda uow, job: settle_line_dispute(uow, job.billed, True, job.manager),
    "keep": lambda uow, job: settle_line_dispute(uow, job.billed, False, job.manager),
    "object_hours": lambda uow, job: dispute_entry(uow, job.drawing, "Не так", job.firm.boss),
    "remind_debt": lambda uow, job: remind_debtor(uow, {"company_id": job.firm.company}),
    **{name: END[name] for name in ("rate", "reopen")},
}
HOURS = {name: act for name, act in WORK.items() if name not in ANSWERS}
STAGES = {
    "asked": ANSWERS,
    "at_work": WORK,
    "hours": HOURS,
    "done": END,
    "done_hours": END,
    "prepaid": HELD,
    "held": HELD,
    "triage_hours": TRIAGE,
    "month": MONTH,
    "month_hours": MONTH,
    "invoiced_hours": INVOICED,
}
DEBT = {"prepaid": 20, "held": 40}  # days overdue: work is paid for first; nothing is decided
CELLS = [(stage, *pair) for stage, acts in STAGES.items() for pair in combinations_with_replacement(acts, 2)]


def job_at(office: TestOffice, stage: str) -> Job:
    """A ticket at a stage: its price asked for; at work, with more work offered; done, or its month over, or invoiced;
    held by a debt; new, beside an appeal in triage."""
    office.moment = NOON
    with office.work() as uow:
        minutes = 600 if stage.endswith("hours") else 0
        firm = billed_firm(uow, fee=100_000, minutes=minutes, debt=DEBT.get(stage, 0))
        manager = worker(uow.session, "Мария", StaffRole.ADMIN)
        ticket = opened(uow, firm)
        first = quote_of(uow, ticket)
        if firm.pool and stage.startswith("month"):
            uow.session.get_one(Pool, firm.pool).ends = NOVEMBER.end
        if stage.startswith("triage"):
            appeal = pass_to_triage(uow, says(uow, firm.requester, "Ещё и чек мятый").appeal.id, "human")
            assign_object(uow, appeal.id, firm.till, firm.dispatcher)
            return Job(firm, ticket.id, 0, 0, manager, appeal.id)
    if stage in ("asked", "held", "prepaid"):
        return Job(firm, ticket.id, first.id if first is not None else 0, 0, manager)
    with office.work() as uow:
        if first is not None:
            approve_paid_work(uow, first.id, 1, firm.boss, PRESS)
        take_ticket(uow, ticket.id, firm.engineer)
        start_work(uow, ticket.id, firm.engineer)
        added = add_work(uow, ticket.id, firm.part, 1, firm.engineer)
    job = Job(firm, ticket.id, added.quote.id if added.quote is not None else 0, added.line.id, manager)
    if stage in ("at_work", "hours"):
        return job
    with office.work() as uow:
        if added.quote is not None:
            approve_paid_work(uow, job.quote, 1, firm.boss, PRESS)
        say_time(uow, ticket.id, 50, "по факту", firm.engineer)
        finish_work(uow, ticket.id, firm.engineer)
    if stage.startswith("done"):
        return job
    if stage.startswith("invoiced"):
        with office.work() as uow:
            accept_work(uow, ticket.id, firm.requester)
    office.moment = AFTER_NOVEMBER
    return invoiced(office, job) if stage.startswith("invoiced") else job


def invoiced(office: TestOffice, job: Job) -> Job:
    """The job's month is closed, and a line of its statement objected to."""
    close(office)
    with office.work() as uow:
        session = uow.session
        of_it = Document.kind == "invoice", Document.company_id == job.firm.company
        invoice = session.exec(select(Document).where(*of_it)).one()
        lines = select(StatementLine.id).where(StatementLine.statement_id == invoice.statement_id)
        drawn = select(PoolEntry.id).where(PoolEntry.pool_id == job.firm.pool, PoolEntry.kind == EntryKind.CONSUME)
        billed = session.exec(lines.order_by(col(StatementLine.position))).first() or 0
        dispute_line(uow, billed, "Не так", job.firm.boss)
        return job._replace(
            invoice=invoice.id,
            billed=billed,
            drawing=session.exec(drawn).first() or 0,
        )


def invoice_of(uow: UnitOfWork, job: Job) -> Document:
    return uow.session.get_one(Document, job.invoice)


def owed(uow: UnitOfWork, job: Job) -> int:
    """Kopecks as a client's phone has them, from a moment ago."""
    return invoice_of(uow, job).gross


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
    thread = (col(Message.ticket_id) == job.ticket) | (col(Message.appeal_id) == job.appeal)
    months = select(Statement).where(Statement.contract_id == job.firm.contract)
    paid = select(Payment).where(Payment.document_id == job.invoice)
    objections = select(LineDispute).where(LineDispute.line_id == job.billed)
    keys = [f"{name}:{job.ticket}" for name in ("take", "accept", "sla", "pass_on:ticket")] + [f"quote:{job.quote}"]
    ours = or_(*(col(Timer.key).startswith(key + ":") | (col(Timer.key) == key) for key in keys))
    timers = select(Timer.kind).where(col(Timer.done_at).is_(None), ours)

    def of_company(model: Any) -> Any:
        return session.exec(select(model).where(model.company_id == job.firm.company)).all()

    return {
        "ticket": (ticket.state, ticket.coverage, ticket.held_amount, ticket.engineer_id is None, ticket.rating),
        "lines": [(row.name, row.removed_at is None, row.disputed_at is None, row.coverage) for row in lines],
        "quotes": [(row.state, row.version) for row in quotes],
        "approvals": sorted((row.approved, str(row.way)) for row in session.exec(said).all()),
        "pools": sorted((row.kind, row.amount) for row in entries),
        "history": sorted(event.kind for event in history(session, job.ticket)),
        "tickets": len(of_company(Ticket)),
        "appeal": sorted(str(row.end) for row in session.exec(select(Appeal).where(Appeal.id == job.appeal)).all()),
        "said": sorted(
            (row.text, row.delivery or "", row.ticket_id is None)
            for row in session.exec(select(Message).where(thread)).all()
        ),
        "months": sorted((row.period_start, row.gross) for row in session.exec(months).all()),
        "documents": sorted((row.kind, row.gross) for row in of_company(Document)),
        "money": sorted(row.kopecks for row in session.exec(paid).all()),
        "debts": sorted((row.kopecks, row.paid_on is None) for row in of_company(Debt)),
        "objections": sorted(str(row.settled) for row in session.exec(objections).all()),
        "waits": sorted(kind for kind in session.exec(timers).all()),
    }


@pytest.mark.sampled(6)
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
