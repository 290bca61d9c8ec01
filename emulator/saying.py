"""What customers do, by script or by thumb: it becomes a bubble on the phone and a webhook to the product."""

from __future__ import annotations

import asyncio
import json
import time
from dataclasses import dataclass
from typing import Any

from emulator import signature
from emulator.channel import Channel, Said
from emulator.chats import Chats, Item, now_ms
from emulator.faults import FaultBook
from emulator.fields import Faulty, Fields, Json
from emulator.people import Account, Customer, People, digits
from emulator.webhooks import Outcome, Webhooks

_DEEDS = ("text", "button", "list", "reaction", "image", "unsupported", "raw")
_MOST_AT_ONCE = 1000


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """How a body goes to the product."""

    times: int = 1  # that often at once
    post: bool = True


def delivery_of(fields: Fields) -> Delivery:
    return Delivery(times=fields.whole("times", 1, low=1, high=_MOST_AT_ONCE), post=fields.flag("deliver", True))


class Saying:
    """Parses what is to be said, shows it, sends it."""

    def __init__(
        self,
        channels: dict[str, Channel],
        people: People,
        chats: Chats,
        webhooks: Webhooks,
        faults: FaultBook,
    ) -> None:
        self._channels = channels
        self._people = people
        self._chats = chats
        self._webhooks = webhooks
        self._faults = faults

    async def say(self, raw: Json) -> Json:
        """One message of one customer; `times` sends the very same body that often at once."""
        fields = Fields(raw)
        account, delivery = self.account(fields), delivery_of(fields)
        customer, said = self.said(fields, account)
        item, message = self._shown(account, customer, said)
        return {
            "id": said.id,
            **await self.deliver(account, self._body(account, [(customer, message)]), item, delivery),
        }

    async def batch(self, raw: Json) -> Json:
        """Several messages of several customers in one webhook body."""
        fields = Fields(raw)
        account = self.account(fields)
        messages = fields.objects("messages")
        if not 1 <= len(messages) <= _MOST_AT_ONCE:
            fields.fault("messages", f"must have from 1 to {_MOST_AT_ONCE} items")
        fields.finish()
        # All are read before any is shown, so that a fault in the last leaves nothing half done.
        said = [self.said(Fields(one, f"messages[{n}]"), account) for n, one in enumerate(messages)]
        shown = [(customer, *self._shown(account, customer, one)) for customer, one in said]
        body = self._body(account, [(customer, message) for customer, _, message in shown])
        outcome = await self._post(account, body, [item for _, item, _ in shown], repeat=True)
        return {"ids": [one.id for _, one in said], **_outcome(outcome)}

    async def webhook(self, raw: Json) -> Json:
        """Signs and posts anything: exact text or an object as `body`, or a `value` for an envelope.

        `secret` null leaves the signature out."""
        fields = Fields(raw)
        account = self.account(fields)
        whole, value = fields.any("body"), fields.any("value")
        given_secret = fields.any("secret")
        times = fields.whole("times", 1, low=1, high=_MOST_AT_ONCE)
        if (whole is None) == (value is None):
            fields.fault("body", "or value must be given, not both")
        if value is not None and not isinstance(value, dict):
            fields.fault("value", "must be an object")
        if given_secret is not None and not isinstance(given_secret, str):
            fields.fault("secret", "must be text or null")
        fields.finish()
        channel = self._channels[account.channel]
        if isinstance(value, dict):
            for phone in channel.senders(value):
                self._chats.customer_wrote(account.id, phone)
            whole = channel.webhook(account, value)
        body = whole.encode() if isinstance(whole, str) else signature.body_bytes(whole)
        secret = (given_secret or "") if "secret" in raw else None
        outcomes = await asyncio.gather(
            *(
                self._webhooks.post(account, body, about="by hand", secret=secret, retries=lambda: False)
                for _ in range(times)
            )
        )
        if times == 1:
            return {
                **_outcome(outcomes[0]),
                "answer": outcomes[0].answer,
                "body": body.decode("utf-8", "replace"),
            }
        return {"status": [o.status for o in outcomes], "ms": [o.ms for o in outcomes]}

    async def deliver(
        self, account: Account, body: bytes, item: Item | None, delivery: Delivery, about: str = "message"
    ) -> Json:
        """Posts it as often as asked, at once, and tells how that went; or shows what would have been posted."""
        if not delivery.post:
            return {"status": None, "ms": 0, "body": body.decode()}
        items = [item] if item is not None else []
        copies = (self._post(account, body, items, repeat=n == 0, about=about) for n in range(delivery.times))
        outcomes = await asyncio.gather(*copies)
        if delivery.times == 1:
            return _outcome(outcomes[0])
        return {"status": [o.status for o in outcomes], "ms": [o.ms for o in outcomes]}

    def account(self, fields: Fields) -> Account:
        account = self._people.accounts.get(fields.text("account"))
        if account is None:
            raise Faulty(["account is not one of the accounts here", *fields.problems])
        return account

    def customer(self, fields: Fields) -> Customer:
        return self._people.customer(_phone(fields))

    def said(self, fields: Fields, account: Account) -> tuple[Customer, Said]:
        phone = _phone(fields)
        deeds = [deed for deed in _DEEDS if fields.has(deed)]
        if len(deeds) != 1:
            fields.fault("text", f"or one of {', '.join(_DEEDS[1:])} must be given, and only one")
        kind = deeds[0] if deeds else "text"
        parts = _parts(fields, kind)
        reply_to = fields.text("reply_to", "") or None
        if reply_to is None and kind in ("button", "list") and not fields.problems:
            reply_to = self._chats.offered_in(account.id, phone, parts["choice"]["id"])
        said = Said(
            id=fields.text("id", self._channels[account.channel].new_id()),
            kind=kind,
            at_s=fields.whole("timestamp", int(time.time()), high=10**11),
            reply_to=reply_to,
            **parts,
        )
        fields.finish()
        return self._people.customer(phone), said

    def _shown(self, account: Account, customer: Customer, said: Said) -> tuple[Item, Json]:
        message = self._channels[account.channel].message(account, customer, said)
        return self.heard(account, customer, said, str(message.get("id", said.id))), message

    def heard(self, account: Account, customer: Customer, said: Said, id_: str | None = None) -> Item:
        """What the customer wrote, on the phone and for the window."""
        item = Item(
            id=id_ or said.id,
            account=account.id,
            customer=customer.phone,
            by="customer",
            kind=said.kind,
            text=said.text or str(said.choice.get("title", "")) or _raw_text(said),
            at_ms=now_ms(),
            reply_to=said.reply_to,
            status="sending",
        )
        # Before it leaves: the product may answer before it has acknowledged.
        self._chats.customer_wrote(account.id, customer.phone)
        if self._chats.find(item.id) is None:
            self._chats.add(item)
        if said.kind == "reaction":
            self._chats.react(said.target, "customer", said.text)
        return item

    def _body(self, account: Account, messages: list[tuple[Customer, Json]]) -> bytes:
        channel = self._channels[account.channel]
        return signature.body_bytes(channel.webhook(account, channel.messages_value(account, messages)))

    async def _post(
        self, account: Account, body: bytes, items: list[Item], *, repeat: bool, about: str = "message"
    ) -> Outcome:
        def accepted() -> None:
            for item in items:
                if item.status in ("sending", "refused"):
                    self._chats.set_status(item, "delivered")

        outcome = await self._webhooks.post(
            account,
            body,
            about=about,
            accepted=accepted,
            retries=lambda: repeat and self._faults.of(account.id).retries,
        )
        for item in items:
            if outcome.status != 200 and item.status == "sending":
                self._chats.set_status(item, "refused", outcome.problem or f"answered {outcome.status}")
        return outcome


