"""Errors with a mend in their words: shown as a line, with no traceback."""


class CommandError(RuntimeError):
    """A command can't go on; the message says why and what to do."""


def is_known(error: Exception) -> bool:
    """Whether the error's own words are enough for a person; imports what it asks about only once there is an error."""
    from bot.db.engine import BadDatabaseUrlError
    from bot.settings import BadSettingsError

    return isinstance(error, (BadSettingsError, BadDatabaseUrlError, CommandError))
