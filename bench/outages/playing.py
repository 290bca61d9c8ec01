"""One outage on one account: who talks before, the hours without us, the return, and how long catching up takes."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from bench.harness import customers, entry
from bench.harness.clients import Json
from bench.harness.customers import Customer
from bench.harness.entry import CannotMeasure
from bench.harness.product import Product
from bench.harness.state import Number
from bench.outages import away, judging
from bench.outages.books import Ledger
from bench.outages.judging import Judged, Told, Written, plain
from bench.outages.plan import Line, Outage, Shape
from conversation.account import Channel
from conversation.channel_settings import ChannelSettings
from runtime.clock import SystemClock

_WATCHED_S = 90.0
#: So long after its return the product may take until it begins to fetch; and then, until all is done.
_BEGIN_S, _CAUGHT_UP_S = 30.0, 600.0
_MIDDLE_S = 30.0
_LOOK_S = 0.02


@dataclass(frozen=True, kw_only=True)
class Played:
    """`in_the_middle`: what was to happen while it was catching up did so; None where nothing was."""

    judged: Judged
    subscribed_s: float | None
    caught_up_s: float | None
    in_the_middle: bool | None


class Player:
    def __init__(self, product: Product, ledger: Ledger, number: Number, outage: Outage) -> None:
        self._product, self._ledger, self._number, self._outage = product, ledger, number, outage
        self._account = number.provider_id
        self._fetches = number.channel != Channel.WHATSAPP.value
        self._written: list[Written] = []
        self._to_be_brought = 0

    @property
    def by_the_shop(self) -> set[str]:
        """The ids of what persons wrote in the channel's own inbox."""
        return {one.id for one in self._written if one.by_shop}

    async def play(self) -> Played:
        outage = self._outage
        await self._talk_before()
        webhooks_before = await self._last_webhook()
        await away.go(self._product, killed=False)
        await away.let_pass(self._product, outage.lasts_s)
        await self._is_away(outage.lasts_s, outage.lines)
        back_ns, back_at = time.monotonic_ns(), SystemClock().now()
        await away.come_back(self._product)
        in_the_middle = await self._in_the_middle(back_ns)
        caught_up = await self._catches_up(back_at)
        caught_up_s = (time.monotonic_ns() - back_ns) / 1e9
        return Played(
            judged=await self._judged(webhooks_before),
            subscribed_s=await self._subscribed_s(back_ns),
            caught_up_s=round(caught_up_s, 1) if caught_up else None,
            in_the_middle=in_the_middle,
        )

    async def _talk_before(self) -> None:
        known = [Customer(phone=p, number=self._account, channel=self._number.channel) for p in self._outage.known]
        await customers.meet(self._product, known)
        await self._product.operators.take(next(c for c in known if c.phone == self._outage.taken).conversation_id)
        for each in known:
            await each.settle(self._product, _WATCHED_S)
        if self._fetches and not await self._until(lambda: self._ledger.is_watched(self._account), _WATCHED_S):
            raise CannotMeasure("The product has not asked whether it is told of this account.")

    async def _is_away(self, lasts_s: float, lines: Sequence[Line]) -> None:
        now_s = time.time()
        said = [
            {
                "customer": line.customer,
                "text": line.text,
                "timestamp": int((now_s - line.ago_s) * 1000),
                "by": "shop" if line.by_shop else "customer",
            }
            for line in lines
        ]
        self._to_be_brought = 0 if self._fetches else len(lines)
        asked = {"account": self._account, "hours": lasts_s / 3600, "messages": said, "seed": self._outage.number}
        answer = await self._product.emulator.ask("POST", "outage", asked)
        self._written += [
            self._one(told["id"], told["customer"], told["text"], by_shop=told["by"] == "shop")
            for told in answer["written"]
        ]

    def _one(self, id_: str, phone: str, text: str, *, by_shop: bool = False) -> Written:
        customer = Customer(phone=phone, number=self._account, channel=self._number.channel)
        return Written(id=id_, customer=customer.address, text=text, by_shop=by_shop)

    async def _in_the_middle(self, back_ns: int) -> bool | None:
        """What happens while it catches up, and whether that was so."""
        if not self._outage.meanwhile and not self._outage.again:
            return None
        is_middle = await self._is_catching_up(back_ns)
        if self._outage.shape is Shape.AGAIN:
            await self._goes_again(self._outage.again_s)
        else:
            await asyncio.gather(*(self._writes_now(line) for line in self._outage.meanwhile))
            await asyncio.gather(*(self._told_late(line) for line in self._lines_told_late()))
        return is_middle

    async def _goes_again(self, lasts_s: float) -> None:
        """As a power cut would have it. After a moment nothing is lost of what Meta had to tell: it tries again."""
        await away.go(self._product, killed=True)
        if lasts_s:
            await away.let_pass(self._product, lasts_s)
            await self._is_away(lasts_s, self._outage.again)
            await away.come_back(self._product)
        else:
            async with entry.beside(entry.together(*(self._writes_now(line) for line in self._outage.again))):
                await away.come_back(self._product)

    async def _is_catching_up(self, back_ns: int) -> bool:
        """From the moment at which it has asked for what was missed, or the first of it has been brought."""
        if self._fetches:
            found = await self._product.journal.arrived(
                self._account, lambda r: r.kind == "conversations" and r.received_ns > back_ns, _MIDDLE_S
            )
            return found is not None

        async def some_came() -> bool:
            return int((await self._product.emulator.health())["undelivered"]) < self._to_be_brought

        return await self._until(some_came, _MIDDLE_S) and bool((await self._product.emulator.health())["undelivered"])

    async def _writes_now(self, line: Line) -> None:
        said = await self._product.emulator.say(self._account, line.customer, line.text)
        self._written.append(self._one(said["id"], line.customer, line.text))

    def _lines_told_late(self) -> list[Written]:
        """Of the newest customers' words: those stand last in what is being fetched."""
        return [one for one in self._written if not one.by_shop][: self._outage.once_more]

    async def _told_late(self, one: Written) -> None:
        """Its own webhook comes after all."""
        line = next(line for line in self._outage.lines if line.text == one.text)
        at_ms = int((time.time() - line.ago_s) * 1000)
        await self._product.emulator.say(self._account, line.customer, line.text, id=one.id, timestamp=at_ms)

    async def _catches_up(self, since: Any) -> bool:
        """Whether all has been fetched or brought, and all of it is done with."""
        emulator, ledger, account = self._product.emulator, self._ledger, self._account

        async def begun() -> bool:
            progress = await ledger.progress(account, since)
            return progress.fetching or progress.fetched

        async def done() -> bool:
            health = await emulator.health()
            if health["undelivered"] or health["retrying"]:
                return False
            progress = await ledger.progress(account, since)  # after: what was brought by then is mail by now
            return not (progress.fetching or progress.mail or progress.sends)

        begins = not self._fetches or await self._until(begun, _BEGIN_S)
        return await self._until(done, _CAUGHT_UP_S) and begins

    async def _subscribed_s(self, back_ns: int) -> float | None:
        asked = [
            request.received_ns
            for request in self._product.journal.so_far(self._account)
            if (request.kind, request.method) == ("subscription", "POST") and request.received_ns > back_ns
        ]
        return round((min(asked) - back_ns) / 1e9, 1) if asked else None

    async def _judged(self, webhooks_before: int) -> Judged:
        posted = (await self._webhooks(webhooks_before))["items"]
        requests = await self._product.journal.whole()
        return judging.judge(
            self._written,
            await self._ledger.books(self._account),
            judging.answers_of(requests, self._account),
            _told(self._written, posted),
            timedelta(seconds=ChannelSettings().stale_after_s),
        )

    async def _last_webhook(self) -> int:
        return max((entry["n"] for entry in (await self._webhooks(0))["items"]), default=0)

    async def _webhooks(self, after: int) -> Json:
        return await self._product.emulator.ask("GET", f"webhooks?after={after}")

    async def _until(self, holds: Any, within_s: float) -> bool:
        deadline = time.monotonic() + within_s
        while not await holds():
            if time.monotonic() > deadline:
                return False
            await asyncio.sleep(_LOOK_S)
        return True


def _told(written: Sequence[Written], posted: Sequence[Json]) -> dict[str, Told]:
    """By the message's id, of the first post with it that was answered well."""
    ours, found = {one.id for one in written}, dict[str, Told]()
    for post in posted:
        if post["status"] != 200:
            continue
        for id_ in ours & set(_ids_in(json.loads(post["body"]))):
            begun_ns = post["ended_ns"] - int(post["ms"] * 1e6)
            found.setdefault(plain(id_), Told(begun_ns=begun_ns, ended_ns=post["ended_ns"]))
    return found


def _ids_in(body: Any) -> list[str]:
    """Of the messages that a body tells of as new."""
    changes = [change["value"] for entry in body["entry"] for change in entry.get("changes", ())]
    items = [item for entry in body["entry"] for item in entry.get("messaging", ())]
    return [message["id"] for value in changes for message in value.get("messages", ())] + [
        item["message"]["mid"] for item in items if "mid" in item.get("message", {})
    ]
