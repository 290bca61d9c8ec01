"""The shell of the documentation's blocks, as far as they use it: curl with a few flags, quotes, and names.

Whatever else a block holds is an error, so that nothing stands in the documentation that was not tried.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

_PIECE = re.compile(
    r"""'(?P<exact>[^']*)'|"(?P<quoted>(?:[^"\\`!]|\\["\\$])*)"|(?P<bare>[^\s'"\\;&|<>()`*?\[\]{}~#!]+)"""
)
_NAME = re.compile(r"\$([A-Z]+)")
_FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True, kw_only=True)
class Asked:
    """`status`: what a comment before the command says of the answer; None: it succeeds. `saved_as`: where it goes."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes | None
    saved_as: str | None
    status: int | None


class NotUnderstood(Exception):
    """The block holds what nobody here can run."""


def asked_in(block: str, names: Mapping[str, str], folder: Path) -> Iterator[Asked]:
    """Each is read when it is its turn: `names` grow by what is answered."""
    status: int | None = None
    for line in block.replace("\\\n", " ").splitlines():
        if not line.strip():
            continue
        if line.startswith("#"):
            found = re.fullmatch(r"# (\d{3})", line)
            status = int(found[1]) if found else status
            continue
        yield _asked(words(line, names), folder, status)
        status = None


def words(line: str, names: Mapping[str, str]) -> list[str]:
    """As a shell would read them."""
    found: list[str] = []
    at, is_new = 0, True
    while at < len(line):
        if line[at].isspace():
            at, is_new = at + 1, True
            continue
        piece = _PIECE.match(line, at)
        if piece is None:
            raise NotUnderstood(f"{line[at:]!r} in {line!r}")
        at = piece.end()
        text = piece["exact"]
        if text is None:
            text = _named(piece["bare"] or re.sub(r"\\(.)", r"\1", piece["quoted"] or ""), names)
        if is_new:
            found.append(text)
        else:
            found[-1] += text
        is_new = False
    return found


def _named(text: str, names: Mapping[str, str]) -> str:
    left = _NAME.sub("", text)
    if "$" in left:
        raise NotUnderstood(text)
    return _NAME.sub(lambda found: names[found[1]], text)


def _asked(given: list[str], folder: Path, status: int | None) -> Asked:
    if given[0] != "curl":
        raise NotUnderstood(given[0])
    headers: dict[str, str] = {}
    urls: list[str] = []
    bodies: list[bytes] = []
    query: list[str] = []
    method, saved_as, in_address = None, None, False
    rest = iter(given[1:])
    for word in rest:
        if word == "-X":
            method = next(rest)
        elif word == "-H":
            name, _, value = next(rest).partition(": ")
            headers[name] = value
        elif word == "-d" and not (data := next(rest)).startswith("@"):
            bodies.append(data.encode())
        elif word == "--data-binary" and (file := next(rest)).startswith("@"):
            bodies.append((folder / file[1:]).read_bytes())
        elif word == "--data-urlencode":
            name, equals, value = next(rest).partition("=")
            query.append(f"{name}{equals}{quote(value, safe='')}")
        elif word == "-G":
            in_address = True
        elif word == "-o":
            saved_as = next(rest)
        elif word.startswith("http"):
            urls.append(word)
        else:
            raise NotUnderstood(word)
    if len(urls) != 1 or len(bodies) > 1 or bool(query) != in_address or (query and "?" in urls[0]):
        raise NotUnderstood(" ".join(given))
    if bodies:
        headers.setdefault("Content-Type", _FORM)
    return Asked(
        method=method or ("POST" if bodies else "GET"),
        url="?".join([*urls, *(["&".join(query)] if query else [])]),
        headers=headers,
        body=bodies[0] if bodies else None,
        saved_as=saved_as,
        status=status,
    )
