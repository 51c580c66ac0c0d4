"""A row that is put past the unit of work is the session's like any other."""

from datetime import timedelta

from sqlmodel import select

from bot.db.plain import put
from bot.tickets.life.models import Message
from tests.conftest import NOON, TestOffice


def said(text: str) -> Message:
    return Message(text=text, sent_at=NOON)


def test_what_is_put_is_found_and_followed(office: TestOffice) -> None:
    with office.work() as uow:
        message = said("раз")
        put(uow.session, message)
        assert uow.session.get(Message, message.id) is message
        message.text, message.edited_at = "два", NOON + timedelta(minutes=1)
    with office.work() as uow:
        (kept,) = uow.session.exec(select(Message)).all()
        assert (kept.text, kept.kind, kept.file, kept.internal) == ("два", "text", {}, False)
        assert kept.edited_at == NOON + timedelta(minutes=1)


def test_what_a_savepoint_took_back_is_in_nobodys_way(office: TestOffice) -> None:
    with office.work() as uow:
        kept = uow.session.begin_nested()
        put(uow.session, said("назад"))
        kept.rollback()
        put(uow.session, said("снова"))
        assert [each.text for each in uow.session.exec(select(Message)).all()] == ["снова"]
