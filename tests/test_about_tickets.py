"""A text that names a ticket tells which one it is, so that a reply to it finds the ticket (R1.8)."""

import re
from pathlib import Path

from bot.messaging.notices.subjects import about_of
from bot.messaging.notices.texts import TEMPLATES, subject_of
from bot.tickets.life.numbers import TicketNamed
from tests.builders.hostile_subjects import subjects

CLASSES = subjects()
# A word for a ticket, then its number.
NAMES_ONE = re.compile(
    r"(?:аявк|обращени|наряд)[^{}\n]*\{\{ ?number\|no|^\W*<b>\{\{ ?number\|no", re.IGNORECASE | re.MULTILINE
)
# These tell of something else that is on a ticket, and a reply to them is about that.
OTHERWISE = {
    "scope/auditor": "a printout of the command line",
    "call/draft": "a call, which may yet go to any ticket",
    "price/past_quote": "what an import found in a file",
    "skill/no_ticket": "a number that is no ticket of theirs",
    "skill/ticket_unknown": "likewise",
    "quote/text": "the frozen words of a quote, shown inside its card",
}


def naming() -> dict[str, str]:
    root = TEMPLATES / "ru"
    pages = {str(path.relative_to(root).with_suffix("")): path for path in root.rglob("*.html")}
    return {name: subject_of(name) for name, path in pages.items() if NAMES_ONE.search(path.read_text("utf-8"))}


def test_every_subject_of_a_text_that_names_a_ticket_knows_its_id() -> None:
    found = {name: subject for name, subject in naming().items() if subject and name not in OTHERWISE}
    assert len(found) > 40
    without = {
        name: subject
        for name, subject in found.items()
        if "ticket_id" not in getattr(CLASSES[subject], "__dataclass_fields__", {})
    }
    assert without == {}


def test_those_that_are_excused_are_there() -> None:
    assert set(OTHERWISE) <= {
        str(p.relative_to(TEMPLATES / "ru").with_suffix("")) for p in Path(TEMPLATES / "ru").rglob("*.html")
    }


def test_a_subject_is_about_its_ticket() -> None:
    assert about_of(TicketNamed(7, 49)) == "ticket:7"
