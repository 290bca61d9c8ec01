"""What is wrong, each with the step that has to name it and a word of what it says."""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from bench.checking.world import CUSTOMER, HOST, Number, View, World
from conversation.checks import Place

Deed = Callable[[World, Number], Awaitable[Any]]


@dataclass(frozen=True, kw_only=True)
class Wrong:
    """`standing`: with Meta; `here`: what is changed of the account; `undo` puts right what neither covers."""

    name: str
    place: Place
    says: str
    view: View = field(default_factory=View)
    standing: dict[str, Any] = field(default_factory=dict)
    here: dict[str, Any] = field(default_factory=dict)
    deed: Deed | None = None
    undo: Deed | None = None
    to: str | None = None


async def _unsubscribe(world: World, number: Number) -> None:
    await world.ask("DELETE", f"{number.waba}/subscribed_apps", number.token)


async def _subscribe(world: World, number: Number) -> None:
    await world.ask("POST", f"{number.waba}/subscribed_apps", number.token)


def every(dice: random.Random) -> list[Wrong]:
    """All that is known, with values by seed."""
    scope = dice.choice(["whatsapp_business_messaging", "whatsapp_business_management"])
    held = dice.choice(["BANNED", "RESTRICTED"])
    private = dice.choice(["https://localhost", "https://192.168.0.10", "https://shop.local"])
    other = f"https://{dice.choice(['old', 'chat', 'crm'])}.example.net/webhook"
    word = f"{dice.getrandbits(64):x}"
    return [
        Wrong(name="no public address", place=Place.ADDRESS, says="not set", view=View(unset=True)),
        Wrong(name="http", place=Place.ADDRESS, says="not https", view=View(public_url=f"http://{HOST}")),
        Wrong(name="private address", place=Place.ADDRESS, says="outside", view=View(public_url=private)),
        Wrong(name="not in DNS", place=Place.NAME, says="not in DNS", view=View(in_dns=False)),
        Wrong(name="nobody listens", place=Place.CONNECTION, says="Nobody", view=View(listening=False)),
        Wrong(name="self-signed", place=Place.CONNECTION, says="self-signed", view=View(certificate="self_signed")),
        Wrong(name="expired certificate", place=Place.CONNECTION, says="expired", view=View(certificate="expired")),
        Wrong(name="other name", place=Place.CONNECTION, says="not for", view=View(certificate="wrong_host")),
        Wrong(name="gateway down", place=Place.HANDSHAKE, says="502", view=View(proxy="down")),
        Wrong(name="redirect", place=Place.HANDSHAKE, says="301", view=View(proxy="redirects")),
        Wrong(name="path changed", place=Place.HANDSHAKE, says="404", view=View(proxy="other_path")),
        Wrong(name="answered before us", place=Place.HANDSHAKE, says="Any verify", view=View(proxy="swallows")),
        Wrong(name="verify token", place=Place.HANDSHAKE, says="verify token", view=View(verify_token=word)),
        Wrong(name="bodies rewritten", place=Place.SIGNATURE, says="rewritten", view=View(proxy="rewrites")),
        Wrong(name="header dropped", place=Place.SIGNATURE, says="lost", view=View(proxy="drops_signature")),
        Wrong(name="gateway's secret", place=Place.SIGNATURE, says="refused", view=View(secret=word)),
        Wrong(name="small bodies", place=Place.SIZE, says="413", view=View(proxy="small")),
        Wrong(name="wrong token", place=Place.TOKEN, says="token", here={"token": f"EAAG{word}"}),
        Wrong(name="expired token", place=Place.TOKEN, says="expired", standing={"token_expired": True}),
        Wrong(name="scope", place=Place.PERMISSIONS, says=scope, standing={"missing_scopes": [scope]}),
        Wrong(name="other app's secret", place=Place.SECRET, says="another secret", here={"secrets": [word]}),
        Wrong(name="other business", place=Place.NUMBER, says="business", standing={"business_id": "309999999999999"}),
        Wrong(name="not registered", place=Place.NUMBER, says="not registered", standing={"registered": False}),
        Wrong(name="name declined", place=Place.NUMBER, says="declined", standing={"name_status": "DECLINED"}),
        Wrong(name="held back", place=Place.NUMBER, says=held, standing={"status": held}),
        Wrong(name="callback elsewhere", place=Place.CALLBACK, says=other, standing={"callback_url": other}),
        Wrong(name="no fields", place=Place.CALLBACK, says="messages", standing={"missing_fields": ["messages"]}),
        Wrong(name="unsubscribed", place=Place.SUBSCRIPTION, says="nothing", deed=_unsubscribe, undo=_subscribe),
        Wrong(name="override", place=Place.SUBSCRIPTION, says=other, standing={"override_url": other}),
        Wrong(name="number's override", place=Place.SUBSCRIPTION, says=other, standing={"number_override_url": other}),
        Wrong(name="no payment", place=Place.HEALTH, says="pay", standing={"blocked": "WABA", "blocked_code": 141006}),
        Wrong(name="app not live", place=Place.HEALTH, says="APP", standing={"blocked": "APP", "blocked_code": 141010}),
        Wrong(name="recipient", place=Place.SEND, says="131030", standing={"only_to": ["5511900000000"]}, to=CUSTOMER),
        Wrong(name="switched off here", place=Place.ACCOUNT, says="switched off", here={"active": False}),
    ]
