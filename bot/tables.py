"""Every table, imported so that the metadata is whole: for migrations, and for tests that make a blank database."""

import bot.billing.debt_models
import bot.billing.document_models
import bot.billing.models
import bot.billing.pool_models
import bot.billing.quote_models
import bot.billing.terms_models
import bot.billing.top_up_models
import bot.clients.models
import bot.db.numbering
import bot.kb.models
import bot.messaging.models
import bot.tickets.call_models
import bot.tickets.models  # noqa: F401 - imported for the metadata
