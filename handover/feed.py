"""The feed at /ws: what happens, as it happens, to whoever may see it; resumed after the last event that was read."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any, TypedDict

import structlog
from rasa.core.channels.channel import InputChannel, UserMessage
from sanic import Blueprint
from sanic.request import Request

from conversation.errors import BatonError
from conversation.words import language_of
from handover import documented, feed_socket
from handover import feed_messages as told
from handover.auth import language, route
from handover.documented import Documented
from handover.feed_socket import TOO_MANY, TRY_AGAIN, UNAUTHORIZED, Socket, farewell
from handover.schemas import instant
from runtime import numbering
from store import feed, feed_tickets, operators
from store.operator_tokens import Token
from store.operators import Operator, Role

log = structlog.get_logger()

_MOST_BYTES = 16 * 1024
#: Whoever connects says who they are within this.
_GREETING_S = 10.0
#: Sockets of nobody yet, and of one operator, at a gateway.
_MOST_STRANGERS = 1000
_MOST_OF_ONE = 200


_BECAUSE = "Who follows is asked on the socket, with a token or a ticket; until then nothing is told."


class Ticket(TypedDict):
    ticket: str
    expires_at: str


class Feed(InputChannel):
    """`credentials.yml`: `handover.feed.Feed:`. Not a channel to customers: it never makes a message."""

    @classmethod
    def name(cls) -> str:
        return "feed"

    def url_prefix(self) -> str:
        return "/ws"

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        blueprint = Blueprint("feed")
        strangers: set[object] = set()

        async def follow(request: Request, line: Any) -> None:
            """Who it is for is asked on the socket: a browser can send no header with it."""
            line.connection.max_size = _MOST_BYTES
            if len(strangers) >= _MOST_STRANGERS:
                return await farewell(line, TOO_MANY)
            strangers.add(line)
            try:
                socket = await _greeted(request, line)
            except Exception as error:
                log.warning("feed_not_joined", error=type(error).__name__)
                return await farewell(line, TRY_AGAIN)
            finally:
                strangers.discard(line)
            if socket is not None:
                await socket.run()

        known = Documented(method="GET", path="/ws", name="follow", role=None, open_because=_BECAUSE)
        setattr(follow, documented.ATTRIBUTE, known)
        blueprint.add_websocket_route(follow, "/", name="follow")
        return blueprint


def register(blueprint: Blueprint) -> None:
    @route(blueprint, "POST", "/feed-tickets", role=Role.OPERATOR, answers=Ticket)
    async def add_feed_ticket(request: Request, operator: Operator) -> Ticket:
        """A ticket that opens one socket of the feed at /ws, once, within 30 seconds: for desks whose page must not
        hold the token."""
        house = request.app.ctx.baton
        made: tuple[str, datetime] = await house.db.write(feed_tickets.add, request.ctx.token, house.clock.now())
        return {"ticket": made[0], "expires_at": instant(made[1]) or ""}


async def _greeted(request: Request, line: Any) -> Socket | None:
    """Whoever says who they are in time; the others are hung up on, and told nothing."""
    house = request.app.ctx.baton
    first = await _first_message(line)
    who = await _who(house, first) if first is not None else None
    if who is None or first is None:
        await farewell(line, UNAUTHORIZED)
        return None
    if house.hub.count(who[0].name) >= _MOST_OF_ONE:
        await farewell(line, TOO_MANY)
        return None
    await numbering.number_all(house.db)
    newest = await house.db.read(feed.newest)
    speaks = language_of(first.language[:2].lower()) if first.language else language(request)
    anew = first.after is not None and first.after > newest  # another database than before
    cursor = newest if first.after is None or anew else first.after
    closing: asyncio.Event | None = getattr(request.app.ctx, "closing", None)
    return Socket(house, line, who, speaks, cursor, anew=anew, closing=closing)


async def _first_message(line: Any) -> told.Auth | None:
    waiting = asyncio.get_running_loop().call_later(_GREETING_S, feed_socket.hang_up, line)
    try:
        found = feed_socket.read(await line.recv())
    except (BatonError, asyncio.CancelledError):
        return None  # the server says by a cancellation, too, that the other end has gone
    finally:
        waiting.cancel()
    return found if isinstance(found, told.Auth) else None


async def _who(house: Any, first: told.Auth) -> tuple[Operator, Token] | None:
    now = house.clock.now()
    found: tuple[Operator, Token] | None = None
    if first.ticket is not None and first.token is None:
        found = await house.db.write(feed_tickets.spend, first.ticket, now)
    elif first.token is not None and first.ticket is None:
        found = await house.db.read(operators.signed_in, first.token, now)
    return found
