"""What a customer finds in an empty chat on Messenger: `messenger_profile`. [MSG docs: messenger profile]"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from connectors.graph import GraphClient
from connectors.reading import items, obj
from runtime.abilities import Reach

_NAMES = ("greeting", "ice_breakers", "persistent_menu", "whitelisted_domains", "get_started")
#: Meta takes a menu only where there is a first button; its payload is no token of ours, so it means nothing here.
_MENU, _STARTED = "persistent_menu", {"get_started": {"payload": "GET_STARTED"}}


class MetaGreetings:
    def __init__(self, graph: GraphClient) -> None:
        self._graph = graph

    async def greetings(self, reach: Reach) -> Mapping[str, Any]:
        query = {"fields": ",".join(_NAMES)}
        answer = await self._graph.get(_path(reach), query, base_url=reach.base_url, token=reach.token)
        return {name: value for each in items(answer.get("data")) for name, value in obj(each).items()}

    async def greet_with(self, reach: Reach, changes: Mapping[str, Any]) -> None:
        wanted = {name: value for name, value in changes.items() if value}
        gone = [name for name, value in changes.items() if not value]
        if wanted.get(_MENU) and "get_started" not in wanted and "get_started" not in await self.greetings(reach):
            wanted |= _STARTED
        if wanted:
            await self._graph.order(_path(reach), wanted, base_url=reach.base_url, token=reach.token)
        if gone:
            query = {"fields": ",".join(gone)}
            await self._graph.delete(_path(reach), query, base_url=reach.base_url, token=reach.token)


def _path(reach: Reach) -> str:
    return f"{quote(reach.node, safe='')}/messenger_profile"
