"""The page on which somebody lets the product in: `GET /oauth/authorize` [IG docs: business login]."""

from __future__ import annotations

import html
from urllib.parse import urlencode, urlsplit

from aiohttp import web

from emulator.logins import Logins
from emulator.people import People

_PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Log in (emulator)</title>
<h1>Let the product in?</h1><p>A stand-in for Instagram: nothing leaves this machine.</p><ul>{choices}</ul>
<p><a href="{deny}">Deny</a></p></html>"""


class LoginPage:
    """With `decision=allow` (and `account`, or none for a new one) or `deny` it goes back at once."""

    def __init__(self, logins: Logins, people: People) -> None:
        self._logins = logins
        self._people = people

    async def serve(self, request: web.Request) -> web.StreamResponse:
        query = dict(request.query)
        problem = _problem(query)
        if problem:
            return web.Response(status=400, text=f"This cannot be authorised: {problem}.\n")
        decision = query.get("decision")
        if decision == "deny":
            return _back(query, error="access_denied", error_reason="user_denied", error_description="Denied.")
        if decision == "allow":
            code = self._logins.allow(query.get("account", ""), query["client_id"], query["redirect_uri"])
            return _back(query, code=code)
        return web.Response(text=self._page(query), content_type="text/html", charset="utf-8")

    def _page(self, query: dict[str, str]) -> str:
        known = [(a.id, a.name) for a in self._people.accounts.values() if a.channel == "instagram"]
        choices = "".join(
            f'<li><a href="{_link(query, decision="allow", account=own_id)}">Allow as {html.escape(name)}</a></li>'
            for own_id, name in [*known, ("", "a new account")]
        )
        return _PAGE.format(choices=choices, deny=_link(query, decision="deny"))


def _problem(query: dict[str, str]) -> str:
    for key in ("client_id", "redirect_uri", "scope"):
        if not query.get(key):
            return f"{key} is missing"
    if query.get("response_type") != "code":
        return "response_type must be code"
    if urlsplit(query["redirect_uri"]).scheme not in ("http", "https"):
        return "redirect_uri must be a web address"
    account = query.get("account", "")
    return "" if not account or account.isdigit() else "account must be digits"


def _link(query: dict[str, str], **more: str) -> str:
    return html.escape("?" + urlencode({**query, **more}))


def _back(query: dict[str, str], **told: str) -> web.Response:
    """Instagram puts `#_` after its addresses; a browser keeps it to itself, other readers trip over it."""
    state = {"state": query["state"]} if "state" in query else {}
    uri = query["redirect_uri"]
    location = f"{uri}{'&' if urlsplit(uri).query else '?'}{urlencode({**state, **told})}"
    return web.Response(status=302, headers={"Location": f"{location}#_"})
