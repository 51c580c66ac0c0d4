"""Database facts that decide correctness (stack.md): each was a silent loss once."""

import threading

from sqlmodel import select

from bot.db.numbering import Counter, next_number
from tests.conftest import TestOffice


def test_no_read_modify_write_is_lost_between_threads(office: TestOffice) -> None:
    """With the driver's default transactions two thirds were lost with no error; the first one begins the series."""

    def count_up() -> None:
        for _ in range(25):
            with office.work() as uow:
                next_number(uow.session, "ticket")

    threads = [threading.Thread(target=count_up) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with office.database.read() as session:
        assert session.exec(select(Counter.last)).one() == 100


def test_an_act_that_fails_leaves_nothing(office: TestOffice) -> None:
    try:
        with office.work() as uow:
            next_number(uow.session, "ticket")
            raise RuntimeError("killed in the middle")
    except RuntimeError:
        pass
    with office.database.read() as session:
        assert session.exec(select(Counter)).all() == []
