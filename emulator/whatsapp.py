"""WhatsApp Cloud API: the requests businesses make and the webhooks they get.

What may stand in a message to be sent is in `whatsapp_sends.py`, what customers do in `whatsapp_messages.py`.
"""

from __future__ import annotations

import base64
import os
import re
from typing import Any

from emulator import whatsapp_elsewhere, whatsapp_messages, whatsapp_sends, whatsapp_templates
from emulator.channel import Desk, Done, Said, Summary, ThreadControl
from emulator.chats import Item, now_ms
from emulator.clock import clock
from emulator.fields import Json
from emulator.graph_errors import GraphError, need_list, need_object, need_text, optional_text
from emulator.people import Account, Customer, People, digits

_OPAQUE = 512
_PHONE = re.compile(r"\+?[0-9][0-9 ()-]{4,24}\Z")
_USER_ID = re.compile(r"[A-Z]{2}\.(ENT\.)?[A-Za-z0-9]{1,128}\Z")


class WhatsApp:
    """The channel."""

    name = "whatsapp"
    inbound_kinds = whatsapp_messages.KINDS
    window_kinds = whatsapp_messages.OPENING
    files_by_url = False
    thread_controls = frozenset({"passed", "taken"})
    reads_together = False

    def new_id(self) -> str:
        """Opaque to everybody [WA docs: messages webhook]."""
        return "wamid." + base64.b64encode(os.urandom(30)).decode()

    def address(self, account: Account, customer: Customer) -> str:
        return customer.phone

    # What the business asks of Graph API.

    def summary(self, method: str, path: list[str], body: Any) -> Summary:
        if path[1:] != ["messages"] or method != "POST":
            return Summary(kind="node" if method == "GET" and len(path) == 1 else "other")
        if not isinstance(body, dict):
            return Summary(kind="malformed")
        if "status" in body:
            return Summary(kind="typing" if body.get("typing_indicator") else "read")
        kind = body.get("type", "text")
        return Summary(
            kind=kind if isinstance(kind, str) else "malformed",
            to=_str(body.get("to") or body.get("recipient")),
            text=_text_of(body),
            opaque=_str(body.get("biz_opaque_callback_data")),
        )

    def node(self, account: Account, fields: list[str]) -> Json:
        """[WA docs: phone numbers]"""
        known = {
            "id": account.id,
            "display_phone_number": account.display_phone_number,
            "verified_name": account.name,
            "quality_rating": "GREEN",
            "platform_type": "CLOUD_API",
        }
        wanted = [f for f in fields if f in known] or ["display_phone_number", "verified_name"]
        return {field: known[field] for field in dict.fromkeys([*wanted, "id"])}

    def act(self, desk: Desk, account: Account, path: list[str], body: Any) -> Done:
        """`POST /{phone number id}/messages` [WA docs: messages]"""
        if path != ["messages"]:
            raise GraphError(100, f"Unknown path components: /{'/'.join(path)}")
        if not isinstance(body, dict):
            raise GraphError(100, "The body must be a JSON object.")
        if body.get("messaging_product") != "whatsapp":
            raise GraphError(100, "The parameter messaging_product is required and must be whatsapp.")
        if "status" in body:
            return _mark_read(desk, account, body)
        return self._send(desk, account, body)

    def _send(self, desk: Desk, account: Account, body: Json) -> Done:
        customer, asked_as = _recipient(desk, account, body)
        kind = body.get("type", "text")
        check = whatsapp_sends.CHECKS.get(kind) if isinstance(kind, str) else None
        if check is None:
            known = ", ".join(sorted(whatsapp_sends.CHECKS))
            raise GraphError(131051, f"Message type {kind!r} is not supported. One of: {known}.")
        opaque = optional_text(body, "biz_opaque_callback_data", "", _OPAQUE) or None
        reply_to = _context(kind, body)
        part = {kind: need_list(body, kind, "", 1, 257)} if kind == "contacts" else need_object(body, kind)
        text, view = check(part)
        if kind == "template":
            text = whatsapp_templates.against(desk.templates(account), part) or text
        if desk.enforce_window and kind != "template" and not desk.chats.window_open(account.id, customer.phone):
            raise GraphError(131047, "More than 24 hours have passed since the customer last replied to this number.")
        if kind == "reaction":
            target = desk.chats.find(view["message_id"])
            if target is None or target.kind == "reaction" or target.customer != customer.phone:
                raise GraphError(
                    131009, "reaction.message_id is not a message of this conversation that takes reactions."
                )
        item = Item(
            id=self.new_id(),
            account=account.id,
            customer=customer.phone,
            by="business",
            kind=kind,
            text=text,
            at_ms=now_ms(),
            view=view,
            reply_to=reply_to,
            opaque=opaque,
        )
        contact: Json = {"input": asked_as}
        if not (customer.hide_phone and asked_as == customer.user_id):
            contact["wa_id"] = customer.phone
        if asked_as == customer.user_id:
            contact["user_id"] = customer.user_id
        return Done(
            answer={"messaging_product": "whatsapp", "contacts": [contact], "messages": [{"id": item.id}]},
            sent=item,
        )

    # What the business gets in its webhooks.

    def message(self, account: Account, customer: Customer, said: Said) -> Json:
        return whatsapp_messages.message(account, customer, said)

    def id_of(self, message: Json) -> str | None:
        return _str(message.get("id"))

    def messages_value(self, account: Account, said: list[tuple[Customer, Json]]) -> Json:
        """`value` of field `messages`: one contact for each sender, all messages. What WhatsApp says has no sender."""
        contacts = {customer.user_id: _contact(customer) for customer, item in said if item.get("type") != "system"}
        cards = {"contacts": list(contacts.values())} if contacts else {}
        return {**_metadata(account), **cards, "messages": [item for _, item in said]}

    def status_value(self, account: Account, customer: Customer, item: Item, status: str) -> Json:
        """[WA docs: status messages webhook reference] v24 shape: no `conversation`."""
        report: Json = {
            "id": item.id,
            "status": status,
            "timestamp": str(int(clock.time())),
            "recipient_id": customer.phone,
            "recipient_user_id": customer.user_id,
        }
        if customer.hide_phone:
            del report["recipient_id"]
        if item.opaque is not None:
            report["biz_opaque_callback_data"] = item.opaque
        if status in ("sent", "delivered"):
            report["pricing"] = {
                "billable": True,
                "pricing_model": "PMP",
                "type": "regular",
                "category": "service",
            }
        return {**_metadata(account), "contacts": [_contact(customer)], "statuses": [report]}

    def own_echo(self, account: Account, customer: Customer, item: Item) -> Json | None:
        """What is sent by the API is not echoed [WA docs: smb_message_echoes webhook reference]."""
        return None

    def webhook(self, account: Account, value: Json, field: str = "messages") -> Json:
        """[WA docs: webhooks overview] `entry[].id` is the business account; the number is in `metadata`."""
        return {
            "object": "whatsapp_business_account",
            "entry": [{"id": account.business_id, "changes": [{"value": value, "field": field}]}],
        }

    def phone_echo(self, account: Account, customer: Customer, said: Said) -> Json:
        echo = whatsapp_elsewhere.turned(self.message(account, customer, said), account, customer)
        return self.webhook(account, {**_metadata(account), "message_echoes": [echo]}, "smb_message_echoes")

    def standby_message(self, account: Account, customer: Customer, said: Said) -> Json:
        inner = {"contacts": [_contact(customer)], "messages": [self.message(account, customer, said)]}
        return self.webhook(account, {**_metadata(account), "standby": inner}, "standby")

    def standby_echo(self, account: Account, customer: Customer, said: Said) -> Json:
        echoes = [whatsapp_elsewhere.another_apps(customer, said)]
        return self.webhook(account, {**_metadata(account), "standby": {"message_echoes": echoes}}, "standby")

    def thread_control(self, account: Account, customer: Customer, control: ThreadControl) -> Json:
        value = whatsapp_elsewhere.control_value(account, customer, control)
        return self.webhook(account, value, "messaging_handovers")

    def senders(self, people: People, account: Account, value: Json) -> list[str]:
        """The phones that wrote, in a body made by hand; they open the window."""
        messages = value.get("messages")
        if not isinstance(messages, list):
            return []
        return [digits(m["from"]) for m in messages if isinstance(m, dict) and isinstance(m.get("from"), str)]


