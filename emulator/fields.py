"""Reads JSON that people wrote, and says everything that is wrong with it at once."""

from __future__ import annotations

import ipaddress
from typing import Any
from urllib.parse import urlsplit

Json = dict[str, Any]


class Faulty(Exception):
    """What was given cannot be used."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


class Fields:
    """One JSON object being read: wrong values become problems, `finish` raises them together."""

    def __init__(self, raw: object, where: str = "") -> None:
        self._raw: Json = raw if isinstance(raw, dict) else {}
        self._where = f"{where}." if where else ""
        self._known: set[str] = set()
        self.problems: list[str] = [] if isinstance(raw, dict) else [f"{where or 'the body'} must be a JSON object"]

    def has(self, key: str) -> bool:
        return self._raw.get(key) is not None

    def any(self, key: str) -> Any:
        self._known.add(key)
        return self._raw.get(key)

    def text(self, key: str, default: str | None = None) -> str:
        """Text that is not empty; without a default it has to be there."""
        value = self.any(key)
        if value is None and default is not None:
            return default
        if isinstance(value, str) and (value or default == ""):
            return value
        self.fault(key, "must be text" if default is not None else "must be text, not empty")
        return default or ""

    def flag(self, key: str, default: bool) -> bool:
        value = self.any(key)
        if value is None or isinstance(value, bool):
            return default if value is None else value
        self.fault(key, "must be true or false")
        return default

    def whole(self, key: str, default: int, low: int = 0, high: int = 10_000_000) -> int:
        value = self.any(key)
        if value is None:
            return default
        if isinstance(value, int) and not isinstance(value, bool) and low <= value <= high:
            return value
        self.fault(key, f"must be a whole number from {low} to {high}")
        return default

    def number(self, key: str, default: float, low: float = 0.0, high: float = 1e6) -> float:
        value = self.any(key)
        if value is None:
            return default
        if isinstance(value, (int, float)) and not isinstance(value, bool) and low <= value <= high:
            return float(value)
        self.fault(key, f"must be a number from {low:g} to {high:g}")
        return default

    def objects(self, key: str) -> list[Any]:
        value = self.any(key)
        if value is None or isinstance(value, list):
            return value or []
        self.fault(key, "must be a list")
        return []

    def loopback_url(self, key: str, default: str | None = None) -> str:
        """A plain address of this machine: the page promises that nothing leaves it."""
        value = self.text(key, default).rstrip("/")
        if value and not is_loopback_url(value):
            self.fault(key, "must be an http address of this machine (127.0.0.1 or localhost)")
            return ""
        return value

    def fault(self, key: str, what: str) -> None:
        self.problems.append(f"{self._where}{key} {what}")

    def finish(self) -> None:
        unknown = sorted(set(self._raw) - self._known)
        problems = self.problems + [f"{self._where}{key} is not known here" for key in unknown]
        if problems:
            raise Faulty(problems)


def on_off(fields: Fields, key: str, default: bool) -> bool:
    value = fields.any(key)
    if value in ("on", "off"):
        return bool(value == "on")
    return fields.flag(key, default)


def is_loopback_host(host: str | None) -> bool:
    if host == "localhost":
        return True
    try:
        return host is not None and ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def is_loopback_url(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and is_loopback_host(parts.hostname) and parts.port != 0
    except ValueError:
        return False
