"""What is a command, and what only begins like one: «/dev/sda1 не виден» is a plain line (R1.1)."""

import re
from dataclasses import dataclass

OURS = frozenset(
    {
        *("start", "menu", "help", "human", "settings", "documents"),
        *("dispatch", "triage", "gaps", "articles", "people", "muted", "invoices"),
    }
)
_COMMAND = re.compile(r"/([A-Za-z][A-Za-z0-9_]{0,31})(@[A-Za-z0-9_]+)?(?:\s+(.*))?", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Commanded:
    """A command as it was typed, ours or not, and the words beside it."""

    name: str
    words: str


def read_command(text: str | None) -> Commanded | None:
    """A command of ours, one addressed to a bot by name, or a single word that looks like one; None for speech."""
    found = _COMMAND.fullmatch(text.strip()) if text is not None else None
    if found is None:
        return None
    name, words = found[1], (found[3] or "").strip()
    if name in OURS or found[2] is not None or not words:
        return Commanded(name, words)
    return None


def words_beside(text: str | None) -> str:
    """What was said together with a command, so that it is no mere press: «/human касса дымит». Of a start: a link."""
    found = read_command(text)
    return found.words if found is not None and found.name != "start" else ""
