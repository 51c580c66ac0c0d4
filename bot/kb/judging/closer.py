"""The second look: what the second encoder says of the candidates, where the first look was not sure."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bot.kb.base.encoder import Encoder, VectorCache, Vectors
from bot.kb.base.postings import Floats, spans
from bot.kb.base.second import as_passage, as_query
from bot.kb.base.words import Base
from bot.kb.judging.discriminant import Discriminant, discriminant
from bot.kb.judging.features import COLUMN, Top3, stand_in
from bot.kb.judging.rows import Rows, rows_of

NARROW = np.float32(0.75)


@dataclass(frozen=True, slots=True)
class Closer:
    """Vectors of the second encoder: units as what is looked for and as what is asked, each article's body as one."""

    units: Rows
    asked: Rows
    told: Discriminant
    bodies: Rows

    def fill(self, table: NDArray[np.float32], base: Base, picked: NDArray[np.int64], line: Floats) -> None:
        """Put the second encoder's columns of the picked articles into their feature rows; `line`: its vector."""
        unit_from, unit_to = base.unit_starts[picked], base.unit_starts[picked + 1]
        places, counts = spans(unit_from, unit_to), unit_to - unit_from
        firsts = np.concatenate([[0], np.cumsum(counts)[:-1]]).astype(np.int64)
        units, asked = stretched(self.units.cosines(places, line)), stretched(self.asked.cosines(places, line))
        best = np.maximum.reduceat(units, firsts)
        has_body = base.has_body[picked]
        bodies = stretched(self.bodies.cosines(picked, line))
        columns = {
            "e5_best": best,
            "e5_mean": np.add.reduceat(units, firsts) / counts,
            "e5_top3": Top3(firsts, counts)(units),
            "e5_told": self.told.scores(picked, line) / (1 - NARROW),
            "e5_asked_best": np.maximum.reduceat(asked, firsts),
            "e5_asked_mean": np.add.reduceat(asked, firsts) / counts,
            "e5_body": np.where(has_body, bodies, stand_in(best, has_body)),
        }
        for name, values in columns.items():
            table[:, COLUMN[name]] = values


def stretched(cosines: Floats) -> Floats:
    """This encoder's cosines lie between .75 and 1: the same from 0 to 1, as the first's do."""
    result: Floats = (cosines - NARROW) / (1 - NARROW)
    return result


def build_closer(base: Base, encoder: Encoder, cache: VectorCache) -> Closer:
    """Vectors of all units and bodies; slow for what the cache lacks (100 units a second, 10 long bodies)."""
    bodies: Vectors = np.zeros((len(base.entries), cache.form.dimensions), dtype=np.int8)
    has = [place for place, entry in enumerate(base.entries) if entry.bodies]
    bodies[has] = cache.vectors([as_passage(base.entries[place].text()) for place in has], encoder)
    passages = [as_passage(text) for text in base.unit_texts()]
    # An article that is only a body is asked in no way: what is looked for stands for that too.
    asked = [as_query(text) if entry.ways else as_passage(text) for entry in base.entries for text in entry.units]
    asked_rows = rows_of(cache.vectors(asked, encoder))
    told = discriminant(asked_rows, base.unit_starts)
    return Closer(rows_of(cache.vectors(passages, encoder)), asked_rows, told, rows_of(bodies))
