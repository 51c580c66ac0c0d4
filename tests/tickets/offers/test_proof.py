"""The proof pack: all that was said is on it, nothing is cut, the same rows make the same bytes."""

import io
import os
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader
from sqlmodel import select

from bot.billing.documents.printing.typeset import pictures
from bot.billing.quotes.approve import Press
from bot.billing.quotes.models import Approval, Quote
from bot.billing.quotes.send import text_hash
from bot.billing.work.models import WorkLine
from bot.clients.models import Company, StaffRole
from bot.db.errors import NotAllowed
from bot.tickets.dispatch.take import start_work, take_ticket
from bot.tickets.life.models import Ticket
from bot.tickets.offers.answer import approve_paid_work
from bot.tickets.offers.proof import FORM, proof_pdf, proven_work, require_proof_reader
from bot.tickets.work.accept import accept_work
from bot.tickets.work.finish import finish_work
from tests.builders.appeals import add
from tests.builders.jobs import Firm, build_firm, opened, worker
from tests.conftest import TestOffice

LONG = "Общество с ограниченной ответственностью «Региональное управление эксплуатации» " + "Ы" * 120


def finished(uow: Any, lines: int = 0) -> tuple[Firm, Ticket]:
    firm = build_firm(uow.session)
    uow.session.get(Company, firm.company).name = LONG
    ticket = opened(uow, firm)
    quote = uow.session.exec(select(Quote).where(Quote.ticket_id == ticket.id)).one()
    approve_paid_work(uow, quote.id, 1, firm.boss, Press(70_001, 42, "ru", "quote.approve"))
    take_ticket(uow, ticket.id, firm.engineer)
    start_work(uow, ticket.id, firm.engineer)
    for number in range(max(lines, 1)):
        add(
            uow.session,
            WorkLine(
                ticket_id=ticket.id,
                item_code="X",
                name=f"{number + 1}. " + ("Ы" * 190 if lines else "Чистка"),
                unit="шт",
                price=90_000,
                coverage="quote",
                quote_id=quote.id,
                added_by=firm.engineer,
                added_at=uow.now,
            ),
        )
    finish_work(uow, ticket.id, firm.engineer)
    accept_work(uow, ticket.id, firm.requester)
    return firm, ticket


def words(pdf: bytes) -> str:
    text = " ".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)
    return " ".join(text.replace("\u200b", "").replace("\u00ad", "-").split())


def test_the_pack_names_request_quote_who_approved_and_acceptance(office: TestOffice) -> None:
    with office.work() as uow:
        _firm, ticket = finished(uow)
        pdf = proof_pdf(uow.session, ticket)
        text = words(pdf)
        approval = uow.session.exec(select(Approval)).one()
        for expected in (
            "Не печатает чек",
            "Орлова, +7 900 000-00-00",
            "сообщение 42",
            "2 500 ₽",
            "работа принята, Гусев",
        ):
            assert expected in text, expected
        # Hyphens and line ends of a form don't matter: the hash is compared without them.
        assert text_hash(approval.text) in text.replace(" ", "")
        assert proof_pdf(uow.session, ticket) == pdf


def test_only_the_clients_finance_and_owner_and_our_managers_read_it(office: TestOffice) -> None:
    with office.work() as uow:
        firm, ticket = finished(uow)
        manager = worker(uow.session, "Мария", StaffRole.MANAGER)
        for reader in (firm.boss, manager):
            assert require_proof_reader(uow.session, ticket.id, reader).id == ticket.id
        for stranger in (firm.requester, firm.engineer, firm.outsider):
            with pytest.raises(NotAllowed):
                require_proof_reader(uow.session, ticket.id, stranger)


def test_sixty_long_lines_are_all_there(office: TestOffice) -> None:
    with office.work() as uow:
        _firm, ticket = finished(uow, lines=60)
        text = words(proof_pdf(uow.session, ticket))
        assert all(f" {number}. Ы" in text for number in range(1, 61))
        assert text.replace(" ", "").count("Ы" * 190) == 60
        pages = pictures(FORM, proven_work(uow.session, ticket, "ru"), uow.now.date(), ppi=50)
        assert len(pages) > 3
        if folder := os.environ.get("LOOK_AT"):
            for number, page in enumerate(pictures(FORM, proven_work(uow.session, ticket, "ru"), uow.now.date(), 60)):
                Path(folder, f"proof-{number}.png").write_bytes(page)
