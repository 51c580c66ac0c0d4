"""Invoice, act and credit note as PDF, from what was stored when they were issued; nothing is recomputed (R6.2)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlmodel import Session

from bot.billing.documents.issued import lines_of_document
from bot.billing.documents.models import Document
from bot.billing.documents.printing.line import printed_line, shown_quantity
from bot.billing.documents.printing.qr import PaymentOrder, qr_svg
from bot.billing.documents.printing.typeset import amount, long_day, typeset
from bot.billing.statements.models import StatementLine
from bot.messaging.notices.subjects import values_of
from bot.messaging.notices.texts import label, spaced_phone
from bot.sums.words import sum_in_words

LANGUAGE = "ru"  # documents of Russian accounting are in Russian


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintedSeller:
    """Who is paid, with the requisites of a payment; `line` is all of it that names a party."""

    name: str
    inn: str
    kpp: str
    account: str
    bank: str
    bic: str
    corr_account: str
    line: str


@dataclass(frozen=True, slots=True)
class PrintedBuyer:
    """Who pays; `line` is all that names a party."""

    name: str
    line: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintedRow:
    """A row of the table, as text; sums in roubles."""

    position: str
    name: str
    note: str
    quantity: str
    unit: str
    code: str
    price: str
    vat: str
    sum: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintedDocument:
    """What every form prints, as text: `sums` are (name, sum): the total, and the VAT in it right under it (R11.4)."""

    title: str
    seller: PrintedSeller
    buyer: PrintedBuyer
    basis: str
    lines: Sequence[PrintedRow]
    sums: Sequence[tuple[str, str]]
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintedAct(PrintedDocument):
    """An act: how many lines, and `total` in roubles."""

    count: str
    total: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintedInvoice(PrintedAct):
    """An invoice: the last day to pay, and the code that a bank app reads, as SVG."""

    due: str
    qr: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintedCredit(PrintedDocument):
    """A credit note: why, and of which document."""

    reason: str
    reverses: str


def document_pdf(session: Session, document: Document) -> tuple[str, bytes]:
    """File name and bytes of a document; the same document gives the same bytes."""
    return file_name(document), typeset(document.kind, printed_document(session, document), document.issued_on)


def file_name(document: Document) -> str:
    """What the file is called where the client saves it."""
    day = f"{document.issued_on:%d.%m.%Y}"
    return label(f"paper.file_{document.kind}", LANGUAGE, number=document.number, day=day)


def printed_document(session: Session, document: Document) -> PrintedDocument:
    """Everything that the form prints, as text."""
    reversed_one = session.get(Document, document.reverses_id) if document.reverses_id is not None else None
    return printed_of(document, lines_of_document(session, document), reversed_one)


def printed_of(
    document: Document, lines: Sequence[StatementLine], reversed_one: Document | None = None
) -> PrintedDocument:
    """The same from rows at hand."""
    seller, buyer, contract = (document.parties[key] for key in ("seller", "buyer", "contract"))
    day = long_day(date.fromisoformat(contract["from"]))
    shared = PrintedDocument(
        title=title(document),
        seller=PrintedSeller(
            name=seller["name"] or "",
            inn=seller["inn"] or "",
            kpp=seller["kpp"] or "",
            account=seller["account"] or "",
            bank=seller["bank"] or "",
            bic=seller["bic"] or "",
            corr_account=seller["corr_account"] or "",
            line=_party(seller),
        ),
        buyer=PrintedBuyer(buyer["name"], _party(buyer)),
        basis=label("paper.basis", LANGUAGE, number=contract["number"], day=day),
        lines=[_line(place, line) for place, line in enumerate(lines, 1)],
        sums=_sums(document),
        words=sum_in_words(document.gross),
    )
    if document.kind == "credit":
        reverses = title(reversed_one) if reversed_one is not None else ""
        return PrintedCredit(**values_of(shared), reason=document.reason or "", reverses=reverses)
    act = PrintedAct(**values_of(shared), count=str(len(lines)), total=amount(document.gross))
    if document.kind == "invoice":
        due = long_day(document.due) if document.due else ""
        return PrintedInvoice(**values_of(act), due=due, qr=qr_svg(payment_order(document)))
    return act


def title(document: Document) -> str:
    """«Счёт на оплату № 15 от 3 декабря 2026 г.»."""
    return label(f"paper.{document.kind}", LANGUAGE, number=document.number, day=long_day(document.issued_on))


def payment_order(document: Document) -> PaymentOrder:
    """What a bank app pays by the invoice's code."""
    seller, contract = document.parties["seller"], document.parties["contract"]
    vat = label("paper.no_vat", LANGUAGE)
    if document.vat_bp is not None:
        vat = label("paper.purpose_vat", LANGUAGE, percent=document.vat_bp // 100, vat=_plain(document.vat))
    return PaymentOrder(
        seller["name"],
        seller["account"],
        seller["bank"],
        seller["bic"],
        seller["corr_account"],
        document.gross,
        label(
            "paper.purpose",
            LANGUAGE,
            number=document.number,
            day=f"{document.issued_on:%d.%m.%Y}",
            contract=contract["number"],
            vat=vat,
        ),
        seller["inn"],
        seller["kpp"],
    )


def _plain(kopecks: int) -> str:
    return f"{kopecks // 100}-{kopecks % 100:02}"


def _party(party: dict[str, Any]) -> str:
    given = {key: party.get(key) for key in ("name", "inn", "kpp")}
    phone = spaced_phone(party.get("phone") or "").replace(" ", "\u00a0")
    return label("paper.party", LANGUAGE, phone=phone, **given)


def _line(place: int, line: StatementLine) -> PrintedRow:
    printed = printed_line(line.name, line.unit, line.quantity, line.price, line.gross, LANGUAGE)
    return PrintedRow(
        position=str(place),
        name=printed.name,
        note=_note(line),
        quantity=shown_quantity(printed.quantity, LANGUAGE),
        unit=printed.unit,
        code=printed.code,
        price=amount(printed.price),
        vat=amount(line.vat),
        sum=amount(line.gross),
    )


def _note(line: StatementLine) -> str:
    notes = []
    if line.ticket_number is not None:
        notes.append(label("paper.note_ticket", LANGUAGE, number=line.ticket_number))
    if line.raw_minutes or line.billed_minutes:
        notes.append(label("paper.note_time", LANGUAGE, raw=line.raw_minutes, billed=line.billed_minutes))
    if line.late:
        notes.append(label("paper.note_late", LANGUAGE))
    return ", ".join(notes)


def _sums(document: Document) -> list[tuple[str, str]]:
    if document.vat_bp is None:
        tax = (label("paper.vat_none", LANGUAGE), "—")
    else:
        tax = (label("paper.vat", LANGUAGE, percent=document.vat_bp // 100), amount(document.vat))
    return [(label(f"paper.total_{document.kind}", LANGUAGE), amount(document.gross)), tax]
