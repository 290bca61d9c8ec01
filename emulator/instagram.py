"""Instagram messaging: what is its own [IG docs]."""

from __future__ import annotations

import base64
import os

from emulator import messaging_items as items
from emulator.channel import Said
from emulator.chats import Item, now_ms
from emulator.fields import Json
from emulator.messaging import INBOUND, OPENING, Messaging
from emulator.messaging_checks import in_bytes
from emulator.messaging_rules import Rules
from emulator.people import Account, Customer, scoped_id


class Instagram(Messaging):
    """The channel. An account is a professional account, which may be asked for by its Page too."""

    name = "instagram"
    object = "instagram"
    inbox = "1217981644879628"
    inbound_kinds = INBOUND | {"unsend", "story_reply", "story_mention"}
    window_kinds = OPENING | {"story_reply", "story_mention"}
    rules = Rules(
        text=1000,
        size=in_bytes,
        attachments=("image", "audio", "video", "file", "like_heart", "MEDIA_SHARE", "template"),
        images_at_once=10,
        templates=("generic", "button", "product"),
        buttons=("web_url", "postback"),
        window_subcode=2534022,
        recipients=("id", "comment_id"),
        type_required=False,
        utility=False,
        personas=False,
        metadata=False,
    )

    def new_id(self) -> str:
        return base64.b64encode(b"item_" + os.urandom(60)).decode()

    def reaction_name(self, emoji: str) -> str:
        return items.heart(emoji)

    def may_react(self, account: Account, reaction: str) -> bool:
        """By a Page's login only with a heart [IG docs: reactions]."""
        return account.login == "instagram" or reaction == "love"

    def status_value(self, account: Account, customer: Customer, item: Item, status: str) -> Json | None:
        """Only that it was seen [IG docs: messaging_seen]."""
        if status != "read":
            return None
        return {"messaging": [{**items.envelope(account, customer, now_ms()), "read": {"mid": item.id}}]}

    def own_echo_app(self, account: Account) -> str:
        """It says of no echo reliably whose it is: here, never."""
        return ""

    def comment(self, account: Account, customer: Customer, said: Said) -> Json:
        """[IG docs: comments webhook]"""
        raw = dict(said.raw)
        field = "live_comments" if raw.pop("live", False) else "comments"
        value: Json = {
            "id": f"1{int.from_bytes(os.urandom(6), 'big'):016d}",
            "from": {"id": scoped_id(account.id, customer.phone), "username": customer.handle},
            "media": {"id": "18000000000000001", "media_product_type": "FEED"},
            **raw,
            "text": said.text,
        }
        return {"field": field, "value": value}

    def phone_echo(self, account: Account, customer: Customer, said: Said) -> Json:
        """A person in the app itself, which names no app [IG docs: webhooks]."""
        return self._echo_of(account, customer, said, "", "messaging")
