"""A Page on Messenger and the Instagram account that is linked to it, for the tests of both."""

from __future__ import annotations

import json
from typing import Any

from emulator.people import scoped_id

PAGE, INSTAGRAM = "200000000000001", "17840000000000001"
ANA, BEN = "5511988887777", "14155550123"
OUR_APP, PAGE_INBOX = "700000000000001", 263902037430900
SINCE_2026 = {"messaging_type": "RESPONSE"}


def with_pages(settings: dict[str, Any]) -> dict[str, Any]:
    pages = [
        {"channel": "messenger", "id": PAGE, "name": "Cantina"},
        {"channel": "instagram", "id": INSTAGRAM, "name": "cantina.sp", "page_id": PAGE},
    ]
    return {**settings, "accounts": [*settings["accounts"], *pages]}


class Account:
    """One of the two, as a test speaks to it and hears of it."""

    def __init__(self, emulator: Any, product: Any, id_: str, node: str = "") -> None:
        self.emulator, self.product, self.id, self.node = emulator, product, id_, node or id_
        self.ana = scoped_id(id_, ANA)

    async def say(self, customer: str = ANA, **what: Any) -> Any:
        return await self.control("say", customer=customer, **what)

    async def control(self, path: str, *, ok: bool = True, customer: str = ANA, **what: Any) -> Any:
        return await self.emulator.control("POST", path, {"account": self.id, "customer": customer, **what}, ok=ok)

    async def ask(self, body: Any, path: str = "messages") -> tuple[int, Any]:
        answer = await self.emulator.graph(body, path=f"/v24.0/{self.node}/{path}")
        return int(answer[0]), answer[1]

    async def send(self, message: Any, **more: Any) -> tuple[int, Any]:
        """In answer to what Ana wrote."""
        kind = SINCE_2026 if self.id == PAGE else {}
        return await self.ask({"recipient": {"id": self.ana}, **kind, "message": message, **more})

    async def sent(self, message: Any, **more: Any) -> str:
        status, answer = await self.send(message, **more)
        assert status == 200, answer
        return str(answer["message_id"])

    async def refused(self, message: Any, **more: Any) -> tuple[int, int | None]:
        status, answer = await self.send(message, **more)
        assert status != 200, answer
        return code_of(answer)

    def entries(self) -> list[Any]:
        bodies = [json.loads(webhook.raw) for webhook in self.product.webhooks]
        return [entry for body in bodies for entry in body["entry"] if entry["id"] == self.id]

    def told(self, key: str, where: str = "messaging") -> list[Any]:
        """The items that hold this key, in the order they came."""
        return [item for entry in self.entries() for item in entry.get(where, []) if key in item]

    def echoes(self) -> list[Any]:
        return [item for item in self.told("message") if item["message"].get("is_echo")]


def code_of(answer: Any) -> tuple[int, int | None]:
    return answer["error"]["code"], answer["error"].get("error_subcode")


def template(kind: str, **rest: Any) -> dict[str, Any]:
    return {"attachment": {"type": "template", "payload": {"template_type": kind, **rest}}}


def file(kind: str = "image", **payload: Any) -> dict[str, Any]:
    return {"attachment": {"type": kind, "payload": payload or {"url": "https://example.com/a.png"}}}


def postback(title: str = "Sim", payload: str = "/yes") -> dict[str, Any]:
    return {"type": "postback", "title": title, "payload": payload}


def quick_replies(count: int, **reply: Any) -> list[Any]:
    return [{"content_type": "text", "title": f"n{n}", "payload": f"/{n}", **reply} for n in range(count)]
