"""What Messenger and Instagram have in common: the requests businesses make.

What may be sent is in `messaging_sends.py`, to whom and when in `messaging_gate.py`; `messaging_webhooks.py` has what
comes back.
"""

from __future__ import annotations

import os
from typing import Any

from emulator import messaging_gate as gate
from emulator.channel import Desk, Done, Summary
from emulator.chats import Item, now_ms
from emulator.fields import Json
from emulator.graph_errors import GraphError
from emulator.messaging_checks import object_in, only, text_in
from emulator.messaging_rules import EMOJI, Rules
from emulator.messaging_sends import Checked, content, reusable
from emulator.messaging_webhooks import MessagingWebhooks
from emulator.people import Account, Customer

_ACTIONS = ("typing_on", "typing_off", "mark_seen", "react", "unreact")
_SIGNALS = {
    "mark_seen": "read",
    "typing_on": "typing",
    "typing_off": "typing",
    "react": "reaction",
    "unreact": "reaction",
}
_COMMON = {
    "text",
    "quick_reply",
    "postback",
    "attachment",
    "image",
    "sticker",
    "reaction",
    "edit",
    "referral",
    "comment",
}
INBOUND = frozenset(_COMMON | {"unsupported", "raw"})
OPENING = frozenset(_COMMON - {"edit", "comment"} | {"unsupported", "raw"})


