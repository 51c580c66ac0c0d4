"""Every conversation in its order: danger and a person first of all (R1.8), then presses and commands, then what
waits for a line, then a number of equipment, skills, free text last."""

from collections.abc import Mapping

from aiogram import Router

from bot.handlers.client.approvals import talk as approvals
from bot.handlers.client.balance import talk as balance
from bot.handlers.client.ceilings import talk as ceilings
from bot.handlers.client.debts import talk as debts
from bot.handlers.client.documents import payments
from bot.handlers.client.documents import talk as documents
from bot.handlers.client.drafting import by_number, going_back, preferring
from bot.handlers.client.drafting import talk as drafting
from bot.handlers.client.onboarding import talk as onboarding
from bot.handlers.client.prices import talk as prices
from bot.handlers.client.questions import hearing
from bot.handlers.client.questions import talk as questions
from bot.handlers.client.quotes import talk as quotes
from bot.handlers.client.several import talk as several
from bot.handlers.client.skills import talk as skills
from bot.handlers.client.tariffs import talk as tariffs
from bot.handlers.client.tickets import proof, replies
from bot.handlers.client.tickets import talk as tickets
from bot.handlers.client.top_up import talk as top_up
from bot.handlers.common.conversation import Conversation
from bot.handlers.common.filters import PlainLine
from bot.handlers.dialogue_rights import DialogueRights
from bot.handlers.dispatcher.chats import moves as group_moves
from bot.handlers.dispatcher.chats import talk as chats
from bot.handlers.dispatcher.oral import talk as oral
from bot.handlers.dispatcher.triage import forwarded as triage_forwarded
from bot.handlers.dispatcher.triage import talk as triage
from bot.handlers.engineer.calls import talk as calls
from bot.handlers.engineer.figures import talk as figures
from bot.handlers.engineer.jobs import talk as jobs
from bot.handlers.engineer.jobs import work
from bot.handlers.engineer.writing import asking
from bot.handlers.engineer.writing import talk as writing
from bot.handlers.manager.articles import talk as articles
from bot.handlers.manager.debts import talk as manager_debts
from bot.handlers.manager.gaps import talk as gaps
from bot.handlers.manager.invoices import talk as invoices
from bot.handlers.manager.staff import talk as staff
from bot.handlers.manager.top_up import talk as top_up_price
from bot.handlers.switchboard import Switchboard
from bot.telegram.turns.dispatching import ChatTimer

_conversations = Switchboard(name="conversations")
_conversations.include_routers(
    group_moves.router,
    chats.router,
    writing.albums_router,
    questions.human_router,
    drafting.router,
    several.router,
    preferring.router,
    going_back.router,
    onboarding.router,
    tickets.router,
    replies.presses_router,
    quotes.router,
    oral.router,
    tariffs.router,
    prices.router,
    balance.router,
    approvals.router,
    debts.router,
    manager_debts.router,
    proof.router,
    top_up.router,
    top_up_price.router,
    ceilings.router,
    documents.router,
    payments.router,
    jobs.router,
    work.router,
    figures.router,
    writing.router,
    asking.router,
    calls.router,
    triage.router,
    triage_forwarded.router,
    gaps.router,
    articles.router,
    invoices.router,
    staff.router,
    staff.texts_router,
    onboarding.texts_router,
    preferring.texts_router,
    drafting.texts_router,
    oral.texts_router,
    debts.texts_router,
    manager_debts.texts_router,
    top_up_price.texts_router,
    documents.texts_router,
    tickets.texts_router,
    prices.texts_router,
    work.texts_router,
    figures.texts_router,
    writing.texts_router,
    writing.group_router,
    onboarding.late_router,
)
# A plain line is the one thing that comes often and has to pass everybody: a hundred filters, until the last router
# takes it. Here one filter answers for all of them.
_all_but_plain_lines = Router(name="all_but_plain_lines")
_all_but_plain_lines.message.outer_middleware(DialogueRights())  # before the filter: it asks whether a dialogue is on
_all_but_plain_lines.message.filter(~PlainLine())
_all_but_plain_lines.include_router(_conversations)


def routers() -> tuple[Router, ...]:
    """The order matters: the first router that wants an update gets it."""
    return (
        hearing.router,
        replies.router,
        _all_but_plain_lines,
        by_number.alone_router,
        skills.router,
        by_number.router,
        questions.router,
        onboarding.last_router,
    )


def chat_timers() -> Mapping[str, ChatTimer[Conversation]]:
    """Timers that touch a chat's dialogue, by kind."""
    return {}
