"""`python -m bench.screens`: what screens cost beside the first version, at 1 500 price items and 100 objects.

Opening a ticket, a ticket's card, a page of prices and a list of ceilings: each a press, in processor time from its row
in the inbox to the rows of its answers; of the first two also what is done in it alone, without the messenger's frame
(a row claimed, the update parsed, the speaker recognised, the answers queued). The two trees take turns in processes of
their own, so that what else runs on the machine hits both; of each the least counts.

Fails where something costs more than a third of the first version's. A press is held to that whole, but a card's, which
is mostly frame: there the card itself is held (what it shows is read and put into words), and the frame is told apart,
as the press without its card.

The first version is a commit of this repository, checked out into a temporary folder.
"""

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path

from bench.trees import FIRST, ROOT, tree_of

DRIVE = ROOT / "bench" / "screens" / "drive.py"
AT_MOST = 3
CARD, CARD_ITSELF, OPENING_ITSELF = "a card", "… the card itself", "… the act itself"
FRAME = "(a card's frame)"
TOLD = (OPENING_ITSELF, CARD)  # beside what is held: the act is most of its press, the card's frame most of its own


def driven(tree: Path, times: int) -> dict[str, float]:
    """Milliseconds by screen, of a tree in a process of its own."""
    command = (sys.executable, str(DRIVE), str(times))
    done = subprocess.run(
        command, cwd=tree, env=os.environ | {"PYTHONPATH": str(tree)}, check=True, stdout=subprocess.PIPE, text=True
    )
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def least(runs: list[dict[str, float]]) -> dict[str, float]:
    """The least of each screen."""
    return {name: min(run[name] for run in runs) for name in runs[0]}


def main(commit: str, rounds: int, times: int) -> int:
    """Measure both trees and print the table; the exit code is 1 where a screen costs too much."""
    here: list[dict[str, float]] = []
    then: list[dict[str, float]] = []
    with tree_of(commit) as first:
        for _ in range(rounds):
            here.append(driven(ROOT, times))
            then.append(driven(first, times))
    now, before = least(here), least(then)
    print(f"{'':<20}{'now ms':>8}{commit:>10} ms{'ratio':>8}")
    failed = {name for name in now if name not in TOLD and now[name] * AT_MOST > before[name]}
    for found in (now, before):
        found[FRAME] = found[CARD] - found[CARD_ITSELF]
    for name, milliseconds in now.items():
        held = "" if name in (*TOLD, FRAME) else "NOT met" if name in failed else "met"
        ratio = f"1/{before[name] / milliseconds:.1f}"
        print(f"{name:<20}{milliseconds:>8.2f}{before[name]:>13.2f}{ratio:>8}  {held}".rstrip())
    return int(bool(failed))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--commit", default=FIRST, help="the tree to compare with")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--times", type=int, default=15, help="presses of each screen in a round")
    given = parser.parse_args()
    sys.exit(main(given.commit, given.rounds, given.times))
