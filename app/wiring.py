"""What is made of what: read this to learn the whole. Nothing is built at import; nothing is global."""

from __future__ import annotations

import contextlib
import functools
import os
import secrets
import socket
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.engine import Connection

from app import emulation, instagram_settings, installation, llm_settings, model_report, sharing, update
from app.logs import discretion
from app.processes import HOUSE_VARIABLE
from app.settings import GRAPH_VERSION, Settings
from connectors import account_checks, ways_in
from connectors.callback_checks import CallbackChecks
from connectors.fetching import SafeFetcher
from connectors.graph import GraphClient
from connectors.llm import LlmClient
from connectors.ways_out import server_of, ways_out
from connectors.whatsapp_setting_up import WhatsAppSettingUp
from conversation import proof
from conversation.account import Account, AccountId
from conversation.account import Channel as ChannelName
from conversation.errors import SendError
from handover import feed_events
from handover.shapes.settings import Installation
from runtime.abilities import Reach
from runtime.accept import Entrance
from runtime.account_setup import AccountSetup, Surroundings
from runtime.agent_setup import AgentSetup
from runtime.alerting import Alerting
from runtime.bus import Bus, running
from runtime.businesses import Businesses
from runtime.catching_up import CatchingUp
from runtime.channel import Channels, WayOut
from runtime.checking import Checking, Where
from runtime.clock import Clock, SystemClock
from runtime.deadlines import Deadlines
from runtime.deliver import Delivery
from runtime.erasing import Erasing
from runtime.hub import Hub
from runtime.instagram_connecting import InstagramConnecting
from runtime.limits import Limits, Rate
from runtime.media import MediaFetcher
from runtime.media_files import MediaFolder
from runtime.meta_requests import MetaRequests
from runtime.numbering import Numbering
from runtime.own_profiles import OwnProfiles
from runtime.ownership import Ownership
from runtime.passwords import Passwords
from runtime.personas import PersonaBook
from runtime.platform_keeper import PlatformKeeper
from runtime.profiles import ProfileKeeper
from runtime.retention import Retention
from runtime.signing_in import SignIns
from runtime.syncing import Syncing
from runtime.thread_orders import ThreadOrders
from runtime.tokens import TokenKeeper
from runtime.trying_out import TryingOut
from runtime.uploading import Uploading
from runtime.wake import Wake
from runtime.webhook_redrive import WebhookRedrive
from store import accounts
from store.accounts import Credentials
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
    ways_out: Mapping[str, WayOut]
    entrance: Entrance
    ownership: Ownership
    delivery: Delivery
    alerting: Alerting
    deadlines: Deadlines
    media_folder: MediaFolder
    media: MediaFetcher
    profiles: ProfileKeeper
    syncing: Syncing
    catching_up: CatchingUp
    account_setup: AccountSetup
    agent_setup: AgentSetup
    trying_out: TryingOut
    tokens: TokenKeeper
    redrive: WebhookRedrive
    retention: Retention
    erasing: Erasing
    instagram_connecting: InstagramConnecting
    meta_requests: MetaRequests
    thread_orders: ThreadOrders
    own_profiles: OwnProfiles
    businesses: Businesses
    platform: PlatformKeeper
    checking: Checking
    graph: GraphClient
    llm: LlmClient
    limits: Limits
    numbering: Numbering
    hub: Hub
    bus: Bus
    sign_ins: SignIns

    def model(self) -> dict[str, Any]:
        """What answers, as its worker tells: empty where that runs elsewhere, or not at all."""
        return model_report.shown(self.settings.home)

    def installation(self) -> Installation:
        """What an admin may know of how it is set up."""
        return installation.facts(self.settings, sorted(self.channels))

    async def reach(self, account_id: str) -> Reach:
        """An account with what it takes to ask its channel anything."""
        return await reach_of(self.settings, self.db, self.vault, account_id)

    async def close(self) -> None:
        await self.llm.close()
        await self.graph.close()
        await self.limits.close()
        self.db.close()


