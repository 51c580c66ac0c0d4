"""Vectors as bytes, and their cosines with a line's."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bot.kb.base.encoder import Vectors
from bot.kb.base.postings import Floats

READY = 8_192  # rows that are held as numbers ready to multiply too (2 KB each): a company's own base


@dataclass(frozen=True, slots=True)
class Rows:
    """int8 rows with what makes each of length one; `ready`: the same as floats of length one, where they are few."""

    values: Vectors
    scale: Floats
    ready: NDArray[np.float32] | None

    def all_cosines(self, line: Floats) -> Floats:
        """Cosines of all rows with a unit vector."""
        found: Floats = (
            (self.values.astype(np.float32) @ line) * self.scale if self.ready is None else self.ready @ line
        )
        return found

    def cosines(self, places: NDArray[np.int64], line: Floats) -> Floats:
        """Cosines of the rows at `places` with a unit vector."""
        if self.ready is not None:  # all of them take less time than picking some out
            return self.all_cosines(line)[places]
        found: Floats = (self.values[places].astype(np.float32) @ line) * self.scale[places]
        return found


def rows_of(values: Vectors) -> Rows:
    length = np.empty(len(values), dtype=np.float32)
    for begin in range(0, len(values), 4_096):
        part = slice(begin, begin + 4_096)
        length[part] = np.linalg.norm(values[part].astype(np.float32), axis=1)
    scale = (1.0 / np.maximum(length, 1e-6)).astype(np.float32)
    return Rows(values, scale, values * scale[:, None] if len(values) <= READY else None)
