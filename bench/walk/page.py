"""What docs/walk.md names."""

import re
from pathlib import Path

PAGE = Path(__file__).resolve().parents[2] / "docs" / "walk.md"


def named(title: str) -> list[str]:
    """The functions that a chapter of the page names, as a trail has them."""
    chapter = PAGE.read_text("utf-8").partition(f"\n## {title}\n")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| `(bot/[\w/]+\.py)` \| (.+?) \|", chapter, re.MULTILINE)
    return list(dict.fromkeys(f"{path}: {name}" for path, names in rows for name in re.findall(r"`([\w.]+)`", names)))
