"""/connect/instagram/callback: where the owner of an Instagram account comes back to after signing in there.

No role: the state that comes back says who began it, was signed here, and is good once, for ten minutes.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlencode

import structlog
from rasa.core.channels.channel import InputChannel, UserMessage
from sanic import Blueprint
from sanic.request import Request
from sanic.response import HTTPResponse, redirect

from handover import connect_words, plain_page
from handover.auth import language, route
from handover.shapes.accounts import SignInLink
from runtime.instagram_connecting import Ended, Ending
from store.operators import Operator, Role

log = structlog.get_logger()

#: What happened, as HTTP says it.
_STATUS = {Ending.CONNECTED: 200, Ending.RENEWED: 200, Ending.DENIED: 200, Ending.REFUSED: 502}
_LONGEST = 4_096


def register(blueprint: Blueprint) -> None:
    @route(blueprint, "POST", "/accounts/instagram/connect", role=Role.ADMIN, answers=SignInLink, refusals=(400, 409))
    async def connect_instagram(request: Request, operator: Operator) -> SignInLink:
        """Where the account's owner signs in. The link is good for ten minutes, once."""
        return {"url": await request.app.ctx.baton.instagram_connecting.begin(operator.name)}


class InstagramConnect(InputChannel):
    """`credentials.yml`: `handover.instagram_connect.InstagramConnect:`. Not a channel: it never makes a message."""

    @classmethod
    def name(cls) -> str:
        return "instagram_connect"

    def url_prefix(self) -> str:
        return "/connect/instagram"

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        blueprint = Blueprint("instagram_connect")

        @blueprint.get("/callback")
        async def callback(request: Request) -> HTTPResponse:
            ended = await _finish(request)
            return _page(ended, language(request)) if ended.back_to is None else _back(ended, language(request))

        return blueprint


async def _finish(request: Request) -> Ended:
    state, code = request.args.get("state") or "", request.args.get("code")
    if len(state) > _LONGEST or len(code or "") > _LONGEST:
        return Ended(ending=Ending.STALE)
    try:
        ended: Ended = await request.app.ctx.baton.instagram_connecting.finish(state=state, code=code)
    except Exception as error:  # its text may hold what came in the address
        log.error("instagram_connect_broke", error=type(error).__name__)
        return Ended(ending=Ending.REFUSED)
    return ended


def _back(ended: Ended, spoken: str) -> HTTPResponse:
    """To the dashboard that it was begun on, whose page closes this window. Nothing of the account goes along."""
    error = connect_words.dashboards(ended, spoken)
    query = {"ig_connected": "1"} if error is None else {"ig_error": error}
    headers = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
    return redirect(f"{ended.back_to}/instagram/callback?{urlencode(query)}", headers=headers)


def _page(ended: Ended, spoken: str) -> HTTPResponse:
    return plain_page.page(connect_words.told(ended, spoken), language=spoken, status=_STATUS.get(ended.ending, 400))
