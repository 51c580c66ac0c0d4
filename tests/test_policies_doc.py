"""docs/policies.md has every policy as it is shipped, and numbers of policy don't stand in code."""

import re
from pathlib import Path

from bot.clients.policy import between, defaults

ROOT = Path(__file__).resolve().parents[1]
PAGE = (ROOT / "docs" / "policies.md").read_text("utf-8")
ROW = re.compile(r"^\| `(\w+)` \| (\d+) \| (\d+) – (\d+) \| (–|R\d+(?:\.\d+)?) \| \S.* \|$", re.MULTILINE)

# A span of days or hours, or a time of day, as a literal; the next day, and noon and the end of a day, are no policy.
NUMBER = re.compile(r"timedelta\((?:days|hours|weeks)=(?!1\))\d+\)|(?<![\w.])time\((?!\)|12\)|23, 59)\d[^)]*\)")
NO_POLICY = {
    "bot/answers/digest.py": "a week, as the digest is weekly",
    "bot/handlers/common/recording.py": "Telegram keeps updates for 24 hours",
}
ELSEWHERE = {"sandbox", "demo", "telegram", "templates"}


def test_the_page_has_every_policy_as_it_is_shipped() -> None:
    rows = {name: tuple(map(int, numbers)) for name, *numbers, _rule in ROW.findall(PAGE)}
    assert len(rows) == len(re.findall(r"^\| `", PAGE, re.MULTILINE))
    assert rows == {name: (value, *between(name)) for name, value in defaults().items()}


def test_no_number_of_policy_stands_in_code() -> None:
    found = {
        str(file.relative_to(ROOT)): numbers
        for file in sorted((ROOT / "bot").rglob("*.py"))
        if file.relative_to(ROOT / "bot").parts[0] not in ELSEWHERE
        and (numbers := NUMBER.findall(file.read_text("utf-8")))
    }
    assert found.keys() == NO_POLICY.keys(), found