class Messaging(MessagingWebhooks):
    """A network of this kind: what the business asks of Graph API."""

    rules: Rules

    def may_react(self, account: Account, reaction: str) -> bool:
        """As the business, with this."""
        return True

    def summary(self, method: str, path: list[str], body: Any) -> Summary:
        if path[1:] != ["messages"] or method != "POST":
            return Summary(kind="node" if method == "GET" and len(path) == 1 else "other")
        if not isinstance(body, dict):
            return Summary(kind="malformed")
        recipient = body.get("recipient")
        to = next(iter(recipient.values()), None) if isinstance(recipient, dict) else None
        to = to if isinstance(to, str) else None
        if "sender_action" in body:
            return Summary(kind=_SIGNALS.get(str(body["sender_action"]), "malformed"), to=to)
        message = body.get("message")
        if not isinstance(message, dict):
            return Summary(kind="malformed", to=to)
        return Summary(kind=_kind_of(message), to=to, text=_text_of(message), opaque=_str(message.get("metadata")))

    def node(self, account: Account, fields: list[str]) -> Json:
        known: Json = {"id": account.id, "name": account.name, "username": account.name.lower().replace(" ", ".")}
        if account.channel == "instagram":
            seed = sum(map(ord, account.id))
            known |= {"followers_count": 100 + seed % 9_000, "follows_count": seed % 300, "media_count": seed % 80}
        wanted = [f for f in fields if f in known] or ["name"]
        return {field: known[field] for field in dict.fromkeys([*wanted, "id"])}

    def act(self, desk: Desk, account: Account, path: list[str], body: Any) -> Done:
        """`POST /{Page or account id}/messages` [MSG docs: Send API; IG docs: send messages]"""
        if path != ["messages"]:
            raise GraphError(100, f"Unknown path components: /{'/'.join(path)}")
        if not isinstance(body, dict):
            raise GraphError(100, "The body must be a JSON object.")
        gate.keys(body, self.rules)
        if "sender_action" in body:
            return self._signal(desk, account, body)
        return self._send(desk, account, body)

    def _send(self, desk: Desk, account: Account, body: Json) -> Done:
        message = object_in(body, "message", "the request")
        if body.get("payload") is not None:
            raise GraphError(100, "payload goes with a sender_action only.")
        own = desk.assets.of(account.id)
        checked = content(message, self.rules, own)
        persona = gate.persona(own, body)
        recipient = gate.recipient_of(desk, account, body, self.rules)
        gate.allowed_now(desk, account, recipient, body, self.rules)
        control = gate.thread_control(body)
        item = self._item(account, recipient.customer, body, checked, persona)
        gate.answered(recipient)
        if control is not None:
            _hand_over(desk, account, recipient.customer, *control)
        answer = {"recipient_id": self.address(account, recipient.customer), "message_id": item.id}
        return Done(answer={**answer, **_kept(desk, account, message)}, sent=item)

    def _item(self, account: Account, customer: Customer, body: Json, checked: Checked, persona: str) -> Item:
        reply_to = body.get("reply_to")
        if reply_to is not None:
            only(object_in(body, "reply_to", "the request"), {"mid"}, "reply_to")
        return Item(
            id=self.new_id(),
            account=account.id,
            customer=customer.phone,
            by="business",
            kind=checked.kind,
            text=checked.text,
            at_ms=now_ms(),
            view={**checked.view, **({"persona": persona} if persona else {})},
            reply_to=text_in(reply_to, "mid", "reply_to", 512) if reply_to is not None else None,
            opaque=checked.metadata,
            body=body["message"],
        )

    def _signal(self, desk: Desk, account: Account, body: Json) -> Done:
        """Alone in its request [MSG docs: sender actions]; a reaction says to what."""
        action = text_in(body, "sender_action", "the request", 20)
        if action not in _ACTIONS:
            raise GraphError(100, f"sender_action must be one of {', '.join(_ACTIONS)}.")
        reacting = action in ("react", "unreact")
        alone = {"recipient", "sender_action"} | ({"payload"} if reacting else set())
        if self.rules.personas and action.startswith("typing"):
            alone.add("persona_id")
        only(body, alone, "a request with a sender_action")
        gate.persona(desk.assets.of(account.id), body)
        customer = gate.recipient_of(desk, account, body, self.rules).customer
        answer = {"recipient_id": self.address(account, customer)}
        if reacting:
            reaction = self._reaction(desk, account, customer, action, body)
            return Done(answer=answer, customer=customer.phone, reaction=reaction)
        if action == "mark_seen":
            last = desk.chats.last_of_customer(account.id, customer.phone)
            return Done(answer=answer, customer=customer.phone, read=last)
        return Done(answer=answer, customer=customer.phone, typing=action == "typing_on")

    def _reaction(self, desk: Desk, account: Account, customer: Customer, action: str, body: Json) -> tuple[str, str]:
        """To which message, and the emoji: none takes it back."""
        payload = object_in(body, "payload", "the request")
        only(payload, {"message_id"} | ({"reaction"} if action == "react" else set()), "payload")
        target = text_in(payload, "message_id", "payload", 512)
        emoji = text_in(payload, "reaction", "payload", EMOJI) if action == "react" else ""
        item = desk.chats.find(target)
        if item is None or item.customer != customer.phone or item.account != account.id:
            raise GraphError(100, "payload.message_id is not a message of this conversation.")
        if emoji and not self.may_react(account, emoji):
            raise GraphError(100, f"payload.reaction {emoji!r} may not be given by this account.")
        return target, "❤️" if emoji == "love" else emoji


def _hand_over(desk: Desk, account: Account, customer: Customer, kind: str, app: str) -> None:
    if kind == "pass":
        desk.threads.give(account.id, customer.phone, app)
    else:
        desk.threads.release(account.id, customer.phone)


def _kept(desk: Desk, account: Account, message: Json) -> Json:
    """The id by which a reusable file may be sent again."""
    file = reusable(message)
    if file is None:
        return {}
    attachment_id = str(int.from_bytes(os.urandom(6), "big") + 10**14)
    desk.assets.attachments[attachment_id] = {"account": account.id, **file}
    return {"attachment_id": attachment_id}


def _kind_of(message: Json) -> str:
    attachment = message.get("attachment")
    if isinstance(attachment, dict):
        return attachment["type"] if isinstance(attachment.get("type"), str) else "malformed"
    if "attachments" in message:
        return "image"
    return "template" if "template" in message else "text"


def _text_of(message: Json) -> str | None:
    """The words of it, also of a template's."""
    attachment = message.get("attachment")
    payload = attachment.get("payload") if isinstance(attachment, dict) else None
    return _str(message.get("text") or (payload.get("text") if isinstance(payload, dict) else None))


def _str(value: Any) -> str | None:
    return value if isinstance(value, str) else None
