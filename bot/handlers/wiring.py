"""The dispatcher with every conversation in its order, ready for turns."""

from pathlib import Path

from aiogram import Dispatcher
from aiogram.types import User

import bot.handlers.screens  # noqa: F401 - registers the buttons
from bot.db.unit_of_work import Office
from bot.handlers.client.reading import LineReader
from bot.handlers.client.recording import record_update
from bot.handlers.conversations import chat_timers, routers
from bot.kb.encoder import UseEncoder
from bot.kb.living import LivingBase
from bot.kb.questions import Understanding
from bot.kb.reading import Thresholds
from bot.messaging.runner import Runner
from bot.settings import Settings
from bot.telegram.dispatching import UpdateHandler
from bot.telegram.inline import run_filters_inline
from bot.telegram.session import capturing_bot
from bot.telegram.storage import TurnStorage

VECTORS_BESIDE_POSTGRES = Path("data/firstline")


def update_handler(settings: Settings, office: Office, me: User, runner: Runner) -> UpdateHandler:
    """Turns of Telegram updates over the living knowledge base, which starts to follow its articles."""
    shipped = Thresholds()
    base = LivingBase(
        office.database,
        Thresholds(
            settings.kb_answer_bp / 10_000 or shipped.answer, settings.kb_suggest_bp / 10_000 or shipped.suggest
        ),
        make_encoder=UseEncoder if settings.kb_encoder == "on" else None,
        vectors=(office.database.path or VECTORS_BESIDE_POSTGRES).with_suffix(".vectors"),
    )
    base.start(runner)
    Understanding(office, lambda: base.encoder).start(runner)

    dispatcher = Dispatcher(storage=TurnStorage(), provider_token=settings.payment_provider_token)
    dispatcher.include_routers(*routers())
    run_filters_inline(dispatcher)
    return UpdateHandler(
        bot=capturing_bot(settings.bot_token, me),
        dispatcher=dispatcher,
        read_line=LineReader(office, base),
        record=record_update,
        chat_timers=chat_timers(),
    )
