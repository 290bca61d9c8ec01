"""Fits text to a channel: cut at sentences, else at words, never inside what is one character to a reader."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any, TypeGuard

import regex

Size = Callable[[str], int]

#: After a sentence or a line, where white space follows.
_SENTENCE_END = re.compile(r"[.!?…。！？][\"'”’»)\]]*(?=\s)|(?=\n)")
_WORD_END = re.compile(r"(?<=\S)(?=\s)")


def in_bytes(text: str) -> int:
    """The size of a text in UTF-8, for channels that count bytes."""
    return len(text.encode("utf-8", "replace"))


def split(text: str, limit: int, size: Size = len) -> list[str]:
    """Pieces of at most `limit`, few, cut at sentences. White space is lost only where a cut falls."""
    if limit < 4:
        raise ValueError("A limit below 4 has no room for one character in UTF-8.")
    pieces = []
    rest = text if text.strip() else ""
    while size(rest) > limit:
        end = _cut(rest, limit, size)
        pieces.append(rest[:end].rstrip())
        rest = rest[end:].lstrip()
    return [piece for piece in (*pieces, rest) if piece.strip()]


def shorten(text: str, limit: int, size: Size = len) -> str:
    """The text, or its beginning with an ellipsis."""
    if size(text) <= limit:
        return text
    return text[: _room(text, limit - size("…"), size)].rstrip() + "…"


def unique(titles: Sequence[str], limit: int) -> list[str]:
    """Each within the limit, and none twice: Meta refuses a message with the same title on two buttons."""
    found: list[str] = []
    for title in titles:
        name, number = shorten(title, limit), 2
        while name in found:
            mark = f" ({number})"
            name, number = shorten(title, limit - len(mark)) + mark, number + 1
        found.append(name)
    return found


def is_link(value: Any) -> TypeGuard[str]:
    """Whether Meta can fetch or open it."""
    return isinstance(value, str) and value.startswith(("https://", "http://"))


def _cut(text: str, limit: int, size: Size) -> int:
    """After the last sentence if that leaves no half-empty piece, else after a word, else anywhere."""
    room = _room(text, limit, size)
    # A cut is wanted before white space; looking one character further sees the one right after the room.
    window = text[: room + 1]
    sentences = [m.end() for m in _SENTENCE_END.finditer(window) if room // 2 <= m.end() <= room]
    if sentences:
        return sentences[-1]
    words = [m.end() for m in _WORD_END.finditer(window) if m.end() <= room]
    return words[-1] if words else room


def _room(text: str, limit: int, size: Size) -> int:
    """How many characters fit, up to a grapheme's end; at least one, so that cutting comes to an end."""
    taken = end = 0
    for grapheme in regex.finditer(r"\X", text):
        taken += size(grapheme.group())
        if taken > limit:
            break
        end = grapheme.end()
    return end or _by_characters(text, limit, size)


def _by_characters(text: str, limit: int, size: Size) -> int:
    """A single grapheme longer than the limit has to be cut after all."""
    end = 1
    while end < len(text) and size(text[: end + 1]) <= limit:
        end += 1
    return end
