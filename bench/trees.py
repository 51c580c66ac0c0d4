"""An earlier commit of this repository as a folder, to be measured beside this tree in one run."""

import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FIRST = "6b5f83b"  # the first version that a company ran


@contextmanager
def tree_of(commit: str) -> Iterator[Path]:
    """A folder with the files of a commit, gone with the block. Raises CalledProcessError where it is unknown."""
    with tempfile.TemporaryDirectory(prefix="firstline-") as folder:
        archive = subprocess.run(("git", "archive", commit), cwd=ROOT, check=True, stdout=subprocess.PIPE).stdout
        subprocess.run(("tar", "-x", "-C", folder), input=archive, check=True)
        yield Path(folder)
