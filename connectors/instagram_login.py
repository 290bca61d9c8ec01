"""Instagram Business Login: the page people sign in on, a code for a token, a token for a longer one [IG docs:
Business Login for Instagram].

Tokens go in a header: an address is written down in many places. It is never logged here all the same, nor told in an
error, and no redirect is followed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import aiohttp

from connectors import graph
from conversation.errors import SendError
from runtime.instagram_sign_in import OwnAccount
from runtime.tokens import FreshToken

SCOPES = (
    "instagram_business_basic",
    "instagram_business_manage_messages",
    "instagram_business_manage_comments",
)
_ABOUT_ME = "user_id,username,name,account_type,profile_picture_url"
_TIMEOUT = aiohttp.ClientTimeout(total=20.0, connect=5.0)


@dataclass(frozen=True, kw_only=True)
class Hosts:
    """Instagram's three, or a stand-in's one."""

    authorize_url: str
    token_url: str
    base_url: str


META = Hosts(
    authorize_url="https://www.instagram.com/oauth/authorize",
    token_url="https://api.instagram.com/oauth/access_token",
    base_url="https://graph.instagram.com",
)


def stand_in(url: str) -> Hosts:
    return Hosts(authorize_url=f"{url}/oauth/authorize", token_url=f"{url}/oauth/access_token", base_url=url)


@dataclass(frozen=True, kw_only=True)
class InstagramLogin:
    """Satisfies `runtime.instagram_sign_in.SignIn`. `redirect_uri` must stand in the app's settings, byte by byte."""

    hosts: Hosts
    app_id: str
    app_secret: str
    redirect_uri: str
    version: str
    emulated: bool = False
    secrets: tuple[str, ...] = ()

    @property
    def base_url(self) -> str:
        return self.hosts.base_url

    def page(self, state: str) -> str:
        query = {
            "client_id": self.app_id,
            "redirect_uri": self.redirect_uri,
            "response_type": "code",
            "scope": ",".join(SCOPES),
            "state": state,
        }
        return f"{self.hosts.authorize_url}?{urlencode(query)}"

    async def token_for(self, code: str) -> FreshToken:
        short = await self._exchange(code.partition("#")[0])
        query = {"grant_type": "ig_exchange_token", "client_secret": self.app_secret}
        return _fresh(await _ask_with(short, f"{self.base_url}/access_token", query))

    async def who(self, token: str) -> OwnAccount:
        me = _only(await _ask_with(token, f"{self.base_url}/{self.version}/me", {"fields": _ABOUT_ME}))
        webhook_id = _text(me, "user_id")
        if webhook_id is None:
            raise SendError("Instagram did not say which account signed in.")
        return OwnAccount(
            webhook_id=webhook_id,
            app_scoped_id=_text(me, "id"),
            username=_text(me, "username"),
            name=_text(me, "name"),
            kind=_text(me, "account_type"),
        )

    async def _exchange(self, code: str) -> str:
        form = {
            "client_id": self.app_id,
            "client_secret": self.app_secret,
            "grant_type": "authorization_code",
            "redirect_uri": self.redirect_uri,
            "code": code,
        }
        token = _text(_only(await _ask("POST", self.hosts.token_url, data=form)), "access_token")
        if token is None:
            raise SendError("Instagram gave no token for this sign-in.")
        return token


async def refresh(token: str, *, base_url: str) -> FreshToken:
    """Another sixty days, for a token that is a day old and not dead."""
    return _fresh(await _ask_with(token, f"{base_url}/refresh_access_token", {"grant_type": "ig_refresh_token"}))


async def _ask_with(token: str, url: str, query: Mapping[str, str]) -> dict[str, Any]:
    """Refused, it is asked once more as Instagram's own pages show it: with the token in the address."""
    try:
        return await _ask("GET", url, params=query, headers={"Authorization": f"Bearer {token}"})
    except SendError as refused:
        if refused.retryable or refused.unknown:
            raise
        return await _ask("GET", url, params={**query, "access_token": token})


async def _ask(method: str, url: str, **what: Any) -> dict[str, Any]:
    """These questions are rare: a connection each, and nothing of the address in an error."""
    try:
        async with (
            aiohttp.ClientSession(timeout=_TIMEOUT, cookie_jar=aiohttp.DummyCookieJar()) as session,
            session.request(method, url, allow_redirects=False, **what) as response,
        ):
            return _read(response.status, response.headers, await response.read())
    except (aiohttp.ClientError, asyncio.TimeoutError, OSError, ValueError) as error:
        raise SendError(f"Instagram could not be reached ({type(error).__name__}).", retryable=True) from None


def _read(status: int, headers: Mapping[str, str], raw: bytes) -> dict[str, Any]:
    """The page for sign-ins refuses in a way of its own, with `error_type` and `error_message`."""
    if 400 <= status < 500 and b'"error"' not in raw:
        raise SendError(f"Instagram did not take this sign-in ({status}).")
    return graph.read_answer(status, headers, raw)


def _only(answer: Mapping[str, Any]) -> Mapping[str, Any]:
    """In the docs the answer is the one item of `data`; in the wild it is often the document itself."""
    data = answer.get("data")
    first = data[0] if isinstance(data, list) and data else data
    return first if isinstance(first, dict) else answer


def _fresh(answer: Mapping[str, Any]) -> FreshToken:
    facts = _only(answer)
    token = _text(facts, "access_token")
    if token is None:
        raise SendError("Instagram gave no token.", retryable=True)
    seconds: Any = facts.get("expires_in")
    good = isinstance(seconds, (int, float)) and not isinstance(seconds, bool) and seconds > 0
    return FreshToken(value=token, good_for_s=float(seconds) if good else None)


def _text(facts: Mapping[str, Any], name: str) -> str | None:
    """Ids come as numbers too."""
    value = facts.get(name)
    return str(value) if isinstance(value, (str, int)) and not isinstance(value, bool) and str(value) else None
