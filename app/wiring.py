"""What is made of what: read this to learn the whole. Nothing is built at import; nothing is global."""

from __future__ import annotations

import contextlib
import functools
import os
import secrets
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

from app import model_report, update
from app.logs import discretion
from app.processes import HOUSE_VARIABLE
from app.settings import GRAPH_VERSION, Settings
from connectors.graph import GraphClient
from connectors.whatsapp_channel import WhatsAppChannel
from conversation.account import Channel as ChannelName
from conversation.errors import SendError
from runtime.accept import Entrance
from runtime.alerting import Alerting
from runtime.channel import Channels
from runtime.clock import Clock, SystemClock
from runtime.deadlines import Deadlines
from runtime.deliver import Delivery
from runtime.ownership import Ownership
from runtime.wake import Wake
from store import accounts
from store.database import Database
from store.leases import Holder
from store.vault import Vault


@dataclass(frozen=True, kw_only=True)
class House:
    """All that a process of ours needs. The worker adds a dialogue; see `worker.py`."""

    settings: Settings
    db: Database
    vault: Vault
    clock: Clock
    holder: Holder
    wake: Wake
    channels: Channels
    entrance: Entrance
    ownership: Ownership
    delivery: Delivery
    alerting: Alerting
    deadlines: Deadlines
    graph: GraphClient

    def model(self) -> dict[str, Any]:
        """What answers, as its worker tells: empty where that runs elsewhere, or not at all."""
        return model_report.shown(self.settings.home)

    async def close(self) -> None:
        await self.graph.close()
        self.db.close()


def build(settings: Settings) -> House:
    """Opens the database, brought to the latest revision first."""
    db = Database(settings.database_url)
    update.bring_up_to_date(db, settings)
    vault, clock, wake = settings.vault(), SystemClock(), Wake(db)
    discretion.hide([*settings.keys, settings.app_secret, settings.verify_token])
    if settings.alerting.mail_server is not None:
        discretion.hide([settings.alerting.mail_server.password])
    graph = GraphClient(version=GRAPH_VERSION, total_timeout_s=settings.runtime.request_timeout_s)
    channels = _channels(settings, db, graph)
    default = settings.app_secret
    holder = _holder()
    return House(
        settings=settings,
        db=db,
        vault=vault,
        clock=clock,
        holder=holder,
        wake=wake,
        channels=channels,
        entrance=Entrance(db, vault, channels, clock, wake, settings.verify_token, default),
        ownership=Ownership(db, vault, channels, clock, settings.runtime),
        delivery=Delivery(db, vault, channels, wake, clock, settings.runtime, holder),
        alerting=Alerting(db, vault, clock, holder, settings.alerting, settings.public_url or settings.address),
        deadlines=Deadlines(db, channels, wake, clock, settings.runtime),
        graph=graph,
    )


def _holder() -> Holder:
    """A name that no other process has; of the house of our parent, where it named one."""
    name = f"{socket.gethostname()[:12]}.{os.getpid()}.{secrets.token_hex(3)}"  # the column takes 80 with the house
    return Holder(house=os.environ.get(HOUSE_VARIABLE) or name, name=name)


def _channels(settings: Settings, db: Database, graph: GraphClient) -> Channels:
    @functools.cache  # an account is emulated or real for life
    def base_of(provider_id: str) -> str:
        account = db.read_now(accounts.by_provider_id, ChannelName.WHATSAPP, provider_id)
        if account is None:
            raise SendError("The account is gone.")
        return settings.graph_base(emulated=account.emulated)

    return {ChannelName.WHATSAPP.value: WhatsAppChannel(graph, base_of)}


@contextlib.asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[House]:
    house = build(settings)
    try:
        async with house.wake.watching():
            yield house
    finally:
        await house.close()