def _phone(fields: Fields) -> str:
    phone = digits(fields.text("customer"))
    if not 5 <= len(phone) <= 20:
        fields.fault("customer", "must be a phone number with its country code")
    return phone


def _parts(fields: Fields, kind: str) -> dict[str, Any]:
    if kind == "text":
        return {"text": fields.text("text")}
    if kind == "unsupported":
        given = fields.any("unsupported")
        return {"text": given if isinstance(given, str) else "poll"}
    if kind == "raw":
        return {"raw": _object(fields, "raw")}
    if kind == "image":
        given = fields.any("image")
        image = dict(given) if isinstance(given, dict) else {}
        caption = image.pop("caption", "")
        return {"text": caption if isinstance(caption, str) else "", "raw": image}
    inner = Fields(fields.any(kind), kind)
    parts: dict[str, Any]
    if kind == "reaction":
        parts = {"target": inner.text("message_id"), "text": inner.text("emoji", "")}
    else:
        choice = {"id": inner.text("id"), "title": inner.text("title")}
        if kind == "list" and inner.text("description", ""):
            choice["description"] = inner.text("description", "")
        parts = {"choice": choice}
    try:
        inner.finish()
    except Faulty as faulty:
        fields.problems += faulty.problems
    return parts


def _object(fields: Fields, key: str) -> Json:
    value = fields.any(key)
    if isinstance(value, dict):
        return value
    fields.fault(key, "must be an object")
    return {}


def _raw_text(said: Said) -> str:
    return json.dumps(said.raw, ensure_ascii=False)[:500] if said.kind == "raw" else ""


def _outcome(outcome: Outcome) -> Json:
    shown: Json = {"status": outcome.status, "ms": outcome.ms}
    return {**shown, "problem": outcome.problem} if outcome.problem else shown
