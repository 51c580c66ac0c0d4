"""A row that can't be worked on stops only itself in every job that goes over many, and the alarm says whose it is."""

from datetime import timedelta

from sqlalchemy import text
from sqlmodel import select

from bot.billing.documents.models import Document, Sending
from bot.billing.documents.send import send_batch
from bot.billing.scope.models import ScopeDecision
from bot.clients.models import Person, StaffChat, StaffRole
from bot.tickets.calls.booking import record_call, tell_calls
from bot.tickets.calls.models import PhoneCall
from bot.tickets.dispatch.alarms import tell_alarms
from bot.tickets.dispatch.group_cards import group_back
from tests.builders.bills import billed_firm, close
from tests.builders.jobs import build_firm, opened, worker
from tests.conftest import NOON, TestOffice

GROUP = -100700


def named(office: TestOffice) -> list[str]:
    """Whom the alarms are about."""
    office.told.clear()
    with office.work() as uow:
        tell_alarms(uow, {})
    return [each.about for each in office.told[0].values["alarms"]]


def test_an_invoice_that_cannot_be_made_keeps_back_no_other(office: TestOffice) -> None:
    with office.work() as uow:
        firms = [billed_firm(uow, fee=100_000, unlimited=True) for _ in range(2)]
        manager = worker(uow.session, "Мария", StaffRole.MANAGER)
    close(office)
    with office.work() as uow:
        invoices = select(Document).where(Document.kind == "invoice", Document.company_id == firms[0].company)
        bad = uow.session.exec(invoices).one()
        bad.parties, number = {}, bad.number
    with office.work() as uow:
        send_batch(uow, {"period": "2026-11", "by": manager})
    with office.database.read() as session:
        sent = select(Document.company_id).join(Sending, Sending.document_id == Document.id)
        assert session.exec(sent).all() == [firms[1].company]
    assert named(office) == [f"Ромашка · №{number}"]


def test_a_call_that_cannot_be_read_keeps_back_no_other(office: TestOffice) -> None:
    with office.work() as uow:
        firm = build_firm(uow.session)
        uow.session.get_one(Person, firm.requester).phone = "+79161112233"
        uow.session.flush()
        for code in ("bad", "good"):
            record_call(uow, code, "+79161112233", firm.engineer, NOON - timedelta(hours=1), 400)
        uow.session.connection().execute(text("UPDATE phonecall SET purpose = 'odd' WHERE code = 'bad'"))
    with office.work() as uow:
        tell_calls(uow, {})
    assert office.notices.templates() == ["call/draft"]
    with office.database.read() as session:
        assert session.exec(select(PhoneCall.code).where(PhoneCall.told_at == NOON)).all() == ["good"]
    assert named(office) == ["Пётр · +79161112233"]


def test_a_ticket_that_cannot_be_shown_keeps_back_no_other_when_the_group_is_back(office: TestOffice) -> None:
    with office.work() as uow:
        uow.session.add(StaffChat(chat_id=GROUP, title="Инженеры", linked_at=NOON))
        bad, good = (opened(uow, build_firm(uow.session, minutes=600)) for _ in range(2))
        decision = uow.session.exec(select(ScopeDecision).where(ScopeDecision.ticket_id == bad.id)).one()
        decision.explanation = {"draws": [{"pool": "?", "minutes": 1}]}
        number, shown = bad.number, good.id
    office.told.clear()
    with office.work() as uow:
        group_back(uow, {"chat": GROUP})
    assert {each.values["ticket_id"] for each in office.told if each.template == "dispatch/card"} == {shown}
    assert named(office) == [f"Ромашка · №{number}"]
