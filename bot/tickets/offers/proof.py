"""The proof pack of a ticket's paid work: request, decision, quote as shown, who approved, work, acceptance (R7.5).

Photos themselves stay in the messenger: the pack lists who sent what and when.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from html import unescape
from typing import Any

from sqlmodel import Session, col, select

from bot.billing.documents.printing.typeset import typeset
from bot.billing.quotes.approve import approval_of
from bot.billing.quotes.models import Approval, ApprovalDispute, Quote, QuoteState
from bot.billing.quotes.rule import ApprovalWay
from bot.billing.quotes.send import quotes_of, text_hash, version_of
from bot.billing.scope.kept import decisions_told
from bot.billing.work.models import TimeEntry
from bot.clients.models import Company, Contract, Person, ServiceObject, Site, StaffRole
from bot.clients.objects import object_lines
from bot.clients.rights import MONEY, acts_for, allowed, employed
from bot.db.clock import day_of
from bot.db.errors import NotAllowed, NotFound
from bot.messaging.notices.texts import duration, label, moment, money, of_unit, spaced_phone
from bot.tickets.bill.card import works
from bot.tickets.bill.of_ticket import TicketBill, bill_of
from bot.tickets.life.deadlines import zone_of
from bot.tickets.life.lifecycle import history
from bot.tickets.life.models import SHOT, Message, Ticket
from bot.tickets.life.rights import site_of

FORM = "proof"
STAFF = frozenset({StaffRole.MANAGER})
SHOWN_FILES = ("photo", "document", "video", "voice", "audio", "animation", "video_note", "location")
ACCEPTED = ("accepted", "accepted_by_silence", "accepted_rest")
_TAG = re.compile(r"<[^>]+>")


Fact = tuple[str, str]  # what, and what of it
Say = Callable[..., str]
At = Callable[[datetime | None], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProofHeads:
    """Names of the sections, and the columns of those that are tables."""

    request: str
    decision: str
    works: str
    bill: str
    accepted: str
    history: str
    works_head: Sequence[str]
    bill_head: Sequence[str]
    times_head: Sequence[str]
    files_head: Sequence[str]
    history_head: Sequence[str]


@dataclass(frozen=True, slots=True)
class ProvenQuote:
    """A quote in the words it was shown in, with what was answered."""

    title: str
    text: Sequence[str]
    answer: Sequence[Fact]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvenWork:
    """All that the form prints of a ticket's paid work, as text."""

    title: str
    labels: ProofHeads
    about: Sequence[Fact]
    request: Sequence[Fact]
    decision: Sequence[Fact]
    quotes: Sequence[ProvenQuote]
    works: Sequence[tuple[str, str, str]]
    bill: Sequence[tuple[str, str, str]]
    total: str
    times: Sequence[tuple[str, str, str, str, str]]
    files: Sequence[tuple[str, str, str]]
    accepted: Sequence[Fact]
    history: Sequence[tuple[str, str, str]]


def require_proof_reader(session: Session, ticket_id: int, person_id: int) -> Ticket:
    """The ticket, for the client's finance and owner, and our managers. Raises NotFound, NotAllowed."""
    ticket = session.get(Ticket, ticket_id)
    if ticket is None:
        raise NotFound
    reads = allowed(
        session, acts_for, MONEY, person=person_id, company=ticket.company_id, site=site_of(session, ticket)
    )
    if not reads and not allowed(session, employed, STAFF, person=person_id):
        raise NotAllowed
    return ticket


def may_prove(session: Session, ticket_id: int, person_id: int) -> bool:
    """Whether there is paid work to prove, and the person may read its pack."""
    try:
        require_proof_reader(session, ticket_id, person_id)
    except NotAllowed:
        return False
    return bool(quotes_of(session, ticket_id))


def proof_pdf(session: Session, ticket: Ticket, lang: str = "ru") -> bytes:
    """The pack as PDF; the same rows make the same bytes."""
    last = [ticket.opened_at, *(event.happened_at for event in history(session, ticket.id))]
    return typeset(FORM, proven_work(session, ticket, lang), day_of(max(last), zone_of(session, ticket)))


