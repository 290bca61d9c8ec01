"""Messenger: what is its own [MSG docs]."""

from __future__ import annotations

import dataclasses

from emulator import messaging_items as items
from emulator.channel import Said
from emulator.chats import Item, now_ms
from emulator.fields import Json
from emulator.messaging import INBOUND, OPENING, Messaging
from emulator.messaging_rules import Rules
from emulator.people import Account, Customer, scoped_id


class Messenger(Messaging):
    """The channel. An account is a Page."""

    name = "messenger"
    object = "page"
    inbox = "263902037430900"
    inbound_kinds = INBOUND | {"optin", "linking"}
    # A comment and a plugin's opt-in open it here [MSG docs: messaging windows].
    window_kinds = OPENING | {"optin", "comment"}
    rules = Rules(
        text=2000,
        size=len,
        attachments=("image", "audio", "video", "file", "template"),
        images_at_once=1,
        templates=(
            *("generic", "button", "media", "receipt", "coupon", "product", "customer_feedback"),
            *("airline_boardingpass", "airline_checkin", "airline_itinerary", "airline_update"),
        ),
        buttons=("web_url", "postback", "phone_number", "account_link", "account_unlink", "game_play"),
        window_subcode=2018278,
        recipients=("id", "user_ref", "comment_id", "post_id", "notification_messages_token", "one_time_notif_token"),
        type_required=True,
        utility=True,
        personas=True,
        metadata=True,
    )

    def message(self, account: Account, customer: Customer, said: Said) -> Json:
        """What it cannot show it puts in as a fallback [MSG docs: messages webhook]."""
        if said.kind == "unsupported":
            fallback = {"type": "fallback", "title": said.text, "payload": None}
            said = dataclasses.replace(said, kind="attachment", text="", raw={"attachments": [fallback]})
        return super().message(account, customer, said)

    def status_value(self, account: Account, customer: Customer, item: Item, status: str) -> Json | None:
        """`delivery` names its messages, `read` only says up to when [MSG docs: message_deliveries, message_reads]."""
        now = now_ms()
        told: dict[str, Json] = {
            "delivered": {"delivery": {"mids": [item.id], "watermark": item.at_ms}},
            "read": {"read": {"watermark": now}},
        }
        if status not in told:
            return None
        return {"messaging": [{**items.envelope(account, customer, now), **told[status]}]}

    def comment(self, account: Account, customer: Customer, said: Said) -> Json:
        """[MSG docs: private replies] Under a post of the Page; told in its feed."""
        post = said.raw.get("post_id", f"{account.id}_1")
        value: Json = {
            "item": "comment",
            "verb": "add",
            "comment_id": said.raw.get("id", f"{post}_{said.id[-12:]}"),
            "post_id": post,
            "from": {"id": scoped_id(account.id, customer.phone), "name": customer.name},
            "message": said.text,
            "created_time": said.at_s,
        }
        return {"field": "feed", "value": value}
