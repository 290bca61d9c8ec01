"""The dashboard's sockets: who is let in and how, what each is told, and how it ends."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from bench.dashboards import line, objects
from bench.dashboards.given import Given, Scene
from bench.dashboards.kinds import Kind, array, date, full, maybe, of, one_of, text, whole
from bench.dashboards.line import Line, Told
from bench.dashboards.page import Page
from bench.dashboards.rows import must

_INBOX = "/ws/whatsapp/dashboard/"
PATHS = {
    _INBOX: "whatsapp",
    "/ws/whatsapp/{account}/": "whatsapp",
    "/ws/instagram/{account}/": "instagram",
    "/ws/messenger/{account}/": "messenger",
    "/ws/messenger/all/": "messenger",
    "/ws/handover/{talk}/": "whatsapp",
}
#: The seed's page comes again at once, hundreds of times a minute, whatever it is answered.
_LOOPS = 60
_LASTING = of(id=full, content=text, created_at=date)

EVENTS: dict[str, Kind] = {
    "message_received": of(
        conversation_id=full, message=objects.MESSAGE, contact=maybe(of(wa_id=text, name=maybe(text)))
    ),
    "message_sent": of(conversation_id=full, message=objects.MESSAGE),
    "status_updated": of(
        message_id=full,
        status=one_of("pending", "sent", "delivered", "read", "failed"),
        timestamp=maybe(date),
        whatsapp_message_id=maybe(text),
    ),
    "conversation_updated": of(conversation=objects.CONVERSATION),
    "handover_mode_changed": of(
        conversation_id=full, handover_status=objects.STANDING, assigned_to=maybe(text), assigned_to_name=maybe(text)
    ),
    "typing": of(conversation_id=full),
    "error": of(error_code=full, error_message=full, message_id=maybe(full)),
}
_INSTAGRAM: dict[str, Kind] = {
    "message_received": of(
        message=objects.INSTAGRAM_MESSAGE, conversation=objects.INSTAGRAM_CONVERSATION, sender=of(id=full)
    ),
    "message_sent": of(message=objects.INSTAGRAM_MESSAGE, conversation_id=full),
    "message_seen": of(message_id=full, conversation_id=full, seen_at=date),
    "conversation_updated": of(conversation=objects.INSTAGRAM_CONVERSATION),
    "story_mention": of(message=objects.INSTAGRAM_MESSAGE),
}
_MESSENGER: dict[str, Kind] = {
    "message": of(
        conversation_id=full,
        message=of(id=full, sender_id=full, sender_name=text, content=text, message_type=full, created_at=date),
    ),
    "conversation_update": of(conversation_id=full, data=of(last_message_at=maybe(date), unread_count=whole)),
}
_HANDOVER: dict[str, Kind] = {
    "handover.updated": of(conversation_id=full, handover_status=objects.STANDING),
    "handover.requested": of(conversation_id=full, request_id=full),
}

Ask = Callable[[Given], Awaitable[None]]


@dataclass(frozen=True, kw_only=True)
class SocketRow:
    label: str
    on: str
    ask: Ask


def rows() -> list[SocketRow]:
    made = [_row(f"WS {path}: {what}", on, ask, path) for path, on in PATHS.items() for what, ask in _HANDSHAKES]
    named = (
        ("WS message_received, message_sent of the assistant", "whatsapp", _arrives_and_is_answered),
        ("WS message_sent of a person, status_updated", "whatsapp", _is_sent_and_ticked),
        ("WS handover_mode_changed, conversation_updated", "whatsapp", _changes_hands),
        ("WS typing", "whatsapp", _somebody_types),
        ("WS error", "whatsapp", _fails),
        ("WS subscribe_conversation, unsubscribe_conversation", "whatsapp", _subscribes),
        ("WS /ws/instagram/: events", "instagram", _instagram_events),
        ("WS /ws/messenger/: events", "messenger", _messenger_events),
        ("WS /ws/handover/: events", "whatsapp", _handover_events),
        (f"WS {_LOOPS} handshakes in a loop", "whatsapp", _loops),
    )
    return [*made, *(SocketRow(label=label, on=on, ask=ask) for label, on, ask in named)]


def _row(label: str, on: str, ask: Callable[[Given, str], Awaitable[None]], path: str) -> SocketRow:
    return SocketRow(label=label, on=on, ask=lambda given: ask(given, path))


def address_of(scene: Scene, path: str) -> str:
    return scene.product.address.replace("http", "ws", 1) + path


@contextlib.asynccontextmanager
async def _live(given: Given, path: str = _INBOX) -> AsyncIterator[Line]:
    address = address_of(given.scene, await given.filled(path))
    async with line.live(given.page.http, address, str(given.page.token)) as found:
        yield found


def _fits(told: Told, kinds: dict[str, Kind]) -> Told:
    for complaint in kinds[told["type"]](told, told["type"]):
        must(False, complaint)
    return told


# Who is let in


async def _by_first_message(given: Given, path: str) -> None:
    async with _live(given, path) as inbox:
        for complaint in maybe(array(text, least=0))(inbox.told[0].get("accounts"), "accounts"):
            must(False, complaint)
        await inbox.say(type="ping")
        await inbox.hears("pong")


async def _by_address(given: Given, path: str) -> None:
    """The seed's page says nothing; one that does both is let in too."""
    address = address_of(given.scene, await given.filled(path))
    async with line.opened(given.page.http, f"{address}?token={given.page.token}") as inbox:
        await inbox.hears("connection_established")
        await inbox.say(type="auth", token=given.page.token)
        await inbox.say(type="ping")
        await inbox.hears("pong")


