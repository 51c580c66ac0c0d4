"""A dialogue goes on only for those who may still hold it: each step reads the right anew (R2.4, R2.7).

Whoever was dismissed in the middle of «чьё это?» is out of it with the next line, which is heard as any line of theirs.
What a dialogue is about (a ticket, an appeal, a company) its own act checks. One that was left open on a ticket ends
with the ticket: the next line may be a new question.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from aiogram import BaseMiddleware
from aiogram.fsm.context import FSMContext
from aiogram.fsm.state import State, StatesGroup
from aiogram.types import TelegramObject

from bot.clients.identification.identity import Visitor
from bot.clients.models import StaffRole
from bot.clients.rights import OFFICE
from bot.handlers.client.balance import dispute as balance_dispute
from bot.handlers.client.debts import talk as debts
from bot.handlers.client.documents import talk as documents
from bot.handlers.client.drafting import screens as drafting_screens
from bot.handlers.client.onboarding import talk as onboarding
from bot.handlers.client.prices import talk as prices
from bot.handlers.client.tickets import talk as tickets
from bot.handlers.common.conversation import Conversation
from bot.handlers.dispatcher.oral import talk as oral
from bot.handlers.dispatcher.triage import forwarded as triage_forwarded
from bot.handlers.dispatcher.triage import talk as triage
from bot.handlers.engineer.jobs import work
from bot.handlers.engineer.writing import talk as writing
from bot.handlers.manager.articles import talk as articles
from bot.handlers.manager.gaps import talk as gaps
from bot.handlers.manager.staff import talk as staff
from bot.handlers.manager.top_up import talk as top_up_price

Holds = Callable[[Visitor], bool]
MANAGERS = frozenset({StaffRole.MANAGER, StaffRole.ADMIN})


def _anyone(_visitor: Visitor) -> bool:
    return True


def _client(visitor: Visitor) -> bool:
    return visitor.is_client


def _staff(visitor: Visitor) -> bool:
    return visitor.is_staff


def _office(visitor: Visitor) -> bool:
    return bool(visitor.staff_roles & OFFICE)


def _manager(visitor: Visitor) -> bool:
    return bool(visitor.staff_roles & MANAGERS)


# Every dialogue there is; `lets people in`: an owner lets in their own, a manager anybody's.
HELD_BY: Mapping[type[StatesGroup], Holds] = {
    balance_dispute.InBalance: _client,
    debts.OnDebt: lambda visitor: _client(visitor) or _manager(visitor),
    documents.Disputing: _client,
    drafting_screens.Drafting: _anyone,
    onboarding.Onboarding: _anyone,
    prices.Prices: _anyone,
    tickets.InTicket: _anyone,
    top_up_price.Pricing: _manager,
    oral.Oral: _office,
    triage.Triaging: _office,
    triage_forwarded.Forwarding: _staff,
    writing.Writing: _staff,
    work.OnJob: _staff,
    gaps.GapWriting: _office,
    articles.ArticleWriting: _office,
    staff.LettingIn: lambda visitor: _client(visitor) or _manager(visitor),
}
_BY_STATE: dict[str | None, Holds] = {
    state.state: holds for group, holds in HELD_BY.items() for state in group.__all_states__ if isinstance(state, State)
}


class DialogueRights(BaseMiddleware):
    """Ends the dialogue of one who may hold it no more, before anybody hears the line."""

    async def __call__(
        self,
        handler: Callable[[TelegramObject, dict[str, Any]], Awaitable[Any]],
        event: TelegramObject,
        data: dict[str, Any],
    ) -> Any:
        held, turn, state = data.get("raw_state"), data.get("turn"), data.get("state")
        if held is None or not isinstance(turn, Conversation) or not isinstance(state, FSMContext):
            return await handler(event, data)
        if not _BY_STATE.get(held, _anyone)(turn.visitor) or await tickets.about_over_ticket(turn, state, held):
            await state.clear()
            data = {**data, "raw_state": None}
        return await handler(event, data)
