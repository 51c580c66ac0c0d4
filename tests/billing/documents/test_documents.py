"""Invoice, act and credit note: nothing cut, the same bytes, and a code that a bank reads (R11.2)."""

import io
import re
from datetime import UTC, date, datetime
from typing import Any

import pytest
import zxingcpp
from PIL import Image
from pypdf import PdfReader

from bot.billing.documents.models import Document
from bot.billing.documents.printing.pdf import PrintedDocument, payment_order, printed_of
from bot.billing.documents.printing.qr import NoSeparatorError, PaymentOrder, qr_payload
from bot.billing.documents.printing.typeset import amount, long_day, pictures, typeset
from bot.billing.statements.models import StatementLine
from bot.sums.vat import vat_of_line

DAY = date(2026, 12, 3)
LONG = "Общество с ограниченной ответственностью «Северо-Западная межрегиональная компания по обслуживанию " + (
    "контрольно-кассовой техники, торгового оборудования и систем видеонаблюдения имени Первого Мая» № 12345"
)
SOLID = "Ы" * 200
SELLER = {
    "name": "ООО «Сервис»",
    "inn": "7707083893",
    "kpp": "770701001",
    "account": "40702810900000000001",
    "bank": "ПАО СБЕРБАНК",
    "bic": "044525225",
    "corr_account": "30101810400000000225",
    "phone": "+7 495 000-00-00",
}


def line(number: int, **more: Any) -> StatementLine:
    kopecks = more.pop("kopecks", 250_000)
    vat = vat_of_line(kopecks, 2200, inclusive=True)
    values = {
        "statement_id": 1,
        "position": number,
        "kind": "quote",
        "source": f"quote/1/{number}",
        "ticket_number": 100 + number,
        "name": "Работа инженера",
        "unit": "minute",
        "quantity": 60,
        "price": 250_000,
        "gross": kopecks,
        "net": kopecks - vat,
        "vat": vat,
        "raw_minutes": 50,
        "billed_minutes": 60,
        "work_date": DAY,
    }
    return StatementLine(**values | more)


def document(
    kind: str, lines: list[StatementLine], *, seller: str = SELLER["name"], buyer: str = "ООО «Ромашка»", **more: Any
) -> Document:
    return Document(
        code=f"{kind}-1-2026-000015",
        kind=kind,
        seller_id=1,
        company_id=1,
        contract_id=1,
        year=2026,
        number=15,
        issued_on=DAY,
        due=date(2026, 12, 13) if kind == "invoice" else None,
        vat_bp=2200,
        net=sum(each.net for each in lines),
        vat=sum(each.vat for each in lines),
        gross=sum(each.gross for each in lines),
        parties={
            "seller": {**SELLER, "name": seller},
            "buyer": {"name": buyer, "inn": "500100732259", "code": "romashka"},
            "contract": {"number": "Д-12/2026", "from": "2026-01-01"},
        },
        reason="Работы не было" if kind == "credit" else None,
        made_at=datetime(2026, 12, 3, tzinfo=UTC),
        **more,
    )


def values(made: Document, lines: list[StatementLine]) -> PrintedDocument:
    return printed_of(made, lines, document("invoice", lines) if made.kind == "credit" else None)


def squeezed(text: str) -> str:
    """Without what typesetting adds: line ends, hyphens at them, break marks."""
    return re.sub(r"[\s\u200b\u00ad\u2010-]+", "", text)


def read(content: bytes) -> str:
    return squeezed("".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages))


@pytest.mark.parametrize("kind", ["invoice", "act", "credit"])
def test_a_document_says_what_was_stored(kind: str) -> None:
    lines = [line(1), line(2, name="Головка", unit="шт", quantity=2, price=320_000, kopecks=640_000, late=True)]
    made = document(kind, lines)
    text = read(typeset(kind, values(made, lines), DAY))
    for said in (
        *("№ 15 от 3 декабря 2026 г.", "Работа инженера", "Головка", "8 900,00", "1 604,92"),
        *("Восемь тысяч девятьсот рублей 00 копеек", "договор № Д-12/2026 от 1 января 2026 г.", "НДС 22 %"),
        *("заявка № 101", "потрачено 50 мин → учтено 1 ч", "за прошлый период", "Страница 1 из 1"),
    ):
        assert squeezed(said) in text, said


@pytest.mark.parametrize(
    ("kind", "total"), [("invoice", "Итого к оплате"), ("act", "Итого"), ("credit", "Итого к уменьшению")]
)
def test_the_total_comes_first_and_the_vat_in_it_right_under_it(kind: str, total: str) -> None:
    """R11.4"""
    lines = [line(1), line(2, name="Головка", unit="шт", quantity=2, price=320_000, kopecks=640_000)]
    text = read(typeset(kind, values(document(kind, lines), lines), DAY))
    assert squeezed(f"{total}: 8 900,00 в том числе НДС 22 %: 1 604,92") in text


