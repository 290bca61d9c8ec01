"""What is asked of WhatsApp once, before a number is in use: to register it, to be told of it, and a first message.

[WA docs: registration; subscribed apps; error codes 131030, 132001]
"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from connectors.graph import GraphClient
from connectors.reading import ident, items, obj
from conversation.errors import SendError
from runtime.abilities import Reach
from runtime.checking import Trial

#: There is no such template. What 131058 says of the sample was not seen in a page of Meta's: UNCONFIRMED.
_NO_SAMPLE = frozenset({132001, 131058})
_SAMPLE = "hello_world"
_WORDS = "Baton: test. You need not answer. / Teste: não precisa responder."


class WhatsAppSettingUp:
    def __init__(self, graph: GraphClient) -> None:
        self._graph = graph

    async def register(self, reach: Reach, pin: str) -> None:
        """Ten times in 72 hours at most."""
        body = {"messaging_product": "whatsapp", "pin": pin}
        await self._graph.order(f"{_node(reach)}/register", body, base_url=reach.base_url, token=reach.token)

    async def subscribe(self, reach: Reach, business_id: str) -> None:
        path = f"{quote(business_id, safe='')}/subscribed_apps"
        await self._graph.order(path, {}, base_url=reach.base_url, token=reach.token)

    async def test_send(self, reach: Reach, test: Trial) -> str:
        """The id of what was sent."""
        try:
            return await self._post(reach, test, _template(test.template or _SAMPLE, test.language))
        except SendError as error:
            if test.template is not None or error.error_code not in _NO_SAMPLE:
                raise
        return await self._post(reach, test, {"type": "text", "text": {"body": _WORDS}})

    async def _post(self, reach: Reach, test: Trial, part: dict[str, Any]) -> str:
        to = "+" + "".join(filter(str.isdigit, test.to))
        body = {"messaging_product": "whatsapp", "to": to, **part}
        answer = await self._graph.post(
            f"{_node(reach)}/messages", body, base_url=reach.base_url, token=reach.token, check=lambda: None
        )
        for message in items(answer.get("messages")):
            found = ident(obj(message).get("id"))
            if found is not None:
                return found
        raise SendError("Nobody knows whether Meta took it: its answer names no message.", unknown=True)


def _template(name: str, language: str) -> dict[str, Any]:
    return {"type": "template", "template": {"name": name, "language": {"code": language}}}


def _node(reach: Reach) -> str:
    return quote(reach.account.provider_id, safe="")
