"""The dispatcher with every conversation in its order, ready for turns."""

from pathlib import Path

from aiogram import Dispatcher
from aiogram.types import User

import bot.handlers.screens  # noqa: F401 - registers the buttons
from bot.answers.skills.sync import skill_units
from bot.db.unit_of_work import Office
from bot.handlers.client.questions.reading import LineReader
from bot.handlers.common.conversation import Conversation, begin, language_in
from bot.handlers.common.recording import record_update
from bot.handlers.conversations import chat_timers, routers
from bot.kb.base.encoder import UseEncoder
from bot.kb.base.second import E5Encoder
from bot.kb.index.living import LivingBase
from bot.kb.judging.reading import Thresholds
from bot.kb.learning.questions import Understanding
from bot.messaging.runner import Runner
from bot.settings import Settings
from bot.telegram.turns.dispatching import UpdateHandler, run_filters_inline
from bot.telegram.turns.session import capturing_bot
from bot.telegram.turns.storage import TurnStorage

VECTORS_BESIDE_POSTGRES = Path("data/firstline")


def update_handler(settings: Settings, office: Office, me: User, runner: Runner) -> UpdateHandler[Conversation]:
    """Turns of Telegram updates over the living knowledge base, which starts to follow its articles."""
    shipped = Thresholds()
    base = LivingBase(
        office.database,
        Thresholds(
            settings.kb_answer_bp / 10_000 or shipped.answer, settings.kb_suggest_bp / 10_000 or shipped.suggest
        ),
        make_encoder=UseEncoder if settings.kb_encoder == "on" else None,
        make_second=E5Encoder,
        vectors=(office.database.path or VECTORS_BESIDE_POSTGRES).with_suffix(".vectors"),
        beside=skill_units,
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
        begin=begin,
        language_in=language_in,
        record=record_update,
        chat_timers=chat_timers(),
    )
