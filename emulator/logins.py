"""Instagram's business login: the codes it gives out, and what the product makes of them [IG docs: business login]."""

from __future__ import annotations

import dataclasses
import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from emulator.clock import clock
from emulator.fields import Json
from emulator.graph_errors import GraphError
from emulator.graph_path import GraphRequest
from emulator.nodes import wanted_fields
from emulator.people import Account, People, account_from
from emulator.settings import Settings
from emulator.tokens import PERMISSIONS, Token, Tokens, is_dead

_CODE_S = 3600


@dataclass(frozen=True, kw_only=True)
class Code:
    """What somebody allowed: good once, for this client and address, for an hour."""

    account: str
    client_id: str
    redirect_uri: str
    expires_at: float


class Logins:
    """Gives codes out and takes them back."""

    def __init__(self, people: People) -> None:
        self._people = people
        self._codes: dict[str, Code] = {}

    def allow(self, account: str, client_id: str, redirect_uri: str) -> str:
        """A code. An account that is not there yet is made; `account` empty: a new one."""
        known = self._people.accounts.get(account)
        if known is None:
            known = self._new(account)
        elif known.login != "instagram":
            self._people.add_account(dataclasses.replace(known, login="instagram"))
        code = f"AQ{secrets.token_urlsafe(60)}"
        self._codes[code] = Code(
            account=known.id, client_id=client_id, redirect_uri=redirect_uri, expires_at=clock.time() + _CODE_S
        )
        return code

    def redeem(self, body: Json) -> Code:
        """The code is used up also by a mistake."""
        if body.get("grant_type") != "authorization_code":
            raise GraphError(100, "grant_type must be authorization_code.")
        for key in ("client_id", "client_secret", "redirect_uri", "code"):
            if not isinstance(body.get(key), str) or not body[key]:
                raise GraphError(100, f"The parameter {key} is required.")
        code = self._codes.pop(body["code"], None)
        if code is None or code.expires_at <= clock.time():
            raise GraphError(100, "The code is not known, has been used or has expired.")
        if code.client_id != body["client_id"]:
            raise GraphError(100, "The code was given out to another client.")
        if code.redirect_uri != body["redirect_uri"]:
            raise GraphError(100, "redirect_uri is not the one the code was given out for.")
        return code

    def clear(self) -> None:
        self._codes.clear()

    def _new(self, own_id: str) -> Account:
        own_id = own_id or f"17841{secrets.randbelow(10**12):012}"
        raw = {"channel": "instagram", "id": own_id, "name": f"Instagram {own_id[-4:]}", "login": "instagram"}
        account = account_from(raw, ["instagram"])
        self._people.add_account(account)
        return account


class LoginPath:
    """`POST /oauth/access_token`, `GET /access_token`, `GET /refresh_access_token`, `GET /me`, `GET /debug_token`"""

    name = "login"

    def __init__(self, logins: Logins, tokens: Tokens, people: People, settings: Callable[[], Settings]) -> None:
        self._logins = logins
        self._tokens = tokens
        self._people = people
        self._settings = settings

    def answer(self, request: GraphRequest) -> Json | None:
        route = (request.method, *request.path)
        if route == ("POST", "oauth", "access_token"):
            return self._first_token(request)
        if route == ("GET", "access_token"):
            _need(request, grant_type="ig_exchange_token")
            if not request.query.get("client_secret"):
                raise GraphError(100, "The parameter client_secret is required.")
            return _given(self._tokens.exchanged(_token_of(request)))
        if route == ("GET", "refresh_access_token"):
            _need(request, grant_type="ig_refresh_token")
            return _given(self._tokens.refreshed(_token_of(request)))
        if route == ("GET", "me"):
            return self._me(request)
        if route == ("GET", "debug_token"):
            return {"data": self._told_of(request.query.get("input_token", ""))}
        return None

    def _first_token(self, request: GraphRequest) -> Json:
        """A form, never JSON; the answer comes in one of two shapes (setting `oauth_answer`)."""
        if not request.content_type.startswith("application/x-www-form-urlencoded"):
            raise GraphError(100, "The body must be a form.")
        code = self._logins.redeem(request.body)
        token = self._tokens.issue(code.account, long=False)
        given: Json = {"access_token": token.text, "user_id": app_scoped(code.account)}
        if self._settings().oauth_answer == "data":
            return {"data": [{**given, "permissions": ",".join(PERMISSIONS)}]}
        return {**given, "permissions": list(PERMISSIONS)}

    def _me(self, request: GraphRequest) -> Json | None:
        """`user_id` is the id of webhooks; `id` is another one, scoped to the app."""
        own_id = self._tokens.account_of(_token_of(request))
        account = self._people.accounts.get(own_id or "")
        if account is None:
            account = next((a for a in self._people.accounts.values() if a.token and a.token == request.token), None)
        if account is None or account.channel != "instagram":
            raise GraphError(190, "The access token is missing or is nobody's.")
        known: dict[str, Any] = {
            "id": app_scoped(account.id),
            "user_id": account.id,
            "username": handle_of(account),
            "name": account.name,
            "account_type": "BUSINESS",
            "profile_picture_url": f"{request.origin}/emulator/media/portrait-{account.id}.png?ext=9999999999999",
        }
        wanted = [name for name in wanted_fields(request, "id") if name in known]
        return {name: known[name] for name in [*wanted, "id"]}

    def _told_of(self, text: str) -> Json:
        token = self._tokens.get(text)
        if token is None:
            return {"is_valid": bool(text), "expires_at": 0, "scopes": []}
        return {
            "type": "USER",
            "is_valid": not is_dead(token),
            "issued_at": int(token.issued_at),
            "expires_at": int(token.expires_at),
            "scopes": list(PERMISSIONS),
            "user_id": app_scoped(token.account),
        }


def app_scoped(account: str) -> str:
    """The other id of an Instagram account: comparing it with webhooks drops every message."""
    return "2" + str(int(hashlib.sha256(f"app {account}".encode()).hexdigest(), 16))[1:17]


def handle_of(account: Account) -> str:
    return "".join(sign for sign in account.name.lower() if sign.isascii() and sign.isalnum()) or f"a{account.id[-4:]}"


def _need(request: GraphRequest, **wanted: str) -> None:
    for key, value in wanted.items():
        if request.query.get(key) != value:
            raise GraphError(100, f"{key} must be {value}.")


def _token_of(request: GraphRequest) -> str:
    """In the header or the address: Meta takes both."""
    token = request.token or request.query.get("access_token", "")
    if not token:
        raise GraphError(190, "The access token is missing.")
    return token


def _given(token: Token) -> Json:
    return {"access_token": token.text, "token_type": "bearer", "expires_in": round(token.expires_at - clock.time())}
