"""Who may come in by a browser of another site, and which doors beside ours are left open on purpose."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit


def origins(env: Mapping[str, str], faults: list[str]) -> tuple[str, ...]:
    """BATON_CORS_ORIGINS: sites whose pages may ask the API, with commas between; none is meant by a star."""
    found = tuple(each.strip().rstrip("/") for each in env.get("BATON_CORS_ORIGINS", "").split(",") if each.strip())
    for each in found:
        parts = urlsplit(each)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.path or parts.query:
            faults.append(f"BATON_CORS_ORIGINS has {each!r}; each is like https://desk.example.com, with no path.")
    return found


def opened(env: Mapping[str, str]) -> frozenset[str]:
    """BATON_OPEN_DOORS: names of Rasa's channels, and `api`, that may be there though they ask nobody who they are."""
    return frozenset(each.strip() for each in env.get("BATON_OPEN_DOORS", "").split(",") if each.strip())