def proven_work(session: Session, ticket: Ticket, lang: str) -> ProvenWork:
    """Everything the form prints, as text."""
    zone = zone_of(session, ticket)

    def say(key: str, **values: Any) -> str:
        return label(f"proof.{key}", lang, **values)

    def at(when: datetime | None) -> str:
        return moment(when, lang, zone) if when is not None else say("none")

    bill = bill_of(session, ticket, ticket.finished_at or ticket.opened_at)
    thing = session.get_one(ServiceObject, ticket.object_id)
    site = session.get(Site, thing.site_id) if thing.site_id else None

    def columns(table: str, *names: str) -> list[str]:
        return [say(f"{table}_{name}") for name in names]

    heads = ProofHeads(
        request=say("request"),
        decision=say("decision"),
        works=say("works"),
        bill=say("bill"),
        accepted=say("accepted"),
        history=say("history"),
        works_head=columns("works", "name", "quantity", "cover"),
        bill_head=columns("bill", "name", "quantity", "sum"),
        times_head=columns("times", "who", "when", "spent", "billed", "note"),
        files_head=columns("files", "when", "who", "what"),
        history_head=columns("history", "when", "what", "who"),
    )
    return ProvenWork(
        title=say("title", number=ticket.number),
        labels=heads,
        about=[
            (say("company"), session.get_one(Company, ticket.company_id).name),
            (say("contract"), session.get_one(Contract, ticket.contract_id).number),
            (say("thing"), object_lines(session, [thing])[0].title),
            (say("address"), site.address if site else say("none")),
        ],
        request=[
            (say("opened"), at(ticket.opened_at)),
            (say("requester"), session.get_one(Person, ticket.requester_id).name),
            (say("said"), ticket.description or say("none")),
        ],
        decision=_decision(session, ticket, lang, say, at),
        quotes=[_quote(session, quote, lang, say, at) for quote in _shown(session, ticket)],
        works=[
            (
                line.name,
                of_unit(line.quantity, line.unit, lang),
                label(f"line_cover.{line.coverage}", lang),
            )
            for line in works(session, ticket.id)
        ],
        bill=_bill(bill, lang),
        total=_total(bill, lang, say),
        times=_times(session, ticket, lang, at),
        files=_files(session, ticket, lang, at),
        accepted=_accepted(session, ticket, lang, say, at),
        history=[
            (at(event.happened_at), label(f"event.{event.kind}", lang), _name(session, event.person_id))
            for event in history(session, ticket.id)
        ],
    )


def _shown(session: Session, ticket: Ticket) -> list[Quote]:
    return [quote for quote in quotes_of(session, ticket.id) if quote.state is not QuoteState.DRAFT]


def _decision(session: Session, ticket: Ticket, lang: str, say: Say, at: At) -> list[Fact]:
    told = []
    for row in decisions_told(session, ticket.id):
        reason = row.explanation.get("reason", "")
        checks = row.explanation.get("checks", [])
        clauses = [each["clause"] for each in checks if each["name"] == reason and each.get("clause")]
        text = label(f"coverage.{row.result}", lang)
        if row.result in ("PAID", "PARTLY"):
            text += f": {label(f'why.{reason}', lang)}"
        told.append((at(row.decided_at), text + (f" ({clauses[-1]})" if clauses else "")))
    return told or [(say("decision"), say("none"))]


def _bill(bill: TicketBill, lang: str) -> list[tuple[str, str, str]]:
    return [(line.name, of_unit(line.quantity, line.unit, lang), money(line.gross, lang)) for line in bill.lines]


def _total(bill: TicketBill, lang: str, say: Say) -> str:
    """The same words and sum that the client accepted by (R10.5)."""
    if not bill.lines:
        return say("no_pay")
    vat = say("no_vat") if bill.vat_percent is None else say("vat", percent=bill.vat_percent, sum=money(bill.vat, lang))
    return say("to_pay", number=bill.number, sum=money(bill.gross, lang), vat=vat)


