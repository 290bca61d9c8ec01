"""What a body tells, found by walking over its JSON with rules of our own: none of the product's readers is asked.

An event is known by its id, and a message besides by the two ends it went between, of which one is its contact. Ids of
messages that are only answered (`reply_to`, `context`) are another event's.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

CHANNELS = {"whatsapp_business_account": "whatsapp", "instagram": "instagram", "page": "messenger"}
_LISTS = frozenset({"messages", "message_echoes", "statuses"})
_OWN_KEYS = frozenset({"mid", "original_message_id", "comment_id"})
_OTHERS = frozenset({"reply_to", "context"})
_ENDS = (
    *("from", "from_user_id", "to", "to_user_id", "recipient"),
    *("recipient_id", "recipient_user_id"),
)
#: A number, and the scoped id of the same person.
_OF_ONE = (("from", "from_user_id"), ("to", "to_user_id"), ("recipient_id", "recipient_user_id"))
_PHONE = re.compile(r"\+?[0-9][0-9 ()-]{0,24}", re.ASCII)
_NOT_KEPT = re.compile("[\x00\ud800-\udfff]")
_LONGEST = 300


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where an id stands: `container[key]`. `ends`: who may be the contact; empty where nobody can tell.

    `own`: it is a message's own id there, which no other message may have; else it names one that was before.
    """

    container: Any
    key: Any
    account: str | None
    ends: frozenset[str]
    own: bool = False

    @property
    def id(self) -> str | None:
        return as_id(self.container[self.key])


def as_id(value: Any) -> str | None:
    """As a database can keep it; some suites write numbers."""
    if isinstance(value, bool) or not isinstance(value, (int, str)):
        return None
    return plain(str(value)).strip() or None


def plain(text: str) -> str:
    return _NOT_KEPT.sub("\ufffd", text)


def forms(id_: str) -> set[str]:
    """How an id may be written where it is kept: cut at a column's length, or with Messenger's other beginning."""
    return {form[:_LONGEST] for form in (id_, id_.removeprefix("m_"), f"m_{id_}")} | {id_}


def same_end(value: Any) -> str | None:
    """A person's id, and a phone number by its digits alone."""
    found = as_id(value)
    return re.sub(r"\D", "", found) if found and _PHONE.fullmatch(found) else found


def places(body: Any) -> list[Place]:
    """Every id that an event in the body is known by."""
    entries = body.get("entry") if isinstance(body, dict) else None
    if not isinstance(entries, list):
        return []
    read = _of_whatsapp if CHANNELS.get(str(body.get("object"))) == "whatsapp" else _of_entry
    return [place for entry in entries for place in read(entry) if place.id is not None]


def accounts(body: Any) -> set[tuple[str, str]]:
    """The accounts a body speaks of, each with its channel."""
    channel = CHANNELS.get(str(body.get("object"))) if isinstance(body, dict) else None
    if channel is None:
        return set()
    if channel == "whatsapp":
        values = [change.get("value") for entry in _dicts(body.get("entry")) for change in _dicts(entry.get("changes"))]
        found = [_number(value) for value in values]
    else:
        found = [as_id(entry.get("id")) for entry in _dicts(body.get("entry"))]
    return {(channel, account) for account in found if account is not None}


def walk(value: Any, see: Callable[[dict[str, Any]], None]) -> None:
    """Every object, however deep, without recursion: bodies may be nested on purpose."""
    left = [value]
    while left:
        here = left.pop()
        if isinstance(here, dict):
            see(here)
            left += here.values()
        elif isinstance(here, list):
            left += here


def moves(body: Any) -> set[tuple[str, str]]:
    """Who is known by something else from now on, as WhatsApp tells it: by what before, and by what now.

    A number that comes with a scoped id is that one's; should it be another's later, what was said stays with the id.
    """
    found: set[tuple[str, str]] = set()

    def see(here: dict[str, Any]) -> None:
        both = [(same_end(here.get(number)), same_end(here.get(scoped))) for number, scoped in _OF_ONE]
        found.update((one, other) for one, other in both if one and other and one != other)
        own = here.get("system") if here.get("type") == "system" else None
        before: tuple[Any, ...] = ()
        now: tuple[Any, ...] = ()
        if isinstance(own, dict):
            before = (here.get("from"), here.get("from_user_id"), own.get("previous_user_id"))
            now = (own.get("wa_id"), own.get("new_wa_id"), own.get("user_id"))
        elif isinstance(ids := here.get("user_id"), dict):
            before, now = (ids.get("previous"),), (ids.get("current"),)
        named = [(same_end(one), same_end(other)) for one in before for other in now]
        found.update((one, other) for one, other in named if one and other)

    walk(body, see)
    return found


