"""«Согласовано устно»: staff records a client's word with reason and evidence (R7.7)."""

from aiogram import Router
from aiogram.fsm.context import FSMContext
from aiogram.fsm.state import State, StatesGroup
from aiogram.types import CallbackQuery, Message

from bot.billing.quotes.approvers import scope_of, who_may_approve
from bot.billing.quotes.send import open_quote_of, version_of
from bot.clients.audiences import To
from bot.db.errors import NotFound
from bot.handlers.common.acting import actor
from bot.handlers.common.conversation import Conversation
from bot.handlers.common.filters import IsStaff, Private, Speech
from bot.handlers.dispatcher.oral.presses import OralApproval
from bot.handlers.dispatcher.oral.screens import WhoSaidYes
from bot.handlers.engineer.jobs.talk import show_job
from bot.tickets.life.acts import Act
from bot.tickets.life.leave import require_right
from bot.tickets.life.lifecycle import locked_ticket
from bot.tickets.life.numbers import named
from bot.tickets.offers.answer import approve_by_word

router = Router(name="oral")
texts_router = Router(name="oral_texts")


class Oral(StatesGroup):
    """The next line is a reason and evidence."""

    why = State()


@router.callback_query(OralApproval.filter())
async def ask(_press: CallbackQuery, callback_data: OralApproval, turn: Conversation, state: FSMContext) -> None:
    """Who said it, then why and what proves it; the record is made in private, without bystanders."""
    by = actor(turn)
    ticket = locked_ticket(turn.session, callback_data.ticket)
    require_right(turn.session, ticket, Act.YES_BY_WORD, by)
    quote = open_quote_of(turn.session, callback_data.ticket)
    if quote is None:
        raise NotFound
    gross = version_of(turn.session, quote).gross
    if callback_data.person:
        await state.set_state(Oral.why)
        await state.set_data({"quote": quote.id, "ticket": ticket.id, "person": callback_data.person})
        turn.say("quote/oral_why", named(ticket))
        return
    people = who_may_approve(turn.session, scope_of(quote), gross, turn.now)
    asked = WhoSaidYes(ticket.id, ticket.number, gross, [(person.id, person.name) for person in people])
    turn.uow.tell(To(by, quiet=False), "quote/oral", asked, urgent=True)
    turn.alert("job.in_private" if not turn.is_private else "", popup=not turn.is_private)


@texts_router.message(Private(), IsStaff(), Oral.why, Speech())
async def recorded(message: Message, turn: Conversation, state: FSMContext) -> None:
    """«почему; чем подтверждается»."""
    kept = await state.get_data()
    reason, _, evidence = (message.text or "").partition(";")
    approve_by_word(turn.uow, int(kept["quote"]), int(kept["person"]), reason, evidence, actor(turn))
    await state.clear()
    show_job(turn, int(kept["ticket"]))
