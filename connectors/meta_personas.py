"""Under whose name and picture a message stands in Messenger. [MSG docs: personas]"""

from __future__ import annotations

from urllib.parse import quote

from connectors.graph import GraphClient
from connectors.reading import ident
from connectors.text import shorten
from conversation.errors import SendError
from runtime.abilities import Reach

_NAME = 50


class MetaPersonas:
    def __init__(self, graph: GraphClient) -> None:
        self._graph = graph

    async def persona(self, reach: Reach, *, name: str, picture_url: str | None) -> str:
        facts = {"name": shorten(name, _NAME)}
        if picture_url:
            facts["profile_picture_url"] = picture_url
        answer = await self._graph.order(
            f"{quote(reach.node, safe='')}/personas", facts, base_url=reach.base_url, token=reach.token
        )
        persona_id = ident(answer.get("id"))
        if persona_id is None:
            raise SendError("Meta's answer names no persona.", retryable=True)
        return persona_id
