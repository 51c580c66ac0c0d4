"""Timers run at once, in the transaction of a test: of debtors, tickets that wait for a debt, invoices and calls."""

from sqlmodel import col, select

from bot.billing.debts.handle import RELEASE, REMIND, remind_debtors
from bot.billing.documents.send import SEND_ONE, TELL_UNSENT, send_month
from bot.db.last import write_last
from bot.db.unit_of_work import UnitOfWork
from bot.jobs.timers import TIMERS
from bot.messaging.models import Timer
from bot.tickets.calls.booking import TELL_ONE, tell_calls
from bot.tickets.opening.release import RELEASE_ONE, release_held


def look_again(uow: UnitOfWork) -> None:
    """Look at every ticket that is held, whatever set the look."""
    release_held(uow, {})
    run_due(uow, RELEASE_ONE)


def remind_all(uow: UnitOfWork) -> None:
    """Look at every debtor."""
    remind_debtors(uow, {})
    run_due(uow, REMIND)


def send_all(uow: UnitOfWork, month: str, by: int) -> None:
    """Send a month's invoices, and tell of those that reached nobody."""
    send_month(uow, {"period": month, "by": by})
    run_due(uow, SEND_ONE)
    for timer in uow.session.exec(select(Timer).where(Timer.kind == TELL_UNSENT)).all():
        timer.due_at = min(timer.due_at, uow.now)
    run_due(uow, TELL_UNSENT)


def tell_all_calls(uow: UnitOfWork) -> None:
    """Tell of every call that nobody was told of."""
    tell_calls(uow, {})
    run_due(uow, TELL_ONE)


def run_due(uow: UnitOfWork, *kinds: str) -> int:
    """Run what is due of the kinds, in this order; returns how many ran."""
    write_last(uow.session)  # what the transaction has set itself is due too
    ran = 0
    for kind in kinds:
        due = select(Timer).where(Timer.kind == kind, col(Timer.done_at).is_(None), Timer.due_at <= uow.now)
        for timer in uow.session.exec(due.order_by(col(Timer.id))).all():
            timer.done_at = uow.now
            uow.session.flush()
            TIMERS[kind](uow, timer.payload)
            ran += 1
    return ran


def run_releases(uow: UnitOfWork) -> bool:
    """Run the look that a change of debts has set; whether there was one."""
    return run_due(uow, RELEASE, RELEASE_ONE) > 0