async def _refused(given: Given, path: str) -> None:
    """For good, and after the handshake: what is refused before looks to the page like a line that is cut."""
    address = address_of(given.scene, await given.filled(path))
    async with line.opened(given.page.http, address) as inbox:
        await inbox.say(type="auth", token="no-token-of-ours")
        must((code := await inbox.closes()) == 4001, f"a bad token is closed with {code}")
    async with line.opened(given.page.http, f"{address}?token=no-token-of-ours") as inbox:
        must((code := await inbox.closes()) == 4001, f"a bad token in the address is closed with {code}")


_HANDSHAKES = (
    ("token in the first message, ping", _by_first_message),
    ("token in the address, ping", _by_address),
    ("a bad token: 4001", _refused),
)


async def _loops(given: Given) -> None:
    address = f"{address_of(given.scene, _INBOX)}?token={given.page.token}"

    async def once() -> None:
        async with line.opened(given.page.http, address) as inbox:
            await inbox.hears("connection_established")

    for _ in range(_LOOPS // 10):
        await asyncio.gather(*(once() for _ in range(10)))
    async with _live(given) as inbox:
        await inbox.say(type="ping")
        await inbox.hears("pong")


# What WhatsApp's is told


async def _arrives_and_is_answered(given: Given) -> None:
    """Whether or not its talk was subscribed to; of somebody new too."""
    async with _live(given) as inbox:
        talk = await given.get("talk")
        received = _fits(await inbox.hears("message_received", _of(talk)), EVENTS)
        must(received["message"]["direction"] == "inbound", "what came is shown as ours")
        sent = _fits(await inbox.hears("message_sent", _of(talk)), EVENTS)
        must(sent["message"]["direction"] == "outbound", "what was answered is shown as theirs")
        chat = await given.page.ask("GET", f"/conversations/{talk}/messages/", query={"limit": "100"})
        told = [received["message"]["id"], sent["message"]["id"]]
        must([each["id"] for each in chat.results] == told, "the chat has other ids than the socket told")


async def _is_sent_and_ticked(given: Given) -> None:
    talk = await given.get("talk")
    async with _live(given) as inbox:
        body = {"account_id": await given.get("account"), "to": await given.get("peer"), "text": "hello from a person"}
        sent = await given.page.ask("POST", "/whatsapp/messages/send_text/", body)
        must(sent.status < 300, f"a text is answered {sent}")
        number = sent.body["id"]
        told = _fits(await inbox.hears("message_sent", lambda told: told["message"]["id"] == number), EVENTS)
        must(told["conversation_id"] == talk, "it is told of another talk")
        for status in ("sent", "delivered"):
            _fits(await inbox.hears("status_updated", _tick(number, status)), EVENTS)
        product, customer = given.scene.product, await given.get("customer")
        await product.emulator.ask("POST", "read", {"account": customer.number, "customer": customer.phone})
        _fits(await inbox.hears("status_updated", _tick(number, "read")), EVENTS)


async def _changes_hands(given: Given) -> None:
    talk = await given.get("talk")
    async with _live(given) as inbox:
        for verb, standing in (("human", "human"), ("bot", "bot"), ("request", "pending")):
            path = f"/handover/conversations/{talk}/handover/{verb}/"
            ordered = await given.page.ask("POST", path, {"reason": "complaint"})
            must(ordered.status < 300, f"{verb} is answered {ordered}")
            changed = await inbox.hears("handover_mode_changed", _stands(talk, standing))
            _fits(changed, EVENTS)
        updated = await inbox.hears("conversation_updated", lambda told: told["conversation"]["id"] == talk)
        _fits(updated, EVENTS)


async def _somebody_types(given: Given) -> None:
    talk = await given.get("talk")
    somebody: Page = await given.get("signed_in")
    other_line = line.live(given.page.http, address_of(given.scene, _INBOX), str(somebody.token))
    async with _live(given) as inbox, other_line as other:
        await other.say(type="typing", conversation_id=talk, is_typing=True)
        _fits(await inbox.hears("typing", _of(talk)), EVENTS)


async def _fails(given: Given) -> None:
    await given.get("spare")
    talk = await given.get("talk")
    product, provider = given.scene.product, await given.get("provider")
    await product.emulator.faults(account=provider, error={"code": 131026, "times": 5})
    async with _live(given) as inbox:
        body = {"account_id": await given.get("spare"), "to": await given.get("peer"), "text": "nobody gets this"}
        sent = await given.page.ask("POST", "/whatsapp/messages/send_text/", body)
        must(sent.status < 300, f"a text is answered {sent}")
        _fits(await inbox.hears("status_updated", _tick(sent.body["id"], "failed")), EVENTS)
        _fits(await inbox.hears("error", lambda told: told.get("message_id") == sent.body["id"]), EVENTS)
    must(talk, "there is a talk")


async def _subscribes(given: Given) -> None:
    """The page sends this pair at nearly every change of what it shows."""
    talk = await given.get("talk")
    async with _live(given) as inbox:
        for _ in range(50):
            await inbox.say(type="subscribe_conversation", conversation_id=talk)
            await inbox.say(type="unsubscribe_conversation", conversation_id=talk)
        await inbox.say(type="subscribe_conversation", conversation_id="nobody's")
        await inbox.say(type="something_else")
        await inbox.say(type="ping")
        await inbox.hears("pong")


# What the others are told


async def _instagram_events(given: Given) -> None:
    async with _live(given, "/ws/instagram/{account}/") as inbox:
        talk = await given.get("talk")

        def here(told: Told) -> bool:
            whose = told["conversation"]["id"] if "conversation" in told else told["conversation_id"]
            return bool(whose == talk)

        _fits(await inbox.hears("message_received", here), _INSTAGRAM)
        sent = _fits(await inbox.hears("message_sent", here), _INSTAGRAM)
        must(sent["message"]["direction"] == "outbound", "what was answered is shown as theirs")
        product, customer = given.scene.product, await given.get("customer")
        whose = {"account": customer.number, "customer": customer.phone}
        await given.until(lambda: _was_delivered(given, talk), "the answer is sent")
        await product.emulator.ask("POST", "read", whose)
        _fits(await inbox.hears("message_seen", here), _INSTAGRAM)
        await product.emulator.ask("POST", "say", {**whose, "story_mention": {}})
        _fits(await inbox.hears("story_mention", here), _INSTAGRAM)
        await given.page.ask("POST", f"/conversations/{talk}/add_tag/", {"tag": "vip"})
        _fits(await inbox.hears("conversation_updated", here), _INSTAGRAM)


async def _messenger_events(given: Given) -> None:
    async with _live(given, "/ws/messenger/all/") as inbox, _live(given, "/ws/messenger/{account}/") as one:
        talk = await given.get("talk")
        for each in (inbox, one):
            _fits(await each.hears("message", _of(talk)), _MESSENGER)
            _fits(await each.hears("conversation_update", _of(talk)), _MESSENGER)


async def _handover_events(given: Given) -> None:
    talk = await given.get("talk")
    async with _live(given, "/ws/handover/{talk}/") as inbox:
        await given.page.ask("POST", f"/handover/conversations/{talk}/handover/request/", {"reason": "complaint"})
        _fits(await inbox.hears("handover.requested", _of(talk)), _HANDOVER)
        await given.page.ask("POST", f"/handover/conversations/{talk}/handover/human/")
        _fits(await inbox.hears("handover.updated", _stands(talk, "human")), _HANDOVER)


async def _was_delivered(given: Given, talk: str) -> bool:
    listed: list[Any] = await given.scene.product.operators.messages(talk)
    return all(each["status"] in ("sent", "accepted", "delivered") for each in listed if each["author"] == "bot")


def _of(talk: str) -> Callable[[Told], bool]:
    return lambda told: bool(told["conversation_id"] == talk)


def _stands(talk: str, standing: str) -> Callable[[Told], bool]:
    return lambda told: bool(told["conversation_id"] == talk and told["handover_status"] == standing)


def _tick(message_id: str, status: str) -> Callable[[Told], bool]:
    return lambda told: bool(told["message_id"] == message_id and told["status"] == status)
