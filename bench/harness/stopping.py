"""The process that sends, stopped between a claim and its request; and the take another process orders meanwhile."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import time
from collections.abc import Iterator

from bench.harness.clients import Answered
from bench.harness.customers import Customer
from bench.harness.moments import MISSED, Ordered, Place
from bench.harness.product import Product
from bench.harness.state import OPERATOR
from runtime.clock import SystemClock
from runtime.ownership import Ownership
from runtime.settings import RuntimeSettings
from store.database import Database
from store.vault import Vault

PLACE = "sender_stopped"
_REACH_S = 30.0


class Sender:
    """The gateway. Who takes does so as `./baton conversation take` would, from a process of their own."""

    def __init__(self, db: Database, vault: Vault) -> None:
        self._db = db
        self._ownership = Ownership(db, vault, {}, SystemClock(), RuntimeSettings())

    @classmethod
    @contextlib.contextmanager
    def of(cls, product: Product) -> Iterator[Sender]:
        with contextlib.closing(Database(product.settings.database_url)) as db:
            yield cls(db, Vault(product.settings.key))

    async def take(self, product: Product, customer: Customer, for_s: float) -> Ordered:
        """Takes while the sender, which has claimed a message to this customer, stands still for so long."""
        gateway = product.children["gateway"].process
        hold = product.points.hold(Place.CLAIMED.value, customer.conversation_id)
        reached = await hold.reached(_REACH_S)
        gateway.send_signal(signal.SIGSTOP)
        hold.let_go()  # what holds it from now on is that it stands still
        going_on = asyncio.get_running_loop().call_later(for_s, gateway.send_signal, signal.SIGCONT)
        sent_ns = time.monotonic_ns()
        try:
            done = await self._ownership.take(customer.conversation_id, by=OPERATOR)
        finally:
            answered_ns = time.monotonic_ns()
            await asyncio.sleep(max(0.0, for_s - (answered_ns - sent_ns) / 1e9))
            going_on.cancel()
            gateway.send_signal(signal.SIGCONT)
        answer = Answered(status=200, body={"in_flight": done.in_flight}, sent_ns=sent_ns, answered_ns=answered_ns)
        waited = reached and not done.in_flight and answered_ns - sent_ns >= for_s * 1e9
        return Ordered(place=PLACE if reached else MISSED, answer=answer, waited=waited)
