"""Which app may write to a contact on Messenger and Instagram: Meta's Conversation Routing.

[MSG docs: conversation routing; IG docs: conversation routing]
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from connectors.graph import GraphClient
from connectors.meta_network import Network
from connectors.meta_send import recipient
from connectors.text import shorten
from conversation.contact import Address
from runtime.abilities import Reach

_METADATA = 1000


class MetaThreads:
    def __init__(self, network: Network, graph: GraphClient) -> None:
        self._network = network
        self._graph = graph

    async def pass_on(self, reach: Reach, addresses: Sequence[Address], *, app: str, metadata: str = "") -> None:
        target = self._network.inbox_app if app == "inbox" else app
        await self._order("pass_thread_control", reach, addresses, {"target_app_id": target, **_note(metadata)})

    async def take(self, reach: Reach, addresses: Sequence[Address], *, metadata: str = "") -> None:
        await self._order("take_thread_control", reach, addresses, _note(metadata))

    async def release(self, reach: Reach, addresses: Sequence[Address]) -> None:
        await self._order("release_thread_control", reach, addresses, {})

    async def _order(self, order: str, reach: Reach, addresses: Sequence[Address], facts: dict[str, Any]) -> None:
        await self._graph.order(
            f"{quote(reach.node, safe='')}/{order}",
            {"recipient": recipient(addresses, self._network), **facts},
            base_url=reach.base_url,
            token=reach.token,
        )


def _note(metadata: str) -> dict[str, str]:
    return {"metadata": shorten(metadata, _METADATA)} if metadata else {}
