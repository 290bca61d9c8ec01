"""Asks WhatsApp for what the phone's own app has: its address book, then what was said before. Each is given once.

[WA docs: onboarding Business app users] It comes by webhook, in parts, for hours.
"""

from __future__ import annotations

from urllib.parse import quote

from connectors.graph import GraphClient
from conversation.errors import SendError
from runtime.abilities import Reach

_KINDS = ("smb_app_state_sync", "history")
#: It was asked for before, and is not given twice; the other code says so of the other kind.
_ONCE_ONLY = frozenset({2593107, 2593108})


class WhatsAppSharing:
    def __init__(self, graph: GraphClient) -> None:
        self._graph = graph

    async def ask(self, reach: Reach) -> bool:
        return any([await self._asked(reach, kind) for kind in _KINDS])

    async def _asked(self, reach: Reach, kind: str) -> bool:
        body = {"messaging_product": "whatsapp", "sync_type": kind}
        path = f"{quote(reach.node, safe='')}/smb_app_data"
        try:
            await self._graph.order(path, body, base_url=reach.base_url, token=reach.token)
        except SendError as error:
            if error.error_code in _ONCE_ONLY:
                return False
            raise
        return True
