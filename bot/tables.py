"""Every table of every room, for migrations and for a test's metadata.

Alembic compares the whole schema at once.
"""

import bot.billing.models
import bot.clients.models
import bot.db.numbering
import bot.kb.models
import bot.messaging.models
import bot.tickets.models

__all__ = ["bot"]
