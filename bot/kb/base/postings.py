"""Sparse rows by term: an inverted index with ready weights, in numpy only."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int32]
Floats = NDArray[np.float32]
Counts = tuple[Ints, Ints, NDArray[np.floating]]  # terms, rows and how much each pair has, sorted by term and row


@dataclass(frozen=True, slots=True)
class Postings:
    """For each term the rows that have it (ascending) and the weight there."""

    starts: NDArray[np.int64]
    rows: Ints
    weights: Floats
    height: int

    def scores(self, terms: NDArray[np.int64], weights: NDArray[np.floating]) -> Floats:
        """The sum over the query's terms of both weights, for every row."""
        starts, ends = self.starts[terms], self.starts[terms + 1]
        places = spans(starts, ends)
        if not len(places):
            return np.zeros(self.height, dtype=np.float32)
        both = np.repeat(weights.astype(np.float32), ends - starts) * self.weights[places]
        return np.bincount(self.rows[places], weights=both, minlength=self.height).astype(np.float32)


def counted(terms: Ints, rows: Ints, height: int) -> tuple[Ints, Ints, Floats]:
    """Distinct (term, row) pairs in the order of terms, with how often each occurs."""
    pairs = terms.astype(np.int64)
    pairs *= height
    pairs += rows
    pairs.sort()
    first = np.ones(len(pairs), dtype=bool)
    first[1:] = pairs[1:] != pairs[:-1]
    counts = np.diff(np.flatnonzero(first), append=len(pairs)).astype(np.float32)
    pairs = pairs[first]
    return (pairs // height).astype(np.int32), (pairs % height).astype(np.int32), counts


def merged(few: Counts, many: Counts, height: int) -> tuple[Ints, Ints, NDArray[np.float64]]:
    """Amounts of two sorted sets of (term, row) pairs added up."""
    keys = [part[0].astype(np.int64) * height + part[1] for part in (few, many)]
    amounts = many[2].astype(np.float64)
    places = np.searchsorted(keys[1], keys[0])
    shared = np.zeros(len(keys[0]), dtype=bool)
    inside = places < len(keys[1])
    shared[inside] = keys[1][places[inside]] == keys[0][inside]
    amounts[places[shared]] += few[2][shared]
    alone = ~shared
    pairs = np.insert(keys[1], places[alone], keys[0][alone])
    del keys
    amounts = np.insert(amounts, places[alone], few[2][alone])
    return (pairs // height).astype(np.int32), (pairs % height).astype(np.int32), amounts


def postings(terms: Ints, rows: Ints, weights: Floats, width: int, height: int) -> Postings:
    """Postings of (term, row, weight) triples sorted by term and row."""
    starts = np.searchsorted(terms, np.arange(width + 1)).astype(np.int64)
    return Postings(starts, rows, weights.astype(np.float32), height)


def tfidf(terms: Ints, rows: Ints, counts: NDArray[np.floating], width: int, height: int) -> tuple[Postings, Floats]:
    """Rows of unit length with 1 + ln(tf) and smoothed idf; also the idf by term."""
    frequency = np.bincount(terms, minlength=width)
    idf = (np.log((1 + height) / (1 + frequency)) + 1.0).astype(np.float32)
    weights = (1.0 + np.log(counts.astype(np.float32))) * idf[terms]
    length = np.sqrt(np.bincount(rows, weights=weights.astype(np.float64) ** 2, minlength=height)).astype(np.float32)
    scaled: Floats = (weights / np.maximum(length[rows], 1e-9)).astype(np.float32)
    return postings(terms, rows, scaled, width, height), idf


def spans(starts: NDArray[np.integer], ends: NDArray[np.integer]) -> NDArray[np.int64]:
    """The numbers of all ranges [start, end) one after another."""
    lengths = (ends - starts).astype(np.int64)
    if not lengths.sum():
        return np.zeros(0, dtype=np.int64)
    offsets = np.repeat(starts.astype(np.int64) - np.concatenate([[0], np.cumsum(lengths)[:-1]]), lengths)
    flat: NDArray[np.int64] = offsets + np.arange(int(lengths.sum()))
    return flat
