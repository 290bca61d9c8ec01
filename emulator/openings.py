"""How a business may write to somebody who has not written to it: under a comment, or by a plugin's reference."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(kw_only=True)
class Comment:
    """Somebody's comment: it may be answered privately once."""

    customer: str
    at_ms: int
    answered: bool = False


@dataclass(kw_only=True)
class Openings:
    """By account, and the comment's id or the plugin's user_ref."""

    comments: dict[tuple[str, str], Comment] = field(default_factory=dict)
    user_refs: dict[tuple[str, str], str] = field(default_factory=dict)

    def clear(self) -> None:
        self.comments.clear()
        self.user_refs.clear()
