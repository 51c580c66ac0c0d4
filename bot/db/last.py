"""What a transaction writes last: rows that many share are held for a moment only, and always in one order.

Whoever writes such a row may wait for whoever else does, and for nobody who still has something to do: a timer that is
set or dropped early, while the act goes on to lock what another act has, would close a circle of waiting.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from operator import itemgetter

from sqlmodel import Session

_KEY = "last"  # where a session keeps what it has put off


def put_last(session: Session, key: str, write: Callable[[], object]) -> None:
    """Do this at the end of the transaction: by key, those of one key in the order they came."""
    session.info.setdefault(_KEY, []).append((key, write))


def write_last(session: Session) -> None:
    """Write what was put off; nothing may be locked after it. What a write raises takes back the transaction."""
    put_off = session.info.pop(_KEY, ())
    if put_off:
        session.flush()
    for _, write in sorted(put_off, key=itemgetter(0)):
        write()


@contextmanager
def savepoint(session: Session) -> Iterator[None]:
    """What fails within the block is taken back to its beginning, what it had put off too."""
    before = list(session.info.get(_KEY, ()))
    try:
        with session.begin_nested():
            yield
    except BaseException:
        session.info[_KEY] = before
        raise
