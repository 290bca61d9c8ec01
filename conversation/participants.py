"""Who has taken part in a conversation, and when: told by the log of who answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from conversation.conversation import HandoverState, Status


@dataclass(frozen=True, kw_only=True)
class Stretch:
    """`until`: None where it lasts."""

    since: datetime
    until: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Stretches:
    """The assistant's, and each person's by name; in the order in which they first came."""

    assistant: Sequence[Stretch] = ()
    people: Mapping[str, Sequence[Stretch]] = field(default_factory=dict)


def stretches(created_at: datetime, log: Sequence[Mapping[str, Any]]) -> Stretches:
    """The assistant is there from the beginning, wherever no person has an open conversation; a person while it is
    theirs."""
    assistant = _Presence()
    people: dict[str, _Presence] = {}
    assistant.comes(created_at)
    for line in log:
        at, before, after = line["at"], line["owner_before"], line["owner_after"]
        if before is not None and before != after:
            people.setdefault(before, _Presence()).goes(at)
        if after is not None:
            people.setdefault(after, _Presence()).comes(at)
        if line["after"] == HandoverState.HUMAN.value or line["status_after"] != Status.OPEN.value:
            assistant.goes(at)
        else:
            assistant.comes(at)
    return Stretches(assistant=assistant.found, people={name: each.found for name, each in people.items()})


class _Presence:
    """One of them, as the log is read."""

    def __init__(self) -> None:
        self.found: list[Stretch] = []

    def comes(self, at: datetime) -> None:
        if not self.found or self.found[-1].until is not None:
            self.found.append(Stretch(since=at))

    def goes(self, at: datetime) -> None:
        if self.found and self.found[-1].until is None:
            self.found[-1] = Stretch(since=self.found[-1].since, until=at)
