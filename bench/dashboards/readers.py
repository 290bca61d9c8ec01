"""Where each page looks for the words of a refusal. What a reader can't make a text of, its user sees as nothing, or as
`[object Object]`; where it takes an object for a text, the page crashes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

Reader = Callable[[Any], Any]


def newest(body: Any) -> Any:
    error = body.get("error")
    if isinstance(error, Mapping):
        # `details` comes first, where it is a text.
        told = (error.get(name) for name in ("details", "message", "detail", "error"))
        return next((each for each in told if each and not isinstance(each, Mapping)), None)
    return error or body.get("message") or body.get("detail")


def oldest(body: Any) -> Any:
    error = body.get("error")
    return (error.get("message") if isinstance(error, Mapping) else None) or body.get("detail")


def agents(body: Any) -> Any:
    return body.get("detail") or body.get("error") or body.get("message")


def connections(body: Any) -> Any:
    error = body.get("error")
    return error.get("message") if isinstance(error, Mapping) else None


def one_word(body: Any) -> Any:
    return body.get("error")


ALL: Mapping[str, Reader] = {"newest": newest, "oldest": oldest, "agents": agents}


def unreadable(body: Any, *, path: str, is_one_word: bool) -> list[str]:
    """The readers that find no text in a refusal of this path."""
    if not isinstance(body, Mapping):
        return ["all, for it is no object"]
    asked = {**ALL}
    if is_one_word:
        asked["one word"] = one_word
    elif "accounts" in path:
        asked["connections"] = connections
    return [name for name, reader in asked.items() if not _is_sentence(reader(body))]


def _is_sentence(found: Any) -> bool:
    return isinstance(found, str) and len(found.split()) > 1