# --- Messenger and Instagram ---------------------------------------------------------------------------------------


def _of_entry(entry: Any) -> Iterator[Place]:
    account = as_id(entry.get("id")) if isinstance(entry, dict) else None
    yield from _below(entry, account, frozenset())


def _below(value: Any, account: str | None, ends: frozenset[str]) -> Iterator[Place]:
    left: list[tuple[str, Any, frozenset[str]]] = [("", value, ends)]
    while left:
        name, here, between = left.pop()
        if isinstance(here, list):
            left += [(name, item, between) for item in here]
        if not isinstance(here, dict):
            continue
        between = _between(here, account) or between
        for key in _OWN_KEYS & here.keys():
            own = key == "mid" and name in ("message", "postback") and not here.get("is_deleted")
            yield Place(container=here, key=key, account=account, ends=between, own=own)
        mids = here.get("mids")
        for n in range(len(mids) if isinstance(mids, list) else 0):
            yield Place(container=mids, key=n, account=account, ends=between)
        if isinstance(here.get("from"), dict) and "id" in here:
            author = same_end(here["from"].get("id"))
            whose = frozenset({author}) if author and author != account else frozenset()
            yield Place(container=here, key="id", account=account, ends=whose, own=True)
        left += [(key, piece, between) for key, piece in here.items() if key not in _OTHERS]


def _between(item: dict[str, Any], account: str | None) -> frozenset[str]:
    """Both ends of an item, without the account's own."""
    people = [item.get(name) for name in ("sender", "recipient")]
    named = [person.get(key) for person in people if isinstance(person, dict) for key in ("id", "user_ref")]
    return frozenset(filter(None, map(same_end, named))) - {same_end(account)}


# --- WhatsApp ------------------------------------------------------------------------------------------------------


def _of_whatsapp(entry: Any) -> Iterator[Place]:
    for change in _dicts(entry.get("changes")) if isinstance(entry, dict) else ():
        value = change.get("value")
        ours = {_number(value), _display_number(value)}
        left = [value]
        while left:
            here = left.pop()
            if isinstance(here, list):
                left += here
            if not isinstance(here, dict):
                continue
            for name in _LISTS & here.keys():
                for item in _dicts(here[name]):
                    yield from _of_item(item, _number(value), ours, own=name != "statuses")
            left += [piece for key, piece in here.items() if key not in _OTHERS]


def _of_item(item: dict[str, Any], account: str | None, ours: set[str | None], *, own: bool) -> Iterator[Place]:
    """A message, an echo or a status; of an echo in standby the contact stands in the other app's request.

    Of what is said in a group the contact is the group, whoever said it.
    """
    named = [told.get(key) for told in (item, item.get("message")) if isinstance(told, dict) for key in _ENDS]
    group = same_end(item.get("group_id"))
    ends = frozenset({group}) if group else frozenset(filter(None, map(same_end, named))) - ours
    if "id" in item:
        yield Place(container=item, key="id", account=account, ends=ends, own=own)
    for name in ("edit", "revoke"):
        if isinstance(item.get(name), dict) and "original_message_id" in item[name]:
            yield Place(container=item[name], key="original_message_id", account=account, ends=ends)
    if isinstance(item.get("reaction"), dict) and "message_id" in item["reaction"]:
        # What is reacted to is not always a message of ours: it has no contact that could be told from here.
        yield Place(container=item["reaction"], key="message_id", account=account, ends=frozenset())


def _number(value: Any) -> str | None:
    for name in ("metadata", "recipient"):
        told = value.get(name) if isinstance(value, dict) else None
        if isinstance(told, dict) and (found := as_id(told.get("phone_number_id"))):
            return found
    return None


def _display_number(value: Any) -> str | None:
    told = value.get("metadata") if isinstance(value, dict) else None
    return same_end(told.get("display_phone_number")) if isinstance(told, dict) else None


def _dicts(value: Any) -> list[dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []
