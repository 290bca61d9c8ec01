"""Pages of our own on another origin than the API's, in a real browser, that read our answers as a dashboard's do."""

from __future__ import annotations

import asyncio
import functools
import http.server
import socket
import threading
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from sanic import Sanic

from app import gateway
from conversation.account import Account, Channel
from conversation.arrivals import Inbound
from conversation.contact import Address
from conversation.conversation import ConversationId
from runtime.businesses import Businesses
from runtime.signing_in import set_password
from store import accounts, conversations
from tests.handover.conftest import Api
from tests.house import ADDRESS_KINDS, ANA, BEN, FakeChannel, Stage, add_account

_HERE = Path(__file__).parent
PASSWORD = "a long enough pass phrase"
OTHERS = {Channel.INSTAGRAM: "17840000000000001", Channel.MESSENGER: "200000000000001"}
PEERS = {Channel.INSTAGRAM: "9001", Channel.MESSENGER: "9002"}
#: What is made once a process: its routes take most of a test's time to make.
_made: list[Sanic] = []


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        """Nobody reads it."""


@pytest.fixture(scope="session")
def origin() -> Iterator[str]:
    """Where the pages are served."""
    handler = functools.partial(_Quiet, directory=str(_HERE))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        serving = threading.Thread(target=server.serve_forever, daemon=True)
        serving.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        serving.join()


@pytest.fixture
async def gate(api: Api, origin: str) -> AsyncIterator[str]:
    """The gateway of the stage, which pages of that origin may ask; its address."""
    if not _made:
        Sanic._app_registry.pop(api.app.name, None)
        _made.append(gateway.make_app(api.house, origins=[origin]))
    (app,) = _made
    app.ctx.baton, app.ctx.closing = api.house, asyncio.Event()
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    listening.listen(16)
    server = await app.create_server(sock=listening, return_asyncio_server=True, access_log=False)
    assert server is not None
    await server.startup()
    yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    app.ctx.closing.set()
    server.close()
    await server.wait_closed()
    Sanic._app_registry.pop(app.name, None)


class Business:
    """Satisfies `runtime.abilities.Business`."""

    async def profile(self, reach: Any) -> dict[str, Any]:
        return {"about": "comida de casa", "websites": ["https://cantina.example/"]}

    async def templates(self, reach: Any, business_id: str) -> list[Any]:
        return []


@pytest.fixture
async def about(stage: Stage, api: Api) -> dict[str, str]:
    """A talk on each channel, with both sides in it; an operator with a password. The ids, as the scripts call them."""
    for part in (stage.entrance, stage.turns, stage.ownership, stage.delivery):
        part._channels.update({each.value: FakeChannel() for each in OTHERS})  # type: ignore[attr-defined]
    api.house.businesses = _businesses(stage)
    hashed = await api.house.sign_ins.hash(PASSWORD, "chefe")
    await stage.db.write(set_password, "chefe", hashed)
    facts = {"operator": "chefe", "password": PASSWORD, "account": stage.account.id, "agent": stage.agent.id}
    await stage.hears("oi", phone=BEN)
    stage.clock.wind(60)
    facts |= {"peer": ANA, "talk": await stage.hears("oi", phone=ANA), "once": "00000000-0000-4000-8000-000000000001"}
    stage.clock.wind(60)
    await stage.all_turns(ConversationId(facts["talk"]))  # a minute later, so that it shows which was first
    for channel, provider_id in OTHERS.items():
        account: Account = await stage.db.write(add_account, stage.vault, stage.agent, provider_id, channel=channel)
        talk = await _hears(stage, channel, provider_id)
        stage.clock.wind(60)
        await stage.all_turns(talk)
        name = channel.value
        facts |= {name: talk, f"{name}Account": account.id, f"{name}Peer": PEERS[channel]}
    return facts


def _businesses(stage: Stage) -> Businesses:
    async def reach(account_id: str) -> Any:
        return SimpleNamespace(account=await stage.db.read(accounts.get, account_id))

    ways_out: Any = {"whatsapp": SimpleNamespace(business=Business())}
    return Businesses(stage.db, ways_out, reach, stage.clock)


async def _hears(stage: Stage, channel: Channel, provider_id: str) -> ConversationId:
    stage.clock.wind(60)
    address = Address(kind=ADDRESS_KINDS[channel], value=PEERS[channel])
    arrival = Inbound(
        account=provider_id,
        addresses=(address,),
        provider_id=f"mid.{channel.value}",
        kind="text",
        sent_at=stage.clock.now(),
        text="oi",
    )
    await stage.entrance.accept(channel.value, [arrival])
    return (await stage.db.read(conversations.listed, address=address.value))[0].conversation.id
