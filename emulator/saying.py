"""What customers do, by script or by thumb: it becomes a bubble on the phone and a webhook to the product."""

from __future__ import annotations

import asyncio
import dataclasses
import json
from collections.abc import Callable
from dataclasses import dataclass

from emulator import deeds, signature
from emulator.channel import Channel, Said
from emulator.chats import Chats, Item, now_ms
from emulator.faults import FaultBook
from emulator.fields import Faulty, Fields, Json
from emulator.openings import Comment, Openings
from emulator.people import Account, Customer, People
from emulator.webhooks import Outcome, Webhooks

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
        openings: Openings,
        picture_url: Callable[[], str],
    ) -> None:
        self._openings = openings
        self._picture_url = picture_url
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
            "id": item.id,
            **await self.deliver(account, self._body(account, [(customer, message)]), item, delivery),
        }

    async def batch(self, raw: Json) -> Json:
        """Several messages of several customers in one webhook body, and reports on what was sent to them."""
        fields = Fields(raw)
        account = self.account(fields)
        messages, statuses = fields.objects("messages"), fields.objects("statuses")
        if not 1 <= len(messages) + len(statuses) <= _MOST_AT_ONCE:
            fields.fault("messages", f"must have from 1 to {_MOST_AT_ONCE} items, statuses counted")
        reports = self._reports(fields, account, statuses)
        fields.finish()
        # All are read before any is shown, so that a fault in the last leaves nothing half done.
        said = [self.said(Fields(one, f"messages[{n}]"), account) for n, one in enumerate(messages)]
        shown = [(customer, *self._shown(account, customer, one)) for customer, one in said]
        envelopes = [self._envelope(account, [(customer, message) for customer, _, message in shown])] if shown else []
        body = signature.body_bytes(_in_one([*envelopes, *reports]))
        outcome = await self._post(account, body, [item for _, item, _ in shown], repeat=True)
        return {"ids": [item.id for _, item, _ in shown], **_outcome(outcome)}

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
            for phone in channel.senders(self._people, account, value):
                self._chats.customer_wrote(account.id, phone)
            whole = channel.webhook(account, value)
        body = whole.encode() if isinstance(whole, str) else signature.body_bytes(whole)
        secret = (given_secret or "") if "secret" in raw else None
        outcomes = await asyncio.gather(
            *(
                self._webhooks.post(account, body, about="by hand", secret=secret, retries=lambda: False, always=True)
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
        return self._people.customer(deeds.phone(fields))

    def said(self, fields: Fields, account: Account) -> tuple[Customer, Said]:
        phone = deeds.phone(fields)
        channel = self._channels[account.channel]
        kind, parts = deeds.read(fields, channel.inbound_kinds)
        reply_to = fields.text("reply_to", "") or None
        chosen = parts.get("choice", {}).get("id")
        if chosen is not None and not fields.problems:
            offered = self._chats.offered_in(account.id, phone, chosen)
            reply_to = reply_to or (offered.id if offered is not None else None)
            kind = deeds.chosen_as(kind, channel.inbound_kinds, offered)
        if channel.files_by_url and kind in deeds.PICTURES and "url" not in parts["raw"]:
            parts["raw"]["url"] = self._picture_url()
        when = deeds.moment(fields)
        said = Said(
            id=fields.text("id", channel.new_id()),
            kind=kind,
            at_s=when // 1000,
            ms=when,
            reply_to=reply_to,
            **parts,
        )
        fields.finish()
        return self._people.customer(phone), said

    def _shown(self, account: Account, customer: Customer, said: Said) -> tuple[Item, Json]:
        channel = self._channels[account.channel]
        if said.kind == "edit":
            said = dataclasses.replace(said, raw={"num_edit": self._chats.edits(said.target) + 1})
        message = channel.message(account, customer, said)
        return self.heard(account, customer, said, channel.id_of(message)), message

    def heard(self, account: Account, customer: Customer, said: Said, id_: str | None = None) -> Item:
        """What the customer did, on the phone and for the window."""
        item = Item(
            id=id_ or said.id,
            account=account.id,
            customer=customer.phone,
            by="customer",
            kind=said.kind,
            text=said.text or str(said.choice.get("title", "")) or _raw_text(said),
            at_ms=now_ms(),
            view=deeds.view(said),
            reply_to=said.reply_to,
            status="sending",
        )
        # Before it leaves: the product may answer before it has acknowledged.
        if said.kind in self._channels[account.channel].window_kinds:
            self._chats.customer_wrote(account.id, customer.phone)
        if self._chats.find(item.id) is None:
            self._chats.add(item)
        self._follow(account, customer, said, item)
        return item

    def _follow(self, account: Account, customer: Customer, said: Said, item: Item) -> None:
        """What it does to what is there, or makes possible."""
        if said.kind == "reaction":
            self._chats.react(said.target, "customer", said.text)
        elif said.kind == "edit":
            self._chats.edit(said.target, said.text)
        elif said.kind == "unsend":
            self._chats.unsend(said.target)
        elif said.kind == "comment":
            self._openings.comments[account.id, item.id] = Comment(customer=customer.phone, at_ms=said.at_ms)
        elif said.kind == "optin" and isinstance(said.raw.get("user_ref"), str):
            self._openings.user_refs[account.id, said.raw["user_ref"]] = customer.phone

    def _body(self, account: Account, messages: list[tuple[Customer, Json]]) -> bytes:
        return signature.body_bytes(self._envelope(account, messages))

    def _envelope(self, account: Account, messages: list[tuple[Customer, Json]]) -> Json:
        channel = self._channels[account.channel]
        return channel.webhook(account, channel.messages_value(account, messages))

    def _reports(self, fields: Fields, account: Account, statuses: list[object]) -> list[Json]:
        """Of `{id, status}` each, about what the product sent."""
        channel, made = self._channels[account.channel], []
        for n, one in enumerate(statuses):
            raw = one if isinstance(one, dict) else {}
            item = self._chats.find(str(raw.get("id", "")))
            status = str(raw.get("status", ""))
            if item is None or item.by != "business" or item.account != account.id or set(raw) != {"id", "status"}:
                fields.problems.append(f"statuses[{n}] must be the id and the status of a message that was sent")
                continue
            value = channel.status_value(account, self._people.customer(item.customer), item, status)
            if value is not None:
                made.append(channel.webhook(account, value))
        return made

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


def _in_one(envelopes: list[Json]) -> Json:
    """The entries of all, under the first one's head."""
    return {**envelopes[0], "entry": [entry for envelope in envelopes for entry in envelope["entry"]]}


def _raw_text(said: Said) -> str:
    if said.kind == "raw":
        return json.dumps(said.raw, ensure_ascii=False)[:500]
    return f"[{said.kind}]" if said.kind not in deeds.SEEN and said.raw else ""


def _outcome(outcome: Outcome) -> Json:
    shown: Json = {"status": outcome.status, "ms": outcome.ms}
    return {**shown, "problem": outcome.problem} if outcome.problem else shown
