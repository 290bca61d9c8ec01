"""What Meta remembers of conversations on Messenger and Instagram: the Conversations API.

Two questions a second for an account; details of the newest twenty messages of each conversation alone, older ones are
answered as if they were deleted. That an id here is the webhook's `mid` is unconfirmed, and so is the form of what is
attached: both the webhook's form and the one with `mime_type` are read. [MSG docs: Conversations API]
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import quote

from connectors import messaging_attachments, messaging_words, reading
from connectors.graph import GraphClient
from connectors.messaging_event import INSTAGRAM, MESSENGER, Dialect
from connectors.reading import ident, items, obj, text
from conversation.account import Channel
from conversation.arrivals import BUTTON, TEXT, Arrival, Echo, EchoSource, Inbound
from conversation.contact import Address
from runtime.abilities import PastConversation, PastPage, Reach

_NETWORKS = {Channel.MESSENGER: MESSENGER, Channel.INSTAGRAM: INSTAGRAM}
_CONVERSATION = "id,updated_time,participants"
_MESSAGE = "id,created_time,from,to,message,attachments,reply_to,is_unsupported"
_NEWEST = 20
#: A little more than half a second: what is sent evenly does not arrive so.
_APART_S = 0.55


class MetaPast:
    """`sleep` and `monotonic` are what the pace is kept with."""

    def __init__(
        self,
        graph: GraphClient,
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._graph, self._sleep, self._monotonic = graph, sleep, monotonic
        self._free_at: dict[str, float] = {}

    async def conversations(self, reach: Reach, *, after: str | None = None) -> PastPage:
        query = {
            "platform": reach.account.channel.value,
            "fields": _CONVERSATION,
            **({"after": after} if after else {}),
        }
        answer = await self._ask(reach, f"{quote(reach.node, safe='')}/conversations", query)
        found = [_conversation(reach, obj(each)) for each in items(answer.get("data"))]
        return PastPage(conversations=[each for each in found if each is not None], after=_next(answer))

    async def messages(self, reach: Reach, conversation: PastConversation) -> Sequence[Arrival]:
        query = {"fields": f"messages{{{_MESSAGE}}}"}
        answer = await self._ask(reach, quote(conversation.id, safe=""), query)
        newest = items(obj(answer.get("messages")).get("data"))[:_NEWEST]
        read = [_message(reach, obj(each)) for each in newest]
        return sorted((each for each in reversed(read) if each is not None), key=lambda each: each.sent_at)

    async def _ask(self, reach: Reach, path: str, query: dict[str, str]) -> dict[str, Any]:
        now = self._monotonic()
        at = max(self._free_at.get(reach.account.id, now), now)
        self._free_at[reach.account.id] = at + _APART_S
        if at > now:
            await self._sleep(at - now)
        return await self._graph.get(path, query, base_url=reach.base_url, token=reach.token)


def _next(answer: dict[str, Any]) -> str | None:
    """Where the next page begins. Its whole address is given too, but that holds the token."""
    paging = obj(answer.get("paging"))
    return text(obj(paging.get("cursors")).get("after")) if paging.get("next") else None


def _conversation(reach: Reach, found: dict[str, Any]) -> PastConversation | None:
    conversation_id, updated_at = ident(found.get("id")), reading.time_of(found.get("updated_time"))
    if conversation_id is None or updated_at is None:
        return None
    people = [obj(each) for each in items(obj(found.get("participants")).get("data"))]
    other = next((person for person in people if not _is_ours(reach, person)), {})
    return PastConversation(
        id=conversation_id, updated_at=updated_at, addresses=_addresses(reach, other), name=_name(other)
    )


def _message(reach: Reach, found: dict[str, Any]) -> Inbound | Echo | None:
    """None where Meta tells no details: not even who wrote it, or to whom."""
    provider_id, sent_at = ident(found.get("id")), reading.time_of(found.get("created_time"))
    sender = obj(found.get("from"))
    if provider_id is None or sent_at is None:
        return None
    if not _is_ours(reach, sender):
        return _inbound(reach, found, provider_id, sent_at, sender)
    recipients = [obj(each) for each in items(obj(found.get("to")).get("data"))]
    other = next((person for person in recipients if not _is_ours(reach, person)), {})
    return _echo(reach, found, provider_id, sent_at, other)


def _inbound(
    reach: Reach, found: dict[str, Any], provider_id: str, sent_at: datetime, contact: dict[str, Any]
) -> Inbound | None:
    addresses, message = _addresses(reach, contact), _as_in_a_webhook(found)
    if not addresses:
        return None
    words = messaging_words.read(message)
    return Inbound(
        account=reach.account.provider_id,
        addresses=addresses,
        provider_id=provider_id,
        kind=words.kind,
        sent_at=sent_at,
        name=text(contact.get("name")),
        text=words.text,
        reply_to=words.reply_to,
        content=words.content,
        attachments=messaging_attachments.files(_network(reach), message),
        recovered=True,
    )


def _echo(
    reach: Reach, found: dict[str, Any], provider_id: str, sent_at: datetime, contact: dict[str, Any]
) -> Echo | None:
    addresses, message = _addresses(reach, contact), _as_in_a_webhook(found)
    if not addresses:
        return None
    words = messaging_words.read(message)
    return Echo(
        account=reach.account.provider_id,
        addresses=addresses,
        provider_id=provider_id,
        source=EchoSource.PHONE,
        kind=TEXT if words.kind == BUTTON else words.kind,
        sent_at=sent_at,
        text=words.text,
        reply_to=words.reply_to,
        content=words.content,
        attachments=messaging_attachments.files(_network(reach), message),
        may_be_ours=True,
        recovered=True,
    )


def _as_in_a_webhook(found: dict[str, Any]) -> dict[str, Any]:
    """What is said the one way, said the other, so that both are read by the same hand."""
    message: dict[str, Any] = {}
    if text(found.get("message")) is not None:
        message["text"] = found["message"]
    attached = found.get("attachments")
    listed = items(attached) or items(obj(attached).get("data"))
    if listed:
        message["attachments"] = [_attachment(obj(each)) for each in listed]
    answered = obj(found.get("reply_to"))
    if answered:
        message["reply_to"] = {**answered, "mid": ident(answered.get("mid")) or ident(answered.get("id"))}
    if found.get("is_unsupported"):
        message["is_unsupported"] = True
    return message


def _attachment(found: dict[str, Any]) -> dict[str, Any]:
    """`{type, payload{url}}` already, or to be told by its `mime_type` and where its address stands."""
    if text(found.get("type")) is not None:
        return found
    kind = (text(found.get("mime_type")) or "").partition("/")[0]
    places = (*(obj(found.get(f"{each}_data")) for each in ("image", "video", "audio")), found)
    urls = (text(place.get(name)) for place in places for name in ("url", "file_url"))
    named = {"name": found["name"]} if text(found.get("name")) else {}
    url = next((url for url in urls if url), None)
    return {"type": kind if kind in ("image", "video", "audio") else "file", "payload": {"url": url, **named}}


def _network(reach: Reach) -> Dialect:
    return _NETWORKS[reach.account.channel]


def _is_ours(reach: Reach, person: dict[str, Any]) -> bool:
    """By any id that we know the account by; Instagram has several for one, and its name is the same under each."""
    name = reach.account.channel_settings.username
    named = name is not None and text(person.get("username")) == name
    return named or ident(person.get("id")) in (reach.account.provider_id, reach.node)


def _addresses(reach: Reach, person: dict[str, Any]) -> tuple[Address, ...]:
    person_id = ident(person.get("id"))
    return (Address(kind=_network(reach).person, value=person_id),) if person_id else ()


def _name(person: dict[str, Any]) -> str | None:
    return text(person.get("name"))
