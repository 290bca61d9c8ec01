"""`credentials.yml`: `handover.dashboard.sockets.DashboardSockets:`: the dashboard's sockets, below /ws.

Each is accepted before it is known who it is for: the page says so in its first message. Its oldest revision says
nothing and has its token in the address; `token_in_address: false` in the block refuses that.
"""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Awaitable, Callable
from typing import Any

import structlog
from rasa.core.channels.channel import InputChannel, UserMessage
from sanic import Blueprint
from sanic.request import Request

from conversation.account import Account
from conversation.errors import BatonError
from conversation.people import Operator
from handover import documented, feed_socket
from handover.auth import language
from handover.dashboard.media_links import links_of
from handover.dashboard.socket import NOT_THERE, REFUSED, DashboardSocket, Topic, read
from handover.dashboard.told import Family
from handover.documented import Documented
from handover.feed_socket import TRY_AGAIN, farewell
from runtime import numbering
from store import accounts, conversations, feed, operators
from store.operator_tokens import Token

log = structlog.get_logger()

_MOST_BYTES = 16 * 1024
#: Whoever connects says who they are within this.
_GREETING_S = 10.0
_MOST_STRANGERS = 1000
_MOST_OF_ONE = 200
#: In place of an account: all of theirs.
_ALL = frozenset({"dashboard", "all"})
_BECAUSE = "Who follows is asked on the socket, with a token; until then nothing is told."

Who = tuple[Operator, Token]


class DashboardSockets(InputChannel):
    """Not a channel to customers: it never makes a message."""

    def __init__(self, *, token_in_address: bool = True) -> None:
        self._token_in_address = token_in_address

    @classmethod
    def from_credentials(cls, credentials: dict[str, Any] | None) -> DashboardSockets:
        return cls(token_in_address=bool((credentials or {}).get("token_in_address", True)))

    @classmethod
    def name(cls) -> str:
        return "dashboard_sockets"

    def url_prefix(self) -> str:
        return "/ws"

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        blueprint = Blueprint("dashboard_sockets")
        for family in (Family.WHATSAPP, Family.INSTAGRAM, Family.MESSENGER):
            self._add(blueprint, family, f"/{family.value}/<account_id:str>/")
        self._add(blueprint, Family.HANDOVER, "/handover/<conversation_id:str>/")
        return blueprint

    def _add(self, blueprint: Blueprint, family: Family, path: str) -> None:
        strangers: set[object] = set()

        async def follow(request: Request, line: Any, **asked: str) -> None:
            line.connection.max_size = _MOST_BYTES
            if len(strangers) >= _MOST_STRANGERS:
                return await farewell(line, TRY_AGAIN)
            strangers.add(line)
            try:
                socket = await self._greeted(request, line, family, asked)
            except Exception as error:
                log.warning("dashboard_not_joined", error=type(error).__name__)
                return await farewell(line, TRY_AGAIN)
            finally:
                strangers.discard(line)
            if socket is not None:
                await socket.run()

        known = Documented(
            method="GET",
            path=f"/ws{path}",
            name=f"follow_{family.value}",
            role=None,
            open_because=_BECAUSE,
            part="dashboard",
        )
        setattr(follow, documented.ATTRIBUTE, known)
        blueprint.add_websocket_route(follow, path, name=known.name)

    async def _greeted(
        self, request: Request, line: Any, family: Family, asked: dict[str, str]
    ) -> DashboardSocket | None:
        """Who they are, and what they follow, if they may; else the line is closed."""
        house = request.app.ctx.baton
        word = await self._word(request, line)
        who: Who | None = None
        if word:
            who = await house.db.read(operators.signed_in, word, house.clock.now())
        if who is None:
            await farewell(line, REFUSED)
            return None
        operator = who[0]
        theirs = await house.db.read(_accounts_of, operator)
        topic = await _topic(house, operator, family, asked)
        if topic is None:
            await farewell(line, NOT_THERE)
            return None
        if house.hub.count(operator.name) >= _MOST_OF_ONE:
            await farewell(line, TRY_AGAIN)
            return None
        await numbering.number_all(house.db)
        return DashboardSocket(
            house,
            line,
            who,
            language(request),
            await house.db.read(feed.newest),
            topic=topic,
            links=functools.partial(links_of, request),
            accounts=[each.id for each in theirs if each.channel.value == family.value],
            closing=getattr(request.app.ctx, "closing", None),
        )

    async def _word(self, request: Request, line: Any) -> str | None:
        """The token: of the address, or of the first message."""
        given: str | None = request.args.get("token")
        if given is not None:
            return given if self._token_in_address else None
        waiting = asyncio.get_running_loop().call_later(_GREETING_S, feed_socket.hang_up, line)
        try:
            first = read(await line.recv())
        except (BatonError, asyncio.CancelledError):
            return None  # the server says by a cancellation, too, that the other end has gone
        finally:
            waiting.cancel()
        word = first.get("token")
        return word if first.get("type") == "auth" and isinstance(word, str) else None


async def _topic(house: Any, operator: Operator, family: Family, asked: dict[str, str]) -> Topic | None:
    """None: there is no such account or conversation for them."""
    try:
        if (conversation_id := asked.get("conversation_id")) is not None:
            found = await house.db.read(conversations.get, conversation_id)
            return Topic(family=family, conversation=found.id) if operator.may_see(found.account_id) else None
        name = asked["account_id"]
        if name in _ALL:
            return Topic(family=family)
        account: Account = await house.db.read(accounts.get, name)
    except BatonError:
        return None
    is_theirs = operator.may_see(account.id) and account.channel.value == family.value
    return Topic(family=family, account=account.id) if is_theirs else None


def _accounts_of(tx: Any, operator: Operator) -> list[Account]:
    return [each for each in accounts.all_of(tx) if operator.may_see(each.id)]