def _mark_read(desk: Desk, account: Account, body: Json) -> Done:
    """[WA docs: mark messages as read; typing indicators] There is no typing without a received message."""
    if body["status"] != "read":
        raise GraphError(131009, "status must be read.")
    item = desk.chats.find(need_text(body, "message_id", "", 512))
    if item is None or item.by != "customer" or item.account != account.id:
        raise GraphError(131009, "message_id is not a message this number received.")
    typing = body.get("typing_indicator")
    if typing is not None and (not isinstance(typing, dict) or typing.get("type") != "text"):
        raise GraphError(131009, "typing_indicator.type must be text.")
    return Done(answer={"success": True}, read=item, customer=item.customer, typing=True if typing else None)


def _recipient(desk: Desk, account: Account, body: Json) -> tuple[Customer, str]:
    """`to` (phone) or `recipient` (user id); the phone wins [WA docs: business-scoped user IDs]."""
    if body.get("recipient_type", "individual") != "individual":
        raise GraphError(131009, "recipient_type must be individual: this stand-in has no groups.")
    to, recipient = body.get("to"), body.get("recipient")
    if not to and not recipient:
        raise GraphError(100, "The parameter to is required.")
    if to:
        if not isinstance(to, str) or not _PHONE.match(to):
            raise GraphError(131009, "to must be a phone number as text.")
        if digits(to) == digits(account.display_phone_number):
            raise GraphError(131021, "The recipient is the sender.")
        return desk.people.customer(digits(to)), to
    if not isinstance(recipient, str) or not _USER_ID.match(recipient):
        raise GraphError(131009, "recipient must be a business-scoped user id.")
    customer = desk.people.by_user_id(recipient)
    if customer is None:
        raise GraphError(131026, "The message cannot be delivered.")
    return customer, recipient


def _context(kind: str, body: Json) -> str | None:
    if body.get("context") is None:
        return None
    if kind == "reaction":
        raise GraphError(131009, "context is not allowed with a reaction.")
    return need_text(need_object(body, "context"), "message_id", "context", 512)


def _metadata(account: Account) -> Json:
    return {
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": account.display_phone_number, "phone_number_id": account.id},
    }


def _contact(customer: Customer) -> Json:
    profile: Json = {"name": customer.name}
    if customer.username:
        profile["username"] = customer.username
    contact = {"profile": profile, "wa_id": customer.phone, "user_id": customer.user_id}
    if customer.hide_phone:
        del contact["wa_id"]
    return contact


def _text_of(body: Json) -> str | None:
    part = body.get(body.get("type", "text")) if isinstance(body.get("type", "text"), str) else None
    if not isinstance(part, dict):
        return None
    inner = part.get("body")
    return _str(inner.get("text") if isinstance(inner, dict) else inner or part.get("caption") or part.get("emoji"))


def _str(value: Any) -> str | None:
    return value if isinstance(value, str) else None
