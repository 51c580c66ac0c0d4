"""Paid works of an earlier job as a quote, with the decision that was made on it (R7.5)."""

import hashlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta

from bot.billing.quotes.models import Approval, Quote, QuoteState, QuoteVersion
from bot.billing.quotes.rule import QuoteLine, lines_hash, pieces_line, quote_totals
from bot.billing.seller.particulars import seller_day, seller_rate
from bot.billing.work.models import LineCoverage, WorkLine
from bot.db.clock import there
from bot.db.numbering import next_number
from bot.db.unit_of_work import UnitOfWork
from bot.imports.known import Known
from bot.imports.rows.history import ApprovalRow
from bot.messaging.notices.texts import LANGUAGES, render
from bot.sums.vat import Regime
from bot.tickets.life.models import Ticket, TicketEvent


@dataclass(frozen=True, slots=True)
class PastQuote:
    """Paid works of the job with this number; `gross` kopecks in all."""

    number: int
    lines: Sequence[QuoteLine]
    gross: int


def load_approval(
    uow: UnitOfWork, ticket: Ticket, lines: Sequence[WorkLine], row: ApprovalRow, known: Known, zone: str
) -> None:
    """Write quote, version and approval for the lines of the job that were paid; nothing when none were."""
    paid = [line for line in lines if line.coverage == LineCoverage.QUOTE]
    if not paid:
        return
    decided = there(row.decided, zone)
    day = seller_day(uow.session, decided)
    rate = seller_rate(uow.session, day)
    quoted = [pieces_line(line.item_code, line.name, line.unit, line.quantity, line.price or 0) for line in paid]
    totals = quote_totals(quoted, Regime(day, rate))
    quote = Quote(
        ticket_id=ticket.id,
        company_id=ticket.company_id,
        contract_id=ticket.contract_id,
        number=next_number(uow.session, "quote"),
        state=QuoteState.PAID if row.approved else QuoteState.DECLINED,
        requested_by=ticket.requester_id,
        created_at=decided,
    )
    uow.session.add(quote)
    uow.session.flush()
    offered = PastQuote(ticket.number, quoted, totals.gross)
    texts = {lang: render("price/past_quote", lang, offered) for lang in LANGUAGES}
    version = QuoteVersion(
        quote_id=quote.id,
        version=1,
        lines=[asdict(line) for line in totals.lines],
        net=totals.vat.net,
        vat=totals.vat.total_vat,
        gross=totals.gross,
        vat_bp=rate,
        texts=texts,
        lines_hash=lines_hash(totals),
        valid_until=decided + timedelta(days=1),
        sent_at=decided,
    )
    uow.session.add(version)
    person = known.people[row.person]
    text = texts[person.language]
    approval = Approval(
        quote_id=quote.id,
        version=1,
        approved=row.approved,
        person_id=person.id,
        person_name=person.name,
        phone=person.phone,
        way=row.way,
        text=text,
        text_hash=hashlib.sha256(text.encode()).hexdigest(),
        gross=totals.gross,
        decided_at=decided,
    )
    uow.session.add(approval)
    for line in paid:
        line.quote_id = quote.id
        uow.session.add(line)
    kind = "approved" if row.approved else "declined_quote"
    uow.session.add(TicketEvent(ticket_id=ticket.id, kind=kind, person_id=person.id, happened_at=decided))
