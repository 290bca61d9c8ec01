"""The webhooks of Messenger and Instagram: one entry for an account, with what was said, echoes and changes.

[MSG docs: webhooks; IG docs: webhooks]
"""

from __future__ import annotations

import base64
import os
from abc import ABC, abstractmethod
from typing import Any

from emulator import messaging_items as items
from emulator.channel import Said, ThreadControl
from emulator.chats import Item, now_ms
from emulator.fields import Json
from emulator.people import Account, Customer, People, scoped_id


class MessagingWebhooks(ABC):
    """What the business gets. What differs is said by the network's own class."""

    name: str
    object: str  # in its webhooks
    inbox: str  # the app that a person answers by
    inbound_kinds: frozenset[str]
    window_kinds: frozenset[str]
    files_by_url = True
    thread_controls = frozenset({"passed", "taken", "requested"})
    reads_together = True

    def new_id(self) -> str:
        return "m_" + base64.urlsafe_b64encode(os.urandom(48)).decode()

    def address(self, account: Account, customer: Customer) -> str:
        return scoped_id(account.id, customer.phone)

    def message(self, account: Account, customer: Customer, said: Said) -> Json:
        if said.kind == "comment":
            return self.comment(account, customer, said)
        return {**items.envelope(account, customer, said.at_ms), **items.parts(said, self.reaction_name)}

    @abstractmethod
    def comment(self, account: Account, customer: Customer, said: Said) -> Json: ...

    @abstractmethod
    def status_value(self, account: Account, customer: Customer, item: Item, status: str) -> Json | None: ...

    def reaction_name(self, emoji: str) -> str:
        return items.smile(emoji)

    def id_of(self, message: Json) -> str | None:
        if "field" in message:
            value = message["value"]
            return _str(value.get("id") or value.get("comment_id"))
        inner = message.get("message") or message.get("postback")
        deleted = isinstance(inner, dict) and "is_deleted" in inner
        return _str(inner.get("mid")) if isinstance(inner, dict) and not deleted else None

    def messages_value(self, account: Account, said: list[tuple[Customer, Json]]) -> Json:
        """An entry's content: what was said in one place, comments in another."""
        told = [item for _, item in said if "field" not in item]
        changes = [item for _, item in said if "field" in item]
        return {**({"messaging": told} if told else {}), **({"changes": changes} if changes else {})}

    def own_echo(self, account: Account, customer: Customer, item: Item) -> Json | None:
        about = {"reply_to": {"mid": item.reply_to}} if item.reply_to else {}
        metadata = {"metadata": item.opaque} if item.opaque is not None else {}
        message = {"mid": item.id, **_as_echoed(item), **about, **metadata}
        return self._echoed(account, customer, message, self.own_echo_app(account), item.at_ms)

    def own_echo_app(self, account: Account) -> str:
        return account.app_id

    def phone_echo(self, account: Account, customer: Customer, said: Said) -> Json:
        """A person in the network's own inbox; or another app, when it is given."""
        return self._echo_of(account, customer, said, self.inbox, "messaging")

    def standby_message(self, account: Account, customer: Customer, said: Said) -> Json:
        """The others get a postback without its payload [MSG docs: standby]."""
        item = self.message(account, customer, said)
        if said.kind == "postback":
            item["postback"] = {key: value for key, value in item["postback"].items() if key != "payload"}
        return self.webhook(account, {"standby": [item]})

    def standby_echo(self, account: Account, customer: Customer, said: Said) -> Json:
        return self._echo_of(account, customer, said, self.inbox, "standby")

    def thread_control(self, account: Account, customer: Customer, control: ThreadControl) -> Json:
        item = items.envelope(account, customer, control.ms or control.at_s * 1000)
        return self.webhook(account, {"messaging": [{**item, **items.control(account, control, self.inbox)}]})

    def webhook(self, account: Account, value: Json, field: str = "messages") -> Json:
        return {"object": self.object, "entry": [{"id": account.id, "time": now_ms(), **value}]}

    def senders(self, people: People, account: Account, value: Json) -> list[str]:
        found = []
        for item in value.get("messaging") or []:
            sender = item.get("sender") if isinstance(item, dict) else None
            customer = people.by_scoped_id(account.id, str(sender.get("id"))) if isinstance(sender, dict) else None
            found += [customer.phone] if customer is not None else []
        return found

    def _echo_of(self, account: Account, customer: Customer, said: Said, app: str, where: str) -> Json:
        parts = items.parts(said, self.reaction_name)
        if isinstance(parts.get("message"), dict):
            chosen = app if said.app_id is None else said.app_id
            return self._echoed(account, customer, parts["message"], chosen, said.at_ms, where)
        item = {**items.turned(items.envelope(account, customer, said.at_ms)), **parts}
        return self.webhook(account, {where: [item]})

    def _echoed(
        self, account: Account, customer: Customer, message: Json, app: str, at_ms: int, where: str = "messaging"
    ) -> Json:
        item = items.turned(items.envelope(account, customer, at_ms))
        return self.webhook(account, {where: [{**item, "message": items.echo(message, app)}]})


def _as_echoed(item: Item) -> Json:
    """Files are echoed by their addresses, whatever they were sent by."""
    body = item.body
    text = {"text": body["text"]} if isinstance(body.get("text"), str) else {}
    if item.view.get("attachments") and item.kind != "template":
        files = [{"type": a["type"], "payload": {"url": a["url"]}} for a in item.view["attachments"]]
        return {**text, "attachments": files}
    return {**text, **({"attachments": [body["attachment"]]} if body.get("attachment") else {})}


def _str(value: Any) -> str | None:
    return value if isinstance(value, str) else None
