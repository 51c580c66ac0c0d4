"""What the parts of a run over a large base share: what was made up, a process for each, its memory."""

import pickle
import resource
import subprocess
import sys
from pathlib import Path

from bot.kb.articles.article import ArticleText

Figures = dict[str, float]


def part(name: str, folder: Path) -> "subprocess.Popen[str]":
    """A part in a process of its own; its figures come as a line of JSON."""
    return subprocess.Popen(
        [sys.executable, "-m", "bench.kb.large.parts", "--part", name, "--folder", str(folder)],
        stdout=subprocess.PIPE,
        text=True,
    )


def made(folder: Path) -> tuple[list[ArticleText], list[str]]:
    """The articles and lines that all parts share."""
    both: tuple[list[ArticleText], list[str]] = pickle.loads((folder / "made").read_bytes())
    return both


def memory() -> Figures:
    """Resident memory at its peak and now, MB."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1_024
    line = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmRSS"))
    return {"peak, MB": peak, "steady, MB": int(line.split()[1]) / 1_024}
