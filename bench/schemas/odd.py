"""Requests that no schema describes: numbers that no row can have, signs that no database keeps, bodies that are no
JSON. Each is sent as it is."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

_PARTS = ("%00", "%ff", "9" * 30, "-9223372036854775809", "..%2f..", "%F0%9F%98%80", "a" * 5_000)
_TEXTS = ("\x00", "a\x00b", "\ufeff\u202e", "\U0010ffff", "é" * 20_000)
_NUMBERS = (2**31, 2**63, -(2**63) - 1, 10**30)
_BODIES = (
    b"\xff\xfe",
    b'{"a": "\xed\xa0\x80"}',
    rb'{"a": "\ud800"}',
    b"[" * 50_000,
    b"null",
    b'""',
    b"1e400",
    b'{"a": NaN}',
    b"{" + b" " * 300_000 + b"}",
)


@dataclass(frozen=True, kw_only=True)
class Odd:
    address: str
    body: bytes | None = None


def requests(template: str, parts: Mapping[str, str], query: Iterable[str], body: Any) -> Iterator[Odd]:
    """`parts`: what the address is filled with otherwise; `query`: names; `body`: its JSON schema, None where none is
    taken."""
    names = [part.split("}")[0] for part in template.split("{")[1:]]
    usual = {name: parts.get(name, "1") for name in names}
    address = _filled(template, usual)
    for name in names:
        for odd in _PARTS:
            yield Odd(address=template.format_map({**_quoted(usual), name: odd}), body=None if body is None else b"{}")
    for name in query:
        for odd in ("%00", "%ff", "9" * 30, "-1", ""):
            yield Odd(address=f"{address}?{name}={odd}", body=None if body is None else b"{}")
    if body is not None:
        for raw in _BODIES:
            yield Odd(address=address, body=raw)
        for made in _bodies(body):
            yield Odd(address=address, body=json.dumps(made).encode())


def _bodies(schema: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """One field at a time is odd; those that must be there are something."""
    properties: Mapping[str, Any] = schema.get("properties", {})
    least = {name: _something(properties.get(name, {})) for name in schema.get("required", ())}
    for name in properties:
        for odd in (*_TEXTS, *_NUMBERS, [None], {"\x00": "\x00"}):
            yield {**least, name: odd}


def _something(schema: Mapping[str, Any]) -> Any:
    if schema.get("enum"):
        return schema["enum"][0]
    return {"integer": 1, "number": 1, "boolean": True, "array": [], "object": {}}.get(str(schema.get("type")), "a")


def _filled(template: str, parts: Mapping[str, str]) -> str:
    return template.format_map(_quoted(parts))


def _quoted(parts: Mapping[str, str]) -> dict[str, str]:
    return {name: quote(value, safe="") for name, value in parts.items()}
