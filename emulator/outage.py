"""Customers write while the product is away, for hours that pass at once; then it goes on as it would with Meta.

WhatsApp brings all of it late. Messenger and Instagram give up after an hour: what was written is to be read
again by the Conversations API, and nothing is told until the product subscribes anew. [MSG docs: webhooks]
"""

from __future__ import annotations

import random
from dataclasses import dataclass

from emulator import deeds, signature
from emulator.channel import Channel, Said
from emulator.chats import Chats, Item
from emulator.clock import clock
from emulator.fields import Faulty, Fields, Json
from emulator.people import Account, Customer, People
from emulator.saying import Saying
from emulator.subscriptions import Subscriptions
from emulator.webhooks import Webhooks

_HOUR_S = 3600
_MOST = 10_000
_DOUBLED = 0.05  # of WhatsApp's: at least once is promised, no more
_SHUFFLED = 8  # how far one may come before those that were earlier


@dataclass(frozen=True, kw_only=True)
class Written:
    """What somebody wrote: a customer, or the shop itself in the network's own inbox."""

    customer: Customer
    said: Said
    by_shop: bool = False


class Outage:
    """`POST /emulator/outage`"""

    def __init__(
        self,
        channels: dict[str, Channel],
        people: People,
        chats: Chats,
        saying: Saying,
        webhooks: Webhooks,
        subscriptions: Subscriptions,
    ) -> None:
        self._channels = channels
        self._people = people
        self._chats = chats
        self._saying = saying
        self._webhooks = webhooks
        self._subscriptions = subscriptions

    async def happens(self, raw: Json) -> Json:
        """`hours` that end now, and `messages`, or `customers` who write `each` so many."""
        fields = Fields(raw)
        account = self._saying.account(fields)
        hours = fields.number("hours", 24.0, low=0.01, high=24 * 7)
        dice = random.Random(fields.whole("seed", 1))
        customers, each = fields.whole("customers", 0, high=_MOST), fields.whole("each", 1, low=1, high=100)
        messages = fields.objects("messages") or _made_up(customers, each, dice)
        if not 1 <= len(messages) <= _MOST:
            fields.fault("messages", f"or customers must be given, for 1 to {_MOST} messages")
        fields.finish()
        ends_ms = clock.now_ms()
        moments = _spread(len(messages), ends_ms - int(hours * _HOUR_S * 1000), ends_ms, dice)
        written = [self._one(one, account, moments[n], n) for n, one in enumerate(messages)]
        written.sort(key=lambda one: one.said.at_ms)
        for one in written:
            self._show(account, one)
        if account.channel == "whatsapp":
            bodies = [self._body(account, one) for one in written]
            self._webhooks.bring_late(account, _as_late_ones_come(bodies, dice), about="late message")
        elif hours >= 1:
            self._subscriptions.turn_off(account)
        return {"written": [_told(one) for one in written], "subscribed": self._subscriptions.is_on(account)}

    def _one(self, raw: object, account: Account, at_ms: int, n: int) -> Written:
        """As in `say`; its own `timestamp` goes before the one it was given by the dice."""
        if not isinstance(raw, dict):
            raise Faulty([f"messages[{n}] must be an object"])
        by = raw.get("by", "customer")
        if by not in ("customer", "shop"):
            raise Faulty([f"messages[{n}].by must be customer or shop"])
        rest = {key: value for key, value in raw.items() if key != "by"}
        fields = Fields({"timestamp": at_ms, **rest}, f"messages[{n}]")
        customer, said = self._saying.said(fields, account)
        return Written(customer=customer, said=said, by_shop=by == "shop")

    def _show(self, account: Account, one: Written) -> None:
        said = one.said
        item = Item(
            id=said.id,
            account=account.id,
            customer=one.customer.phone,
            by="business" if one.by_shop else "customer",
            kind=said.kind,
            text=said.text or str(said.choice.get("title", "")),
            at_ms=said.at_ms,
            view={**deeds.view(said), **({"elsewhere": "phone"} if one.by_shop else {})},
            reply_to=said.reply_to,
            status="read" if one.by_shop else "sending",
            read_wanted=one.by_shop,
        )
        if self._chats.find(item.id) is None:
            self._chats.add(item)
        if not one.by_shop and said.kind in self._channels[account.channel].window_kinds:
            self._open_window(account, one.customer.phone, clock.time() - said.at_ms / 1000)

    def _open_window(self, account: Account, phone: str, ago_s: float) -> None:
        """From then on, unless they wrote later than that."""
        if not self._chats.window_open(account.id, phone, int(ago_s)):
            self._chats.customer_wrote(account.id, phone, hours_ago=ago_s / _HOUR_S)

    def _body(self, account: Account, one: Written) -> bytes:
        channel = self._channels[account.channel]
        if one.by_shop:
            return signature.body_bytes(channel.phone_echo(account, one.customer, one.said))
        message = channel.message(account, one.customer, one.said)
        value = channel.messages_value(account, [(one.customer, message)])
        return signature.body_bytes(channel.webhook(account, value))


def _made_up(customers: int, each: int, dice: random.Random) -> list[Json]:
    """All customers write in turn, so that their messages lie between one another's."""
    phones = [f"1555{dice.randrange(10**7):07}" for _ in range(customers)]
    return [{"customer": phone, "text": f"Are you there? ({n + 1})"} for n in range(each) for phone in phones]


def _spread(count: int, starts_ms: int, ends_ms: int, dice: random.Random) -> list[int]:
    """In order, each in a part of the time of its own; the last second is left out."""
    length = (ends_ms - 1000 - starts_ms) / count
    return [int(starts_ms + length * (n + dice.random())) for n in range(count)]


def _as_late_ones_come(bodies: list[bytes], dice: random.Random) -> list[bytes]:
    """Out of order by a few places, some of them twice."""
    places = sorted(range(len(bodies)), key=lambda n: n + dice.uniform(0, _SHUFFLED))
    shuffled = [bodies[n] for n in places]
    return shuffled + [body for body in shuffled if dice.random() < _DOUBLED]


def _told(one: Written) -> Json:
    return {
        "id": one.said.id,
        "customer": one.customer.phone,
        "timestamp": one.said.at_ms,
        "text": one.said.text or str(one.said.choice.get("title", "")),
        "by": "shop" if one.by_shop else "customer",
    }
