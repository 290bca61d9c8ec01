"""Notices as events of the feed: who may see each, and the message that it is about, read for many at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.engine import Connection
from websockets.frames import Frame, Opcode

from conversation import cures
from conversation.message import Message
from conversation.people import Operator
from conversation.words import DEFAULT_LANGUAGE
from handover import feed_messages
from handover.schemas import instant
from handover.transcript import messages_json
from store import quotes
from store.standing import Standing

#: Events of a message: whoever follows would ask for it next.
_OF_MESSAGES = frozenset({"message", "edited", "removed", "failed", "media", "recorded", "status"})
_MORE_THAN_TEXT = 600


@dataclass(frozen=True, kw_only=True)
class Event:
    row: Mapping[str, Any]
    message: Mapping[str, Any] | None
    about: Message | None
    frames: dict[str, bytes] = field(default_factory=dict)  # as it goes over the line, by language: once for all
    translated: dict[str, Any] = field(default_factory=dict)  # for sockets that speak otherwise

    @property
    def number(self) -> int:
        return int(self.row["id"])

    @property
    def size(self) -> int:
        text = len(self.about.text or "") if self.about is not None else 0
        return 2 * (_MORE_THAN_TEXT + 2 * text + len(str(self.row["facts"])))

    def is_for(self, operator: Operator, standing: Standing) -> bool:
        """Whether they may see what it is about."""
        account, conversation = self.row["account_id"], self.row["conversation_id"]
        if account is not None:
            return operator.may_see(account)
        if conversation is not None:  # it is not there any more
            return operator.all_accounts
        name = self.row["facts"].get("name") if self.row["kind"] == "operator" else None
        return name is None or standing.share_an_account(operator, name)

    def frame(self, language: str) -> bytes:
        """A whole frame of the socket: those of a server are the same for everybody."""
        found = self.frames.get(language)
        if found is None:
            told = feed_messages.written(self._told(language)).encode()
            found = self.frames[language] = Frame(Opcode.TEXT, told).serialize(mask=False)
        return found

    def _told(self, language: str) -> feed_messages.Event:
        shown = None
        if self.message is not None and self.about is not None:
            shown = {**self.message, "cure": cures.cure(self.about.status, self.about.error, language)}
        return feed_messages.Event(
            id=self.number,
            kind=self.row["kind"],
            conversation=self.row["conversation_id"],
            account=self.row["account_id"],
            facts=self.row["facts"],
            at=instant(self.row["at"]) or "",
            message=shown,
        )


def dressed(tx: Connection, rows: Sequence[Mapping[str, Any]]) -> Sequence[Event]:
    """These notices with their messages, as they are now."""
    wanted = {row["id"]: row["facts"].get("message") for row in rows if row["kind"] in _OF_MESSAGES}
    found = {each.id: each for each in quotes.named(tx, {n for n in wanted.values() if isinstance(n, int)})}
    shown = _shown(tx, found.values())
    events = []
    for row in rows:
        about = found.get(wanted.get(row["id"]) or 0)
        if about is not None and about.conversation_id != row["conversation_id"]:
            about = None
        events.append(Event(row=row, message=shown[about.id] if about else None, about=about))
    return events


def _shown(tx: Connection, found: Any) -> dict[int, Mapping[str, Any]]:
    by_conversation: dict[str, list[Message]] = defaultdict(list)
    for message in found:
        by_conversation[message.conversation_id].append(message)
    lists = [messages_json(tx, each, DEFAULT_LANGUAGE) for each in by_conversation.values()]
    return {message["id"]: message for each in lists for message in each}
