"""The proof pack as a file: for the client's finance and owner, and our managers."""

from aiogram import Router
from aiogram.types import CallbackQuery

from bot.billing.documents.send import stored
from bot.handlers.client.tickets.presses import ProofPack
from bot.handlers.common.acting import actor
from bot.handlers.common.conversation import Conversation
from bot.handlers.common.filters import Private
from bot.tickets.life.numbers import named
from bot.tickets.offers.proof import proof_pdf, require_proof_reader

router = Router(name="proof")
router.callback_query.filter(Private())


@router.callback_query(ProofPack.filter())
async def proof(_press: CallbackQuery, callback_data: ProofPack, turn: Conversation) -> None:
    """«Подтверждение (PDF)»."""
    ticket = require_proof_reader(turn.session, callback_data.ticket, actor(turn))
    content = proof_pdf(turn.session, ticket, turn.lang)
    turn.send_file("ticket/proof", stored(turn.uow, f"proof-{ticket.number}.pdf", content), named(ticket))
