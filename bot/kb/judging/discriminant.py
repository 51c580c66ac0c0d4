"""Linear discriminant: which directions tell articles apart, learnt from the ways in which each can be asked."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bot.kb.base.encoder import Vectors, quantised
from bot.kb.base.postings import Floats, Ints
from bot.kb.judging.rows import Rows, rows_of

PULL = 2.0  # how strongly directions are held alike, in units of their mean spread
DOUBT = 100  # ways to ask, beyond one an article, that are worth as much as the wish that directions be alike
BLOCK = 512  # articles


@dataclass(frozen=True, slots=True)
class Discriminant:
    """The means of the articles' units, and how they are compared with a line.

    Articles whose ways to ask differ in a direction (who asks, politeness, brands) are no nearer or farther for it.
    Where no article has two ways to ask this is the cosine with the only one.
    """

    means: Rows
    lengths: Floats
    compared: NDArray[np.float32]
    offsets: Floats

    def scores(self, picked: NDArray[np.int64], line: Floats) -> Floats:
        """How likely a unit vector comes from each picked article, on a scale like a cosine's."""
        found: Floats = self.means.cosines(picked, self.compared @ line) * self.lengths[picked] - self.offsets[picked]
        return found


def discriminant(units: Rows, starts: Ints) -> Discriminant:
    """From the unit vectors of all articles; `starts`: where each article's begin."""
    count, width = len(starts) - 1, units.values.shape[1]
    means: Vectors = np.empty((count, width), dtype=np.int8)
    lengths = np.empty(count, dtype=np.float32)
    within = np.zeros((width, width))
    sizes = np.diff(starts)
    for begin in range(0, count, BLOCK):
        end = min(begin + BLOCK, count)
        part = slice(starts[begin], starts[end])
        block = units.values[part].astype(np.float32) * units.scale[part, None]
        centre = np.add.reduceat(block, starts[begin:end] - starts[begin], axis=0) / sizes[begin:end, None].astype("f4")
        means[begin:end], lengths[begin:end] = quantised(centre), np.linalg.norm(centre, axis=1)
        block -= np.repeat(centre, sizes[begin:end], axis=0)
        within += block.T @ block
    spare = int(starts[-1]) - count
    compared = np.eye(width)
    if spare > 0 and (spread := float(np.trace(within)) / width) > 0:
        compared += within * (spare / (spare + DOUBT) / spread / PULL)
    rows, turned = rows_of(means), np.linalg.inv(compared).astype(np.float32)
    offsets = np.empty(count, dtype=np.float32)
    for begin in range(0, count, BLOCK):
        part = slice(begin, begin + BLOCK)
        centre = rows.values[part].astype(np.float32) * (rows.scale[part] * lengths[part])[:, None]
        offsets[part] = ((centre @ turned) * centre).sum(axis=1) / 2
    return Discriminant(rows, lengths, turned, offsets)
