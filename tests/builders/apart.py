"""Several acts in one transaction of a test, where in life each has its own."""

from bot.db.unit_of_work import UnitOfWork


def apart(uow: UnitOfWork) -> UnitOfWork:
    """What was locked so far was another transaction's: the next act locks by the order from its beginning."""
    uow.session.info.pop("locks", None)
    return uow
