"""Forms of documents: each names its subject and prints all of it; nothing else is read, nothing is printed by half."""

import dataclasses
import random
import re
import typing

import pytest

from bot.billing.documents.printing.pdf import PrintedAct, PrintedCredit, PrintedInvoice, PrintedRow, PrintedSeller
from bot.billing.documents.printing.typeset import FORMS, pictures
from bot.tickets.offers.proof import ProofHeads, ProvenQuote, ProvenWork
from tests.builders.hostile_subjects import MOMENT, filled

SUBJECTS = {each.__name__: each for each in (PrintedAct, PrintedCredit, PrintedInvoice, ProvenWork)}
FORM_NAMES = sorted(file.stem for file in FORMS.glob("*.typ") if file.stem != "common")
QR = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"></svg>'


def subject_of(form: str) -> type:
    return SUBJECTS[(FORMS / f"{form}.typ").read_text("utf-8").partition("\n")[0].removeprefix("// ")]


def names(kind: type) -> set[str]:
    return {field.name for field in dataclasses.fields(kind)}


def read(source: str, of: str) -> set[str]:
    return set(re.findall(rf"\b{of}\.(\w+)", source)) - {"len"}


@pytest.mark.parametrize("form", FORM_NAMES)
def test_a_form_prints_all_that_its_subject_has(form: str) -> None:
    assert read((FORMS / f"{form}.typ").read_text("utf-8"), "data") == names(subject_of(form))


def test_the_parts_of_a_subject_are_printed_too() -> None:
    common, invoice, proof = ((FORMS / f"{name}.typ").read_text("utf-8") for name in ("common", "invoice", "proof"))
    assert read(common, "row") == names(PrintedRow)
    assert read(invoice, r"data\.seller") == names(PrintedSeller)
    assert read(proof, r"data\.labels") == names(ProofHeads)
    assert read(proof, "quote") == names(ProvenQuote)


@pytest.mark.parametrize("form", FORM_NAMES)
def test_a_form_holds_with_hostile_values(form: str) -> None:
    for seed in range(3):
        subject = filled(subject_of(form), random.Random(seed))
        if "qr" in typing.get_type_hints(type(subject)):
            subject = dataclasses.replace(subject, qr=QR)
        assert pictures(form, subject, MOMENT.date(), ppi=20)
