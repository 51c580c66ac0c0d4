"""What a database that can't be written to says, in words a person can act on."""

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.orm.exc import StaleDataError

_TOLD = (
    (("disk is full", "no space left", "disk i/o error"), "the disk is full or failing: free space on it"),
    (("readonly database", "read-only transaction"), "the database is read-only: let the bot's user write to it"),
    (
        ("file is not a database", "disk image is malformed"),
        "the database file is damaged or none at all: put a backup back with `python -m bot restore FILE`",
    ),
    (("unable to open database",), "the database file can't be opened: check DATABASE_URL and the folder's rights"),
    (("database is locked",), "another process holds the database: only one bot may run on SQLite"),
)
# What a PostgreSQL that answers says before it lets anybody in, in English and in Russian (its `lc_messages`); a
# refused connection carries no code.
_NOT_LET_IN = (
    (
        ("too many clients", "too many connections", "connection slots", "слишком много клиентов", "слоты подключений"),
        "PostgreSQL has no free connection: raise its max_connections or stop what holds them",
    ),
    (
        ("password authentication failed", "no password supplied", "проверку подлинности"),
        "PostgreSQL refuses the user or the password: check both in DATABASE_URL",
    ),
    (("no pg_hba.conf entry", "pg_hba.conf"), "PostgreSQL lets this user in from elsewhere only: mend its pg_hba.conf"),
    (
        ('database "', "база данных"),
        "PostgreSQL has no such database: create it (createdb) or check its name in DATABASE_URL",
    ),
    (('role "', "роль "), "PostgreSQL knows no such user: create it (createuser) or check it in DATABASE_URL"),
    (
        ("starting up", "shutting down", "in recovery", "запускается", "останавливается", "восстановления"),
        "PostgreSQL starts or stops just now: wait a moment",
    ),
)
_ANSWERED = ("fatal:", "важно:")
_PASSING = ("40001", "40P01", "55P03")  # serialization, deadlock, lock: the turn is simply taken again
_THERE_ALREADY = "23505"  # a unique row that two wrote at once
_TOO_LONG = "57014"  # a statement ran into its time-out: what was asked is at fault, and counted as any other failure


def storage_trouble(error: BaseException) -> str | None:
    """The mend when the database itself failed (full, read-only, gone), or None when the fault is in what was asked.

    Such a failure is nobody's message's fault: it is waited out, and nothing is set aside because of it.
    """
    if isinstance(error, PoolTimeoutError):
        return "all database connections are taken: raise max_connections or stop what hangs"
    if not isinstance(error, DBAPIError):
        return None
    mend = raw_trouble(str(error.orig))
    if mend is not None:
        return mend
    state = getattr(error.orig, "sqlstate", None)
    if state in {*_PASSING, _TOO_LONG}:
        return None
    gone = error.connection_invalidated or state is None or state[:2] in {"08", "53", "57", "58"}
    if isinstance(error, OperationalError | InterfaceError) and gone and "sqlite" not in type(error.orig).__module__:
        return _not_let_in(str(error.orig))
    return None


def _not_let_in(said: str) -> str:
    """The mend for a connection that PostgreSQL did not give, or gives no more."""
    lower = said.lower()
    if any(word in lower for word in _ANSWERED):
        for words, mend in _NOT_LET_IN:
            if any(word in lower for word in words):
                return mend
    return "the database does not answer: check that PostgreSQL runs and DATABASE_URL names it"


def raw_trouble(said: str) -> str | None:
    """The mend for what a driver or the disk itself `said`, or None where the words name no such trouble."""
    lower = said.lower()
    return next((mend for words, mend in _TOLD if any(word in lower for word in words)), None)


def passing(error: BaseException) -> bool:
    """Whether the database itself asks to take the transaction again, whatever was in it."""
    return isinstance(error, DBAPIError) and getattr(error.orig, "sqlstate", None) in _PASSING


def lost_race(error: BaseException) -> bool:
    """Whether another transaction came between: the same work, done anew, finds what that one left."""
    if isinstance(error, StaleDataError):
        return True
    state = getattr(error.orig, "sqlstate", None) if isinstance(error, DBAPIError) else None
    return state in {*_PASSING, _THERE_ALREADY}
