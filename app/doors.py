"""What may be reached beside us in one server: only what can tell who writes. Anything else is refused at the start.

A channel that takes any request for a customer's words would let whoever finds it talk as any customer, and Rasa's HTTP
API without a token shows and changes every conversation. Who wants such a door all the same names it in
BATON_OPEN_DOORS, on a machine that nobody else can reach.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any

from rasa.core.channels.channel import InputChannel
from sanic import Sanic

from conversation.errors import BadInput

#: Rasa's HTTP API among the names of doors.
API = "api"
_OURS = {"app", "connectors", "handover"}


def _given(*names: str) -> Callable[[Any], bool]:
    """Whether the channel was given all of these."""
    return lambda channel: all(getattr(channel, name, None) for name in names)


#: Rasa's own channels that can tell who writes, and what they need for it. The others take anything.
_KNOWS_WHO: Mapping[str, Callable[[Any], bool]] = {
    "rasa.core.channels.console": lambda _: True,  # reads a terminal
    "rasa.core.channels.facebook": _given("fb_secret"),
    "rasa.core.channels.slack": _given("slack_signing_secret"),
    "rasa.core.channels.socketio": _given("jwt_key"),
    "rasa.core.channels.botframework": lambda _: True,  # checks Microsoft's signed token
    "rasa.core.channels.hangouts": _given("project_id"),
}
#: A route that Rasa's API has and nothing else does.
_OF_THE_API = "retrieve_tracker"


def check_channels(channels: Iterable[InputChannel], opened: Collection[str]) -> None:
    """`BadInput` where one of them can't tell who writes and was not opened by name."""
    open_ones = sorted({each.name() for each in channels if not _knows_who(each)} - set(opened))
    if open_ones:
        raise BadInput(
            f"credentials.yml has {', '.join(open_ones)}, which takes anybody's words for a customer's. Take the block"
            " out, or give it what it checks its callers with. To have it open all the same, where nobody else can"
            f" reach it: BATON_OPEN_DOORS={','.join(open_ones)}."
        )


def check_api(app: Sanic, opened: Collection[str]) -> None:
    """`BadInput` where Rasa's HTTP API is on and asks nobody for a token."""
    if API in opened or _api_is_guarded(app):
        return
    raise BadInput(
        "Rasa's HTTP API is on and asks nobody who they are: it shows and changes every conversation. Leave"
        " --enable-api out, or give --auth-token (or --jwt-secret). To have it open all the same, where nobody else"
        f" can reach it: BATON_OPEN_DOORS={API}."
    )


def _knows_who(channel: InputChannel) -> bool:
    module = type(channel).__module__
    if module.partition(".")[0] in _OURS:
        return True
    checks = _KNOWS_WHO.get(module)
    return checks is not None and checks(channel)


def _api_is_guarded(app: Sanic) -> bool:
    """Rasa keeps the token in the closure of what guards each route, and nowhere else. What can't be seen is open."""
    found = [route.handler for route in app.router.routes if getattr(route.handler, "__name__", "") == _OF_THE_API]
    if not found:
        return True  # the API is off
    if app.config.get("USE_JWT"):
        return True
    return all(bool(inspect.getclosurevars(handler).nonlocals.get("token")) for handler in found)
