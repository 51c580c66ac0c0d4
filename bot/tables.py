"""Every table, imported so that the metadata is whole: for migrations, and for tests that make a blank database."""

import bot.answers.skills.models
import bot.billing.debts.models
import bot.billing.documents.models
import bot.billing.hours.models
import bot.billing.prices.models
import bot.billing.quotes.models
import bot.billing.scope.models
import bot.billing.seller.models
import bot.billing.statements.models
import bot.billing.terms.models
import bot.billing.work.models
import bot.clients.models
import bot.db.numbering
import bot.db.schema.doubles
import bot.kb.articles.models
import bot.kb.learning.models
import bot.messaging.incoming.models
import bot.messaging.models
import bot.messaging.outgoing.models
import bot.messaging.turns.models
import bot.tickets.calls.models
import bot.tickets.life.models
import bot.transition.models  # noqa: F401 - imported for the metadata