@pytest.mark.parametrize("kind", ["invoice", "act", "credit"])
def test_pages_are_set_in_a_grotesque_of_ours(kind: str) -> None:
    """R11.4"""
    lines = [line(1)]
    page = PdfReader(io.BytesIO(typeset(kind, values(document(kind, lines), lines), DAY))).pages[0]
    faces = {str(font.get_object()["/BaseFont"]).partition("+")[2] for font in page["/Resources"]["/Font"].values()}
    assert faces == {"LiberationSans", "LiberationSans-Bold"}


@pytest.mark.parametrize("month", range(1, 13))
def test_a_month_is_never_hyphenated(month: int) -> None:
    """R11.4"""
    names = [f"Абонентское обслуживание {'и' * many} за {long_day(date(2031, month, 1))}" for many in range(1, 20)]
    lines = [line(number, name=name) for number, name in enumerate(names, 1)]
    content = typeset("invoice", values(document("invoice", lines), lines), DAY)
    text = "".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages)
    word = long_day(date(2031, month, 1)).split("\u00a0")[1]
    assert len(re.findall(rf"{word}\s2031", text)) == len(lines)


def test_without_vat_says_so_and_not_zero() -> None:
    lines = [line(1)]
    made = document("invoice", lines)
    made.vat_bp, made.vat, made.net = None, 0, made.gross
    assert squeezed("Без налога (НДС): —") in read(typeset("invoice", values(made, lines), DAY))


@pytest.mark.sampled(5)
@pytest.mark.parametrize("kind", ["invoice", "act", "credit"])
@pytest.mark.parametrize("name", [LONG, SOLID], ids=["words", "one word"])
def test_names_of_200_characters_and_60_lines_are_whole_and_stay_on_the_page(kind: str, name: str) -> None:
    lines = [line(number, name=f"{number}. {name}"[:600]) for number in range(1, 61)]
    made = document(kind, lines, seller=name, buyer=name)
    content = typeset(kind, values(made, lines), DAY)
    text = read(content)
    assert text.count(squeezed(name)) >= 62
    for number in range(1, 61):
        assert squeezed(f"{number}. {name}") in text
    assert squeezed(amount(made.gross)) in text
    for page in pictures(kind, values(made, lines), DAY, ppi=40):
        picture = Image.open(io.BytesIO(page)).convert("L")
        width, height = picture.size
        edge = [picture.getpixel((x, y)) for y in range(height) for x in (*range(9), *range(width - 9, width))]
        assert min(edge) == 255  # nothing runs over the side


def test_the_same_document_gives_the_same_bytes() -> None:
    lines = [line(1)]
    made = document("invoice", lines)
    assert typeset("invoice", values(made, lines), DAY) == typeset("invoice", values(made, lines), DAY)


def test_markup_in_names_stays_text() -> None:
    lines = [line(1, name="#panic() $x$ *b* [x] \\ #import <b>")]
    made = document("invoice", lines, buyer='#eval("1") & "Ко"')
    text = read(typeset("invoice", values(made, lines), DAY))
    assert squeezed("#panic() $x$ *b* [x] \\ #import <b>") in text


def scanned(made: Document, lines: list[StatementLine]) -> list[str]:
    """What a scanner reads in the picture of the first page."""
    pages = pictures("invoice", values(made, lines), DAY, ppi=150)
    found = []
    for page in pages:
        found += zxingcpp.read_barcodes(Image.open(io.BytesIO(page)))
    return [each.text for each in found]


def test_a_bank_reads_the_code_from_the_page() -> None:
    lines = [line(1, kopecks=375_000)]
    assert scanned(document("invoice", lines), lines) == [
        "ST00012|Name=ООО «Сервис»|PersonalAcc=40702810900000000001|BankName=ПАО СБЕРБАНК|BIC=044525225"
        "|CorrespAcc=30101810400000000225|Sum=375000"
        "|Purpose=Оплата по счёту № 15 от 03.12.2026 по договору Д-12/2026. В т. ч. НДС 22 % 676-23 руб."
        "|PayeeINN=7707083893|KPP=770701001"
    ]


def test_a_code_with_the_longest_values_is_still_read() -> None:
    lines = [line(1)]
    made = document("invoice", lines, seller=SOLID)
    (text,) = scanned(made, lines)
    assert text == qr_payload(payment_order(made))
    assert f"Name={'Ы' * 160}|" in text


def order(**more: Any) -> PaymentOrder:
    values = {**{key: SELLER[key] for key in ("name", "account", "bank", "bic", "corr_account", "inn")}, **more}
    return PaymentOrder(kopecks=1, purpose="Оплата", **values)


def test_another_separator_is_taken_where_a_value_has_it() -> None:
    assert qr_payload(order(name="А|Б")).startswith("ST00012~Name=А|Б~PersonalAcc=")
    assert qr_payload(order(name="А|~Б")).startswith("ST00012^Name=А|~Б^PersonalAcc=")
    with pytest.raises(NoSeparatorError):
        qr_payload(order(name="|~^;%&#$"))


def test_what_is_not_known_is_left_out_of_the_code() -> None:
    assert "KPP" not in qr_payload(order())
