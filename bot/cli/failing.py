"""Errors with a mend in their words: shown as a line, with no traceback."""

from bot.db.engine import BadDatabaseUrlError
from bot.settings import BadSettingsError


class CommandError(RuntimeError):
    """A command can't go on; the message says why and what to do."""


KNOWN = (BadSettingsError, BadDatabaseUrlError, CommandError)
