"""Pictures made up on the fly: of people, and of what they send when nobody gave a file."""

from __future__ import annotations

import functools
import hashlib
import secrets
import struct
import zlib

_MADE_UP = "4040"
_SIDE, _CELL = 8, 12  # cells in a row, pixels in a cell


@functools.lru_cache(maxsize=256)
def picture(seed: str) -> bytes:
    """A small PNG; the same seed gives the same one: a mirrored pattern in one colour."""
    digest = hashlib.sha256(seed.encode()).digest()
    colour, bits = digest[:3], int.from_bytes(digest[3:], "big")
    rows = b"".join(_row(bits >> (_SIDE // 2 * y), colour) * _CELL for y in range(_SIDE))
    size = _SIDE * _CELL
    header = struct.pack(">IIBBBBB", size, size, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", zlib.compress(rows)) + _chunk(b"IEND", b"")


def made_up_id() -> str:
    """The id of a picture for which nobody gave a file: it is `picture` of this id."""
    return f"{_MADE_UP}{secrets.randbelow(10**11):011}"


def is_made_up(file_id: str) -> bool:
    """A portrait, or one of those."""
    return file_id.startswith((_MADE_UP, "portrait-"))


def _row(bits: int, colour: bytes) -> bytes:
    half = [colour if bits >> x & 1 else b"\xff\xff\xff" for x in range(_SIDE // 2)]
    return b"\x00" + b"".join(cell * _CELL for cell in [*half, *reversed(half)])


def _chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))
