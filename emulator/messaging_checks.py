"""The checks Messenger and Instagram share. What is wrong with a request is error 100 there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from emulator.fields import Json
from emulator.graph_errors import GraphError


def only(parent: Json, known: set[str], where: str) -> None:
    """A key they do not know is refused: it is ours that would be lost silently."""
    unknown = sorted(set(parent) - known)
    if unknown:
        raise GraphError(100, f"Invalid keys {', '.join(map(repr, unknown))} were found in {where}.")


def object_in(parent: Json, key: str, where: str) -> Json:
    value = _needed(parent, key, where)
    if not isinstance(value, dict):
        raise GraphError(100, f"{where}.{key} must be an object.")
    return value


def list_in(parent: Json, key: str, where: str, low: int, high: int) -> list[Json]:
    value = _needed(parent, key, where)
    if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
        raise GraphError(100, f"{where}.{key} must be a list of objects.")
    if not low <= len(value) <= high:
        raise GraphError(100, f"{where}.{key} must have from {low} to {high} items, not {len(value)}.")
    return value


def text_in(parent: Json, key: str, where: str, limit: int, size: Callable[[str], int] = len) -> str:
    value = _needed(parent, key, where)
    if not isinstance(value, str) or not value.strip():
        raise GraphError(100, f"{where}.{key} must be text that is not empty.")
    if size(value) > limit:
        raise GraphError(100, f"{where}.{key} has {size(value)}, longer than the {limit} allowed.")
    return value


def text_if_in(parent: Json, key: str, where: str, limit: int) -> str:
    return text_in(parent, key, where, limit) if parent.get(key) is not None else ""


def one_of(parent: Json, key: str, where: str, known: tuple[str, ...]) -> str:
    value = text_in(parent, key, where, 100)
    if value not in known:
        raise GraphError(100, f"{where}.{key} must be one of {', '.join(known)}, not {value!r}.")
    return value


def web_address_in(parent: Json, key: str, where: str) -> str:
    value = text_in(parent, key, where, 2048)
    if not value.startswith(("https://", "http://")):
        raise GraphError(100, f"{where}.{key} must be a web address.")
    return value


def in_bytes(text: str) -> int:
    return len(text.encode("utf-8", "surrogatepass"))


def _needed(parent: Json, key: str, where: str) -> Any:
    if parent.get(key) is None:
        raise GraphError(100, f"{where}.{key} is required.")
    return parent[key]
