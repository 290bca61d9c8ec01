"""Chance, made the same for both sides."""

from __future__ import annotations

import zlib

import numpy


def same_lots(key: str) -> None:
    """Rasa takes one of a response's variations by numpy's global random state."""
    numpy.random.seed(zlib.crc32(key.encode()))
