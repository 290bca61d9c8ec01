"""A gateway as `./baton run` has one, the emulator in Meta's place, and numbers that are as good as real."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import socket
import ssl
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
from sanic import Sanic

from app import gateway, settings, wiring
from bench.checking import certificates, proxy
from connectors.account_checks import askers
from connectors.callback_checks import CallbackChecks
from connectors.whatsapp_setting_up import WhatsAppSettingUp
from conversation.account import Channel
from conversation.channel_settings import ChannelSettings
from conversation.checks import Checked
from emulator import server
from emulator.settings import start_from
from runtime.account_setup import NewAccount
from runtime.checking import Checking, Trial, Where

HOST = "baton.example.org"
VERIFY, COMMON = "a verify token", "the-common-secret"
CUSTOMER = "5511988887777"


@dataclass(frozen=True, kw_only=True)
class Number:
    """One that Meta has, and we too. Its own app, token and business account."""

    id: str
    waba: str
    app: str
    token: str
    secret: str

    @staticmethod
    def nth(n: int) -> Number:
        return Number(
            id=f"1000000000000{n:02}",
            waba=f"3000000000000{n:02}",
            app=f"7000000000000{n:02}",
            token=f"EAAG-token-{n}",
            secret=f"secret-of-app-{n}",
        )


@dataclass(frozen=True, kw_only=True)
class View:
    """What the admin's own settings and the world between differ in; empty is as it should be."""

    public_url: str | None = None  # in place of the right one
    unset: bool = False
    verify_token: str = VERIFY
    secret: str | None = None  # known to the command alone
    proxy: str = ""  # one of proxy.WRONGS
    certificate: str = ""  # one of certificates'
    in_dns: bool = True
    listening: bool = True


@dataclass(kw_only=True)
class Seen:
    """What a command sees of the secrets, where it has other settings than the gateway."""

    house: wiring.House
    view: View

    @property
    def verify_token(self) -> str:
        return self.view.verify_token

    async def secrets(self, channel: str, *, fresh: bool = False) -> Mapping[str, tuple[str, ...]]:
        known = await self.house.entrance.secrets(channel, fresh=fresh)
        other = self.view.secret
        return known if other is None else {account: (other,) for account in known}


@dataclass(kw_only=True)
class World:
    house: wiring.House
    gateway: str
    emulator: str
    certificates: certificates.Certificates
    http: aiohttp.ClientSession
    numbers: Sequence[Number] = field(default_factory=list)

    async def check(self, number: Number, view: View, *, to: str | None = None) -> Checked:
        tls: ssl.SSLContext = self.certificates.servers[view.certificate]
        async with proxy.before(self.gateway, tls, view.proxy) as port:
            place = f"https://{HOST}:{port if view.listening else 9}"
            url = None if view.unset else view.public_url or place
            # Meta calls where the right setting says, whatever the check is told.
            await self.stand(number, **({} if await self._is_elsewhere(number) else {"callback_url": _callback(place)}))
            trial = None if to is None else Trial(to=to)
            return await self._checking(view, url).check(number.id, trial)

    async def stand(self, number: Number, **standing: Any) -> Any:
        return await self.control("standing", account=number.id, **standing)

    async def control(self, path: str, **body: Any) -> Any:
        async with self.http.post(f"{self.emulator}/emulator/{path}", json=body) as response:
            answer = await response.json()
            assert response.status == 200, answer
            return answer

    async def ask(self, method: str, path: str, token: str) -> Any:
        headers = {"Authorization": f"Bearer {token}"}
        async with self.http.request(method, f"{self.emulator}/v24.0/{path}", headers=headers) as response:
            return await response.json()

    async def _is_elsewhere(self, number: Number) -> bool:
        callback = (await self.stand(number))["callback_url"]
        return callback is not None and HOST not in callback

    def _checking(self, view: View, url: str | None) -> Checking:
        house = self.house
        resolve = functools.partial(_resolved, view.in_dns)
        return Checking(
            house.db,
            house.clock,
            Seen(house=house, view=view),
            house.reach,
            CallbackChecks(tls=self.certificates.trusting, resolve=resolve),
            askers(house.graph),
            WhatsAppSettingUp(house.graph),
            Where(public_url=url, own_address=self.gateway),
        )


@contextlib.asynccontextmanager
async def running(folder: Path, numbers: int, *, known_here: bool = True) -> AsyncIterator[World]:
    known = [Number.nth(n) for n in range(1, numbers + 1)]
    listening = _listening()
    address = f"http://127.0.0.1:{listening.getsockname()[1]}"
    told = {"webhook_base": address, "app_secret": COMMON, "verify_token": VERIFY, "delivered_after_ms": 1}
    accounts = [
        {"id": n.id, "business_id": n.waba, "app_id": n.app, "token": n.token, "app_secret": n.secret} for n in known
    ]
    async with contextlib.AsyncExitStack() as stack:
        port = await stack.enter_async_context(server.running(start_from({**told, "accounts": accounts}), 0))
        emulator = f"http://127.0.0.1:{port}"
        house = await stack.enter_async_context(wiring.opened(_settings(folder, emulator)))
        await stack.enter_async_context(_serving(house, listening))
        for number in known if known_here else ():
            await house.account_setup.add(_account(number))
        http = await stack.enter_async_context(aiohttp.ClientSession())
        made = certificates.made(folder, HOST)
        yield World(house=house, gateway=address, emulator=emulator, certificates=made, http=http, numbers=known)


def _account(number: Number) -> NewAccount:
    return NewAccount(
        channel=Channel.WHATSAPP,
        provider_id=number.id,
        name=f"Cantina {number.id[-2:]}",
        token=number.token,
        secrets=(number.secret,),
        channel_settings=ChannelSettings(app_id=number.app, waba_id=number.waba),
    )


def _settings(folder: Path, emulator: str) -> settings.Settings:
    env = {"BATON_HOME": str(folder / "home"), "GRAPH_URL": emulator, "META_VERIFY_TOKEN": VERIFY}
    return settings.read({**env, "META_APP_SECRET": COMMON})


@contextlib.asynccontextmanager
async def _serving(house: wiring.House, listening: socket.socket) -> AsyncIterator[None]:
    """The gateway's own app, in this process."""
    app = gateway.make_app(house)
    made = await app.create_server(sock=listening, return_asyncio_server=True, access_log=False)
    assert made is not None
    await made.startup()
    try:
        yield
    finally:
        made.close()
        await made.wait_closed()
        Sanic._app_registry.pop(app.name, None)


def _listening() -> socket.socket:
    made = socket.socket()
    made.bind(("127.0.0.1", 0))
    made.listen(64)
    return made


def _callback(place: str) -> str:
    return f"{place}/webhooks/whatsapp/webhook"


async def _resolved(in_dns: bool, host: str, port: int) -> Sequence[str]:
    await asyncio.sleep(0)
    if not in_dns:
        raise OSError("no such name")
    return ["127.0.0.1"]
