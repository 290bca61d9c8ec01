"""Pombo, a messenger that does not exist: both ways of a channel in one file. See docs/new-channel.md."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import quote

from connectors import reading
from connectors.arrival_order import in_order
from connectors.graph import GraphClient
from connectors.reading import Unreadable, ident, items, obj
from connectors.text import shorten, split
from connectors.webhook import WebhookConnector
from conversation.arrivals import BUTTON, TEXT, Arrival, Echo, EchoSource, Inbound, StatusReport, Unfamiliar
from conversation.contact import Address, AddressKind
from conversation.errors import SendError
from conversation.message import Author, MessageStatus
from runtime.channel import Outgoing, Rendered, Utterance, WayOut
from runtime.clock import Clock, SystemClock
from store.buttons import Button

SERVER = "https://api.pombo.example"
_TEXT, _LABEL, _CHOICES = 500, 30, 8
_STATUSES = {status.value: status for status in (MessageStatus.DELIVERED, MessageStatus.READ, MessageStatus.FAILED)}

# The way in.


class Pombo(WebhookConnector):
    """What Pombo tells us: `{"bot": …, "events": [{"kind": …, "at": …, …}]}`, signed in a header of its own."""

    channel = "pombo"
    signature_header = "X-Pombo-Signature"

    def __init__(self, clock: Clock | None = None) -> None:
        self._clock = clock or SystemClock()

    def accounts_in(self, body: dict[str, Any]) -> set[str]:
        account = ident(body.get("bot"))
        return {account} if account is not None else set()

    def parse(self, body: dict[str, Any], known: Collection[str] | None = None) -> list[Arrival]:
        account, events, now = ident(body.get("bot")), body.get("events"), self._clock.now()
        if account is None or not isinstance(events, list) or not events:
            return [Unfamiliar(account=account, kind="unreadable_body", body=body, key=reading.digest(body))]
        if known is not None and account not in known:
            return [Unfamiliar(account=account, kind="unknown_account", body=body, key=reading.digest(body))]
        rest = {key: piece for key, piece in body.items() if key not in ("bot", "events")}
        found = [_event(account, event, now) for event in events]
        return in_order([*found, *([_kept(account, "body_other", rest)] if rest else [])], now)


def _event(account: str, event: Any, now: datetime) -> Arrival:
    """One event by itself: a bad one never hurts the others, and what nobody knows is kept."""
    kind = reading.text(obj(event).get("kind"))
    if kind not in _READERS:
        return _kept(account, kind or "unreadable_event", event)
    try:
        return _READERS[kind](account, event, now)
    except Unreadable:
        return _kept(account, f"unreadable_{kind}", event)


def _kept(account: str, kind: str, piece: Any) -> Unfamiliar:
    return Unfamiliar(account=account, kind=kind, body=reading.whole(piece), key=reading.digest(account, piece))


def _written(account: str, event: dict[str, Any], now: datetime) -> Inbound:
    choice = ident(obj(event.get("choice")).get("id"))
    return Inbound(
        account=account,
        addresses=_person(event.get("from"), account),
        provider_id=_id(event),
        kind=TEXT if choice is None else BUTTON,
        sent_at=reading.instant(event.get("at"), now),
        name=reading.text(obj(event.get("from")).get("name")),
        text=reading.text(event.get("text")),
        choice=choice,
        content=_rest(event, "from"),
    )


def _from_the_app(account: str, event: dict[str, Any], now: datetime) -> Echo:
    """Somebody of ours wrote on the app. Pombo does not echo what is sent by its API."""
    return Echo(
        account=account,
        addresses=_person(event.get("to"), account),
        provider_id=_id(event),
        source=EchoSource.PHONE,
        kind=TEXT,
        sent_at=reading.instant(event.get("at"), now),
        text=reading.text(event.get("text")),
        content=_rest(event, "to"),
    )


def _reported(account: str, event: dict[str, Any], now: datetime) -> StatusReport:
    status = _STATUSES.get(str(event.get("status")))
    if status is None:
        raise Unreadable("a status that nobody knows")
    return StatusReport(
        account=account,
        provider_id=_id(event),
        status=status,
        at=min(reading.instant(event.get("at"), now), now),
        opaque=reading.text(event.get("ref")),
    )


_READERS: dict[str, Callable[[str, dict[str, Any], datetime], Arrival]] = {
    "message": _written,
    "from_app": _from_the_app,
    "status": _reported,
}


def _person(given: Any, account: str) -> tuple[Address, ...]:
    found = ident(obj(given).get("id"))
    if found is None or found == account:
        raise Unreadable("nobody is named")
    return (Address(kind=AddressKind.USER, value=found),)


def _id(event: dict[str, Any]) -> str:
    found = ident(event.get("id"))
    if found is None:
        raise Unreadable("it has no id")
    return found


def _rest(event: dict[str, Any], person: str) -> dict[str, Any]:
    """What has no place of its own, for people to see."""
    return {key: piece for key, piece in event.items() if key not in ("kind", "id", "at", "text", person)}


# The way out.


class PomboChannel:
    """What we ask of Pombo. It has no signs for reading and typing."""

    def __init__(self, graph: GraphClient, base_url_of: Callable[[str], str]) -> None:
        self._graph = graph
        self._base_url_of = base_url_of

    def render(self, utterance: Utterance, new_token: Callable[[], str]) -> list[Rendered]:
        """The text in pieces, what can be chosen below the last; what Pombo has no form for is written out."""
        made = [button for button in utterance.buttons if _label(button)]
        fits = len(made) <= _CHOICES
        text = "\n".join([utterance.text or "", *_lines(utterance), *(() if fits else map(_label, made))]).strip()
        pieces = split(text, _TEXT) or (["👇"] if made else [])
        rendered = [Rendered(kind="text", text=piece, body={"text": piece}) for piece in pieces]
        if made and fits:
            rendered[-1] = _with_choices(pieces[-1], made, new_token)
        return rendered

    def signals(self, provider_id: str, *, typing: bool, author: Author) -> list[dict[str, Any]]:
        return []

    async def send(self, outgoing: Outgoing) -> str | None:
        answer = await self._graph.post(
            f"/bots/{quote(outgoing.account, safe='')}/messages",
            {**outgoing.body, "to": _recipient(outgoing.addresses), "ref": outgoing.opaque},
            base_url=self._base_url_of(outgoing.account),
            token=outgoing.token,
            check=outgoing.check,
        )
        provider_id = ident(answer.get("id"))
        if provider_id is None:
            raise SendError("Nobody knows whether Pombo took it: its answer names no message.", unknown=True)
        return provider_id


def way_out(graph: GraphClient, base_url_of: Callable[[str], str]) -> WayOut:
    return WayOut(channel=PomboChannel(graph, base_url_of))


def _with_choices(text: str, asked: Sequence[dict[str, Any]], new_token: Callable[[], str]) -> Rendered:
    buttons = [
        Button(token=new_token(), title=_label(each), payload=str(each.get("payload") or _label(each)))
        for each in asked
    ]
    choices = [{"id": button.token, "label": shorten(button.title, _LABEL)} for button in buttons]
    return Rendered(kind="buttons", text=text, body={"text": text, "choices": choices}, buttons=buttons)


def _label(button: dict[str, Any]) -> str:
    return " ".join(str(button.get("title") or button.get("payload") or "").split())


def _lines(utterance: Utterance) -> Iterator[str]:
    """Pictures, files and cards as their addresses and titles."""
    attachment = obj(utterance.attachment)
    payload = obj(attachment.get("payload")) or attachment
    links = [utterance.image, utterance.attachment, payload.get("url"), payload.get("src")]
    yield from (link for link in links if isinstance(link, str) and link.startswith("https://"))
    yield from (str(title) for element in items(utterance.elements) if (title := obj(element).get("title")))


def _recipient(addresses: Sequence[Address]) -> str:
    for address in addresses:
        if address.kind is AddressKind.USER:
            return address.value
    raise SendError("The contact has no address on Pombo.")
