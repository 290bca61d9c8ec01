"""What happens on our side without the product: the shop's own phone, another app, a thread that changes hands."""

from __future__ import annotations

import dataclasses

from emulator import deeds, signature
from emulator.channel import Channel, Said, ThreadControl
from emulator.chats import Chats, Item, now_ms
from emulator.fields import Fields, Json
from emulator.people import Account, Customer
from emulator.saying import Saying, delivery_of
from emulator.threads import Threads

#: Who has a thread that was taken, when it is not said.
ANOTHER_APP = "800000000000002"
#: Nobody on the side of a business chooses its buttons.
_CUSTOMERS_ONLY = frozenset(
    {"button", "list", "quick_reply", "postback", "edit", "referral", "optin", "linking"}
    | {"story_reply", "story_mention", "comment"}
)
_APPS = frozenset({"text", "raw"})


class Elsewhere:
    """Shows it on the customer's phone, and tells the product."""

    def __init__(self, channels: dict[str, Channel], chats: Chats, saying: Saying, threads: Threads) -> None:
        self._channels, self._chats, self._saying, self._threads = channels, chats, saying, threads

    async def phone(self, raw: Json) -> Json:
        """The shop answers on its own phone, or in the network's inbox; or another app does (`app_id`)."""
        fields = Fields(raw)
        account, delivery, app_id = self._saying.account(fields), delivery_of(fields), _app(fields)
        customer, said = self._saying.said(fields, account)
        said = dataclasses.replace(said, app_id=app_id)
        _refuse(fields, said.kind in _CUSTOMERS_ONLY, f"{said.kind} is for customers")
        item = self._shown(account, customer, said, "phone")
        body = signature.body_bytes(self._channels[account.channel].phone_echo(account, customer, said))
        return {"id": said.id, **await self._saying.deliver(account, body, item, delivery, "echo")}

    async def standby(self, raw: Json) -> Json:
        """Something in a thread that another app may write to: `by` the customer, or the `app`."""
        fields = Fields(raw)
        account, delivery = self._saying.account(fields), delivery_of(fields)
        app_id = _app(fields)
        by = fields.text("by", "customer")
        if by not in ("customer", "app"):
            fields.fault("by", "must be customer or app")
        customer, said = self._saying.said(fields, account)
        said = dataclasses.replace(said, app_id=ANOTHER_APP if app_id is None else app_id)
        _refuse(fields, by == "app" and said.kind not in _APPS, "an app says text, or a raw request")
        channel = self._channels[account.channel]
        if by == "app":
            item = self._shown(account, customer, said, "app")
            made = channel.standby_echo(account, customer, said)
        else:
            item = self._saying.heard(account, customer, said)
            made = channel.standby_message(account, customer, said)
        body = signature.body_bytes(made)
        return {"id": said.id, **await self._saying.deliver(account, body, item, delivery, "standby")}

    async def thread(self, raw: Json) -> Json:
        """Meta says who may write: `control` is `passed` to the product, `taken` from it, or `requested` of it."""
        fields = Fields(raw)
        account, delivery = self._saying.account(fields), delivery_of(fields)
        customer = self._saying.customer(fields)
        how = fields.text("control")
        if how not in self._channels[account.channel].thread_controls:
            fields.fault("control", "must be passed or taken; or requested, where another app may ask for it")
        when = deeds.moment(fields)
        control = ThreadControl(
            at_s=when // 1000,
            ms=when,
            passed=how == "passed",
            requested=how == "requested",
            app_id=_app(fields) or "",
            role=fields.text("role", ""),
            metadata=fields.text("metadata", ""),
        )
        fields.finish()
        if how != "requested":
            owner = account.app_id if control.passed else control.app_id or ANOTHER_APP
            self._threads.give(account.id, customer.phone, owner)
        body = signature.body_bytes(self._channels[account.channel].thread_control(account, customer, control))
        return await self._saying.deliver(account, body, None, delivery, "thread control")

    def _shown(self, account: Account, customer: Customer, said: Said, where: str) -> Item:
        """On the customer's phone. Seen at once: nobody told us of reports on what was written elsewhere."""
        item = Item(
            id=said.id,
            account=account.id,
            customer=customer.phone,
            by="business",
            kind="text" if said.kind == "raw" else said.kind,
            text=said.text,
            at_ms=now_ms(),
            view={**deeds.view(said), "elsewhere": where},
            reply_to=said.reply_to,
            status="read",
            read_wanted=True,
        )
        if self._chats.find(item.id) is None:
            self._chats.add(item)
        if said.kind == "reaction":
            self._chats.react(said.target, "business", said.text)
        elif said.kind == "unsend":
            self._chats.unsend(said.target)
        return item


def _app(fields: Fields) -> str | None:
    app_id = fields.text("app_id", "") if fields.has("app_id") else None
    if app_id and not app_id.isdigit():
        fields.fault("app_id", "must be digits, or empty to be left out")
    return app_id


def _refuse(fields: Fields, wrong: bool, why: str) -> None:
    if wrong:
        fields.fault("text", f"must be given: {why}")
        fields.finish()