def _quote(session: Session, quote: Quote, lang: str, say: Say, at: At) -> ProvenQuote:
    version = version_of(session, quote)
    approval = approval_of(session, quote.id, quote.version)
    state = label(f"quote_state.{quote.state}", lang)
    # As it was shown: the text that the yes was given to, else the one frozen for this reader's language.
    text = approval.text if approval is not None else version.texts.get(lang, version.texts["ru"])
    return ProvenQuote(
        say("quote", number=quote.number, version=quote.version, state=state),
        unescape(_TAG.sub("", text)).splitlines(),
        [
            (say("sent"), at(version.sent_at)),
            (say("hash"), text_hash(text)),
            *(_answer(session, approval, lang, say, at) if approval is not None else [(say("answer"), say("none"))]),
        ],
    )


def _answer(session: Session, approval: Approval, lang: str, say: Say, at: At) -> list[Fact]:
    told = [
        (say("answer"), label("quote_state.approved" if approval.approved else "quote_state.declined", lang)),
        (say("when"), at(approval.decided_at)),
        (say("way"), say(f"way_{approval.way}")),
        (say("total"), money(approval.gross, lang)),
    ]
    if approval.person_id is not None:
        who = ", ".join(filter(None, (approval.person_name, spaced_phone(approval.phone or ""))))
        told.append((say("person"), who))
    if approval.user_id is not None:
        told.append((say("telegram"), say("press", user=approval.user_id, message=approval.message_id or "")))
    if approval.way == ApprovalWay.ORAL:
        told.append((say("recorded"), _name(session, approval.recorded_by)))
        told.append((say("evidence"), f"{approval.reason}; {approval.evidence}"))
        dispute = session.exec(select(ApprovalDispute).where(ApprovalDispute.approval_id == approval.id)).first()
        if dispute is not None:
            told.append((say("disputed"), f"{at(dispute.disputed_at)}, {_name(session, dispute.person_id)}"))
    return told


def _times(session: Session, ticket: Ticket, lang: str, at: At) -> list[tuple[str, str, str, str, str]]:
    rows = session.exec(select(TimeEntry).where(TimeEntry.ticket_id == ticket.id).order_by(col(TimeEntry.id))).all()
    replaced = {row.replaces_id for row in rows}
    return [
        (
            _name(session, row.engineer_id),
            at(row.started_at),
            duration(row.minutes, lang),
            duration(row.billed_minutes or 0, lang),
            row.reason or "",
        )
        for row in rows
        if row.id not in replaced
    ]


def _files(session: Session, ticket: Ticket, lang: str, at: At) -> list[tuple[str, str, str]]:
    rows = session.exec(
        select(Message)
        .where(Message.ticket_id == ticket.id, col(Message.internal).is_(False))
        .where(col(Message.kind).in_(SHOWN_FILES))
        .order_by(col(Message.id))
    ).all()
    return [(at(row.sent_at), _name(session, row.person_id), _what(row, lang)) for row in rows]


def _what(row: Message, lang: str) -> str:
    """What was sent; of a picture of the job also when it was taken (R1.9)."""
    kind, shot = label(f"thing.{row.kind}", lang), row.file.get(SHOT)
    return f"{kind}, {label(f'shot.{shot}', lang)}" if shot else kind


def _accepted(session: Session, ticket: Ticket, lang: str, say: Say, at: At) -> list[Fact]:
    told = []
    for event in history(session, ticket.id):
        if event.kind in ACCEPTED:
            who = (label(f"event.{event.kind}", lang), _name(session, event.person_id))
            told.append((at(event.happened_at), ", ".join(filter(None, who))))
    if ticket.rating is not None:
        told.append((say("rating"), str(ticket.rating)))
    return told or [(say("accepted"), say("none"))]


def _name(session: Session, person_id: int | None) -> str:
    person = session.get(Person, person_id) if person_id is not None else None
    return person.name if person is not None else ""
