"""docs/billing.md: its worked example, read from the page and played through the product."""

import re
from pathlib import Path
from typing import Any

from sqlmodel import select

from bot.billing.prices.models import PriceLine
from bot.clients.models import Seller
from bot.sums.vat import vat_of_line
from bot.sums.words import sum_in_words
from tests.builders.bills import accepted, billed_firm, close, documents_of, lines_of, statement_of
from tests.conftest import TestOffice

PAGE = Path(__file__).resolve().parents[1] / "docs" / "billing.md"


def numbers() -> dict[str, int]:
    """What the page says, by mark: sums in kopecks, the rest as it is."""
    found = {}
    for name, shown in re.findall(r"<!--(\w+)-->([\d ]+(?:,\d\d)?)", PAGE.read_text("utf-8")):
        digits = shown.strip().replace(" ", "")
        found[name] = int(digits.replace(",", "")) if "," in digits else int(digits)
    return found


def test_the_worked_example_holds(office: TestOffice, session: Any) -> None:
    said = numbers()
    assert len(said) == 13
    with office.work() as uow:
        firm = billed_firm(uow, fee=said["fee"])
        uow.session.get(Seller, 1).vat_bp = said["vat_percent"] * 100
        for price in uow.session.exec(select(PriceLine).where(PriceLine.item_code == "hour:repair")).all():
            price.kopecks = said["rate"]
        accepted(uow, firm, minutes=said["raw"])
    close(office)
    statement = statement_of(session, firm.contract)
    fee, work = lines_of(session, statement)
    assert (fee.gross, fee.vat) == (said["fee_sum"], said["fee_vat"])
    assert (work.gross, work.vat) == (said["work_sum"], said["work_vat"])
    assert (work.raw_minutes, work.billed_minutes) == (said["raw"], said["billed"])
    invoice = documents_of(session, statement)["invoice"]
    assert (invoice.gross, invoice.vat, invoice.net) == (said["total"], said["total_vat"], said["net"])
    assert f"«{sum_in_words(invoice.gross)}»" in PAGE.read_text("utf-8")
    assert vat_of_line(said["total"], said["vat_percent"] * 100, inclusive=True) == said["at_once"]
