"""Errors with a mend in their words: shown as a line, with no traceback."""

import errno
import sqlite3

NOT_ALLOWED = (errno.EACCES, errno.EPERM, errno.EROFS)


class CommandError(RuntimeError):
    """A command can't go on; the message says why and what to do."""


def words_of(error: Exception) -> str | None:
    """The line for a person where the error has one; imports what it asks about only once there is an error."""
    from bot.db.engine import BadDatabaseUrlError
    from bot.db.schema.recognising import SchemaError
    from bot.db.trouble import raw_trouble, storage_trouble
    from bot.settings import BadSettingsError

    if isinstance(error, (BadSettingsError, BadDatabaseUrlError, SchemaError, CommandError)):
        return str(error)
    if isinstance(error, sqlite3.Error):
        return raw_trouble(str(error))
    if isinstance(error, OSError):
        mend = raw_trouble(str(error))
        if error.filename is None:
            return mend
        if mend is None and error.errno in NOT_ALLOWED:
            mend = f"{error.strerror}: give this user the right to it, or name another path"
        return f"{error.filename}: {mend or f'{error.strerror}: name another path'}"
    return storage_trouble(error)
