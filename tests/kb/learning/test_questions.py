from collections.abc import Sequence
from time import monotonic, sleep

import numpy as np
import pytest
from numpy.typing import NDArray
from sqlmodel import select

from bot.kb.base.encoder import DIMENSIONS
from bot.kb.learning.feedback import record_miss
from bot.kb.learning.gaps import gaps, settle_misses
from bot.kb.learning.models import Miss
from bot.kb.learning.questions import Understanding
from bot.messaging.runner import Runner
from tests.conftest import NOON, TestOffice

SCANNER = ("сканер не читает штрихкод", "считыватель не видит этикетку")
BILL = "как оплатить счёт"


class Topics:
    """An encoder that knows what a line is about, whatever its words."""

    def __init__(self) -> None:
        self.seen: list[str] = []

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.seen += texts
        return np.eye(2, DIMENSIONS, dtype=np.float32)[[0 if text in SCANNER else 1 for text in texts]]


def groups(office: TestOffice) -> list[set[str]]:
    """The lines of each group, as an author sees them."""
    with office.database.read() as session:
        return [set(gap.examples) for gap in gaps(session, NOON)]


def missed(office: TestOffice, *lines: str) -> None:
    with office.work() as uow:
        for line in lines:
            record_miss(uow, line, "ru", "none", person_id=None)


def test_questions_in_other_words_come_together_once_their_meanings_are_known(office: TestOffice) -> None:
    encoder = Topics()
    missed(office, *SCANNER, BILL)
    assert len(groups(office)) == 3
    understanding = Understanding(office, lambda: encoder)
    assert understanding.understand() == 3
    assert groups(office) == [set(SCANNER), {BILL}]
    assert understanding.understand() == 0
    assert len(encoder.seen) == 3


def test_a_question_not_understood_yet_goes_by_its_words(office: TestOffice) -> None:
    missed(office, *SCANNER, BILL)
    Understanding(office, Topics).understand()
    missed(office, "не читает штрихкод сканер")
    assert {"не читает штрихкод сканер", *SCANNER} in groups(office)


def test_settled_questions_and_those_of_an_office_without_an_encoder_are_left_alone(office: TestOffice) -> None:
    missed(office, *SCANNER)
    assert Understanding(office, lambda: None).understand() == 0
    with office.work() as uow:
        settle_misses(uow, [row.id for row in uow.session.exec(select(Miss)).all()])
    encoder = Topics()
    assert Understanding(office, lambda: encoder).understand() == 0
    assert encoder.seen == []


def test_an_encoder_that_fails_stops_nobody_and_is_asked_again(
    office: TestOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Ailing(Topics):
        failed = False

        def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
            if not self.failed:
                self.failed = True
                raise SystemError("AST constructor recursion depth mismatch")
            return super().encode(texts)

    missed(office, *SCANNER, BILL)
    monkeypatch.setattr("bot.kb.learning.questions.LOOK_SECONDS", 0.01)
    runner, ailing = Runner(), Ailing()
    Understanding(office, lambda: ailing).start(runner)
    until = monotonic() + 30
    while not ailing.seen and runner.failed is None and monotonic() < until:
        sleep(0.01)
    runner.stop()
    assert runner.join(10) == []
    assert runner.failed is None
    assert ailing.failed
    assert len(ailing.seen) == 3
