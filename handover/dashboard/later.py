"""What the dashboard asks for and is not served yet: refused as that (501), in words, so that nobody takes it for done.

docs/dashboard.md lists them.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from typing import Any

from sanic import Blueprint

from conversation.errors import NotYet
from conversation.said import say
from handover.auth import Handler
from handover.dashboard import door
from store.operators import Role

_BROADCASTS = functools.partial(NotYet, say("Broadcasts on Messenger are not served yet."))
_SPONSORED = functools.partial(NotYet, say("Sponsored messages on Messenger are not served yet."))
_QR = functools.partial(
    NotYet, say("A number is not connected by a QR code yet: give its phone number id and its token.")
)
_SIGN_UP = functools.partial(
    NotYet, say("A number is not connected by Meta's sign-up window yet: give its phone number id and its token.")
)

_PREFIXES = ("/messenger", "/messaging/messenger")
_EVERY_METHOD = ("GET", "POST", "PUT", "PATCH", "DELETE")


def register(blueprint: Blueprint) -> None:
    for number, (method, path, refusal) in enumerate(_messengers()):
        door.route(blueprint, method, path, role=Role.OPERATOR, refusals=(501,))(
            _never(f"dash_later_{number}", refusal)
        )
    qr_path = "/whatsapp/accounts/<account_id:str>/qr/"
    door.route(blueprint, "GET", qr_path, role=Role.OPERATOR, refusals=(501,))(_never("dash_show_qr", _QR))
    sign_up = _never("dash_sign_up_a_number", _SIGN_UP)
    door.route_of_one_word(blueprint, "POST", "/whatsapp/accounts/embedded_signup/", role=Role.ADMIN, refusals=(501,))(
        sign_up
    )


def _messengers() -> Iterator[tuple[str, str, Callable[[], NotYet]]]:
    """Each with all below it: `<id>/`, `<id>/schedule/`, …"""
    for prefix in _PREFIXES:
        for word, refusal in (("broadcasts", _BROADCASTS), ("sponsored", _SPONSORED)):
            for tail in ("", "<item:str>/", "<item:str>/<verb:str>/"):
                for method in _EVERY_METHOD:
                    yield method, f"{prefix}/{word}/{tail}", refusal


def _never(name: str, refusal: Callable[[], NotYet]) -> Handler:
    async def refused(*given: Any, **by_name: Any) -> Any:
        raise refusal()

    made: Callable[..., Any] = refused
    made.__name__, made.__doc__ = name, str(refusal())
    return made