def build(settings: Settings) -> House:
    """Opens the database, brought to the latest revision first."""
    db = Database(settings.database_url)
    update.bring_up_to_date(db, settings)
    usual = Rate(burst=settings.runtime.api_burst, per_s=settings.runtime.api_per_s)
    shared = sharing.made(settings, db, usual)
    vault, clock, wake = settings.vault(), SystemClock(), shared.wake
    discretion.hide([*settings.keys, settings.app_secret, settings.verify_token])
    if settings.instagram is not None:
        discretion.hide([settings.instagram.secret])
    if settings.alerting.mail_server is not None:
        discretion.hide([settings.alerting.mail_server.password])
    graph = GraphClient(version=GRAPH_VERSION, total_timeout_s=settings.runtime.request_timeout_s)
    out = ways_out(graph, _bases(settings, db))
    channels = {name: way.channel for name, way in out.items()}
    default = settings.app_secret
    holder = _holder()
    reach = functools.partial(reach_of, settings, db, vault)
    portrait = f"{settings.public_url or settings.address}/desk/person.png"
    book = PersonaBook(db, out, reach, clock, portrait)
    folder = MediaFolder(settings.media, max_mb=settings.runtime.media_max_mb)
    uploading = Uploading(db, out, reach, folder, clock)
    businesses = Businesses(db, out, reach, clock)
    entrance = Entrance(db, vault, channels, clock, wake, settings.verify_token, default)
    ownership = Ownership(db, vault, channels, clock, settings.runtime)
    erasing = Erasing(db, folder, shared.bus, clock, settings.runtime)
    return House(
        settings=settings,
        db=db,
        vault=vault,
        clock=clock,
        holder=holder,
        wake=wake,
        channels=channels,
        ways_out=out,
        entrance=entrance,
        ownership=ownership,
        delivery=Delivery(
            db,
            vault,
            channels,
            wake,
            clock,
            settings.runtime,
            holder,
            uploading=uploading,
            personas=book,
            default_secret=settings.app_secret,
        ),
        alerting=Alerting(db, vault, clock, holder, settings.alerting, settings.public_url or settings.address),
        deadlines=Deadlines(db, channels, wake, clock, settings.runtime),
        media_folder=folder,
        media=MediaFetcher(db, vault, out, reach, SafeFetcher(), folder, wake, clock),
        profiles=ProfileKeeper(db, vault, out, reach, clock),
        syncing=Syncing(db, vault, out, reach, entrance, clock),
        catching_up=CatchingUp(db, out, reach, clock),
        account_setup=AccountSetup(
            db,
            vault,
            clock,
            ownership,
            Surroundings(
                emulated=None if settings.graph_url else emulation.NETWORKS,
                has_app_secret=settings.app_secret_is_given,
                instagram_secrets=instagram_settings.app_secrets(settings),
            ),
            lambda word: discretion.hide([word]),
            functools.partial(emulation.tell, settings),
            businesses.prove,
        ),
        agent_setup=AgentSetup(
            db, vault, clock, ownership, lambda word: discretion.hide([word]), llm_settings.told_of(settings)
        ),
        trying_out=TryingOut(db, shared.bus, clock),
        tokens=TokenKeeper(db, vault, clock, instagram_settings.refresher(settings)),
        redrive=WebhookRedrive(db, entrance, ways_in.read, clock),
        retention=Retention(db, clock),
        erasing=erasing,
        instagram_connecting=InstagramConnecting(
            db,
            vault,
            clock,
            instagram_settings.sign_in(settings, GRAPH_VERSION),
            out[ChannelName.INSTAGRAM.value].subscription,
            lambda word: discretion.hide([word]),
        ),
        meta_requests=MetaRequests(
            db,
            vault,
            clock,
            instagram_settings.every_secret(settings),
            settings.public_url or settings.address,
            erasing,
        ),
        thread_orders=ThreadOrders(db, out, reach, clock),
        own_profiles=OwnProfiles(out, reach, clock),
        businesses=businesses,
        platform=PlatformKeeper(db, vault, out, reach, businesses, clock),
        checking=Checking(
            db,
            clock,
            entrance,
            reach,
            CallbackChecks(),
            account_checks.askers(graph),
            WhatsAppSettingUp(graph),
            Where(public_url=settings.public_url, own_address=settings.address),
        ),
        graph=graph,
        llm=LlmClient(local=settings.llm_local, hide=lambda word: discretion.hide([word])),
        limits=shared.limits,
        bus=shared.bus,
        sign_ins=SignIns(
            db, vault, clock, shared.limits, shared.bus, Passwords(), session_hours=settings.runtime.session_hours
        ),
        numbering=Numbering(db, wake),
        hub=Hub(db, wake, clock, shared.bus, feed_events.dressed),
    )


def _holder() -> Holder:
    """A name that no other process has; of the house of our parent, where it named one."""
    name = f"{socket.gethostname()[:12]}.{os.getpid()}.{secrets.token_hex(3)}"  # the column takes 80 with the house
    return Holder(house=os.environ.get(HOUSE_VARIABLE) or name, name=name)


def _bases(settings: Settings, db: Database) -> Callable[[ChannelName, str], str]:
    @functools.cache  # an account is emulated or real, and its sign-in what it is, for life
    def base_of(channel: ChannelName, provider_id: str) -> str:
        account = db.read_now(accounts.by_provider_id, channel, provider_id)
        if account is None:
            raise SendError("The account is gone.")
        return _base(settings, account)

    return base_of


def _base(settings: Settings, account: Account) -> str:
    login, server = account.channel_settings.login, server_of(account.channel)
    return settings.graph_base(emulated=account.emulated, login=login, server=server)


async def reach_of(settings: Settings, db: Database, vault: Vault, account_id: str) -> Reach:
    account, credentials = await db.read(_with_credentials, vault, account_id)
    token = credentials.token
    node = account.channel_settings.page_id or account.provider_id
    if account.emulated:
        token = token or "none"  # the emulator wants one, and takes any
    if token is not None:
        token = proof.proven(account, token, credentials.secrets, settings.app_secret)
    return Reach(account=account, node=node, base_url=_base(settings, account), token=token)


def _with_credentials(tx: Connection, vault: Vault, account_id: str) -> tuple[Account, Credentials]:
    account = accounts.get(tx, account_id)
    return account, accounts.credentials(tx, vault, AccountId(account.id))


@contextlib.asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[House]:
    house = build(settings)
    try:
        async with house.wake.watching(), running(house.bus):
            yield house
    finally:
        await house.close()
