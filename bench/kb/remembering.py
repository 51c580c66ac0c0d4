"""An encoder that remembers: lines measured again and again are encoded once."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bot.kb.base.encoder import Encoder


class Remembering:
    """Passes texts to an encoder one by one, so that the company a text comes in cannot change its last digits, and
    keeps the vectors, in a file too when there is one."""

    def __init__(self, encoder: Encoder, dimensions: int, path: Path | None = None) -> None:
        self._encoder = encoder
        self._dimensions = dimensions
        self._path = path
        self._known: dict[bytes, NDArray[np.float32]] = {}
        self._fresh = False
        if path is not None and path.exists():
            with np.load(path, allow_pickle=False) as stored:
                self._known = {key.tobytes(): row for key, row in zip(stored["keys"], stored["rows"], strict=True)}

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Vectors of the texts, one row each."""
        if not texts:
            return np.zeros((0, self._dimensions), dtype=np.float32)
        return np.stack([self._row(text) for text in texts])

    def _row(self, text: str) -> NDArray[np.float32]:
        key = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()
        if key not in self._known:
            self._known[key] = self._encoder.encode([text])[0]
            self._fresh = True
        return self._known[key]

    def save(self) -> None:
        """Write the file."""
        if self._path is None or not self._fresh:
            return
        keys = np.frombuffer(b"".join(self._known), dtype=np.uint8).reshape(-1, 16)
        with self._path.open("wb") as file:
            np.savez(file, keys=keys, rows=np.stack(list(self._known.values())))
        self._fresh = False
