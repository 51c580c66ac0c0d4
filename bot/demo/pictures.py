"""A photo that a client of the demo sends."""

import struct
import zlib

WIDTH, HEIGHT = 320, 200
DARK, PANEL, GLOW = (38, 50, 56), (96, 110, 118), (214, 88, 60)


def dead_till() -> bytes:
    """A till with a dark screen and a red light, as a PNG."""
    rows = b"".join(b"\0" + b"".join(bytes(_pixel(x, y)) for x in range(WIDTH)) for y in range(HEIGHT))
    header = struct.pack(">IIBBBBB", WIDTH, HEIGHT, 8, 2, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"IDAT", zlib.compress(rows, 9)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, data) for kind, data in chunks)


def _pixel(x: int, y: int) -> tuple[int, int, int]:
    if (x - 250) ** 2 + (y - 165) ** 2 < 81:  # the light
        return GLOW
    if 40 < x < 280 and 25 < y < 135:  # the screen
        return DARK
    if 20 < x < 300 and 10 < y < 190:  # the case
        return PANEL
    return (224, 219, 209)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
