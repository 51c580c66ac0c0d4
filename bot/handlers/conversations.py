"""Every conversation in its order: presses and commands first, then what waits for a line, free text last."""

from collections.abc import Mapping

from aiogram import Router

from bot.handlers.client import (
    approval,
    approvals,
    balance,
    ceilings,
    debts,
    documents,
    drafting,
    onboarding,
    payments,
    preferring,
    prices,
    proof,
    questions,
    tariffs,
    tickets,
    top_up,
)
from bot.handlers.dialogue_rights import DialogueRights
from bot.handlers.dispatcher import chats, group_moves, oral, triage, triage_forwarded
from bot.handlers.engineer import calls, figures, jobs, talk, work
from bot.handlers.filters import PlainLine
from bot.handlers.manager import invoices, kb_gaps, kb_write, staff
from bot.telegram.dispatching import ChatTimer

# A plain line is the one thing that comes often and has to pass everybody: a hundred filters, until the last router
# takes it. Here one filter answers for all of them.
_all_but_plain_lines = Router(name="all_but_plain_lines")
_all_but_plain_lines.message.outer_middleware(DialogueRights())  # before the filter: it asks whether a dialogue is on
_all_but_plain_lines.message.filter(~PlainLine())
_all_but_plain_lines.include_routers(
    group_moves.router,
    chats.router,
    talk.albums_router,
    questions.human_router,
    drafting.router,
    preferring.router,
    onboarding.router,
    tickets.router,
    approval.router,
    oral.router,
    tariffs.router,
    prices.router,
    balance.router,
    approvals.router,
    debts.router,
    proof.router,
    top_up.router,
    ceilings.router,
    documents.router,
    payments.router,
    jobs.router,
    work.router,
    figures.router,
    talk.router,
    calls.router,
    triage.router,
    triage_forwarded.router,
    kb_gaps.router,
    kb_write.router,
    invoices.router,
    staff.router,
    staff.texts_router,
    onboarding.texts_router,
    drafting.texts_router,
    oral.texts_router,
    debts.texts_router,
    top_up.texts_router,
    documents.texts_router,
    tickets.texts_router,
    prices.texts_router,
    work.texts_router,
    figures.texts_router,
    talk.texts_router,
    talk.group_router,
    onboarding.late_router,
)


def routers() -> tuple[Router, ...]:
    """The order matters: the first router that wants an update gets it."""
    return (_all_but_plain_lines, questions.router, onboarding.last_router)


def chat_timers() -> Mapping[str, ChatTimer]:
    """Timers that touch a chat's dialogue, by kind."""
    return {}
