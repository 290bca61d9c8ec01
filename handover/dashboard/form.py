"""A form with a file, as a browser uploads it: looked through on the disk, where it is, and never whole in memory."""

from __future__ import annotations

import mmap
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import regex

from conversation.errors import BadInput
from conversation.said import say
from runtime.media_files import Draft

#: What may come with the file.
BESIDE = 256 * 1024
_MOST_PARTS, _MOST_HEADER, _CHUNK = 32, 8 * 1024, 256 * 1024
_BOUNDARY = regex.compile(
    r"multipart/form-data\s*;.*\bboundary=(?:\"(?<quoted>[^\"]{1,70})\"|(?<plain>[^\s;\"]{1,70}))", regex.I
)
_NAME = regex.compile(r"(?:;|\s)name=(?:\"(?<quoted>[^\"]*)\"|(?<plain>[^\s;]+))", regex.I)
_DISPOSITION = regex.compile(r"^content-disposition:\s*(.*)$", regex.I | regex.M)


@dataclass(frozen=True, kw_only=True)
class Form:
    """`disposition`: what names its file; that one lies between two places of the body."""

    fields: Mapping[str, str]
    disposition: str
    start: int
    end: int


def boundary_of(content_type: str) -> bytes:
    found = _BOUNDARY.match(content_type)
    if found is None:
        raise BadInput(say("Send the file in a form: multipart/form-data."))
    # Bytes of a header that are no text come as halves of characters.
    return b"--" + str(found["quoted"] or found["plain"]).encode("utf-8", "surrogateescape")


def read(path: Path, boundary: bytes) -> Form:
    """The fields, and the first file."""
    fields: dict[str, str] = {}
    files: list[tuple[str, int, int]] = []
    with path.open("rb") as body, mmap.mmap(body.fileno(), 0, access=mmap.ACCESS_READ) as whole:
        at = whole.find(boundary)
        for _ in range(_MOST_PARTS):
            part = _part(whole, boundary, at)
            if part is None:
                break
            disposition, start, end = part
            if "filename" in disposition.lower():
                files.append((disposition, start, end))
            elif (name := _named(disposition)) is not None:
                if end - start > BESIDE:
                    raise _unreadable()
                fields[name] = whole[start:end].decode("utf-8", errors="replace")
            at = end + 2
    if not files:
        raise BadInput(say("There is no file in the form."))
    disposition, start, end = files[0]
    if start == end:
        raise BadInput(say("The file is empty."))
    return Form(fields=fields, disposition=disposition, start=start, end=end)


def copy_file(path: Path, form: Form, draft: Draft) -> None:
    """The file alone."""
    with path.open("rb") as body:
        body.seek(form.start)
        left = form.end - form.start
        while left and (chunk := body.read(min(_CHUNK, left))):
            draft.write(chunk)
            left -= len(chunk)


def _part(whole: mmap.mmap, boundary: bytes, at: int) -> tuple[str, int, int] | None:
    """The next part: what names it, and where it begins and ends; None: that was the last one."""
    after = at + len(boundary)
    if at < 0 or whole[after : after + 2] not in (b"\r\n", b"--"):
        raise _unreadable()
    if whole[after : after + 2] == b"--":
        return None
    head_ends = whole.find(b"\r\n\r\n", after, after + _MOST_HEADER)
    start = head_ends + 4
    end = whole.find(b"\r\n" + boundary, start)
    if head_ends < 0 or end < 0:
        raise _unreadable()
    head = whole[after:head_ends].decode("utf-8", errors="replace").replace("\r\n", "\n")
    found = _DISPOSITION.search(head)
    return (found[1] if found else ""), start, end


def _named(disposition: str) -> str | None:
    found = _NAME.search(disposition)
    return None if found is None else found["quoted"] or found["plain"]


def _unreadable() -> BadInput:
    return BadInput(say("The form can't be read."))
