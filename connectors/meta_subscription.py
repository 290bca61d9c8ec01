"""Whether Meta tells us of a Page or an Instagram account: `subscribed_apps`.

An Instagram account that came through Facebook is told of through its Page, and Messenger with it: so a Page is always
subscribed to what both need. [MSG docs: webhooks; IG docs: webhooks]
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import quote

from connectors.graph import GraphClient
from connectors.graph_errors import Fault, GraphRefusal
from connectors.reading import ident, items, obj
from conversation.account import Channel
from runtime.abilities import Reach

#: Without these an account is dumb; all others are dropped one by one where Meta does not know them there.
_NEEDED = ("messages", "messaging_postbacks")
_OF_A_PAGE = (
    *_NEEDED,
    *("message_echoes", "message_deliveries", "message_reads", "message_reactions", "message_edits"),
    *("messaging_referrals", "messaging_optins", "messaging_handovers", "standby", "messaging_account_linking"),
    *("messaging_policy_enforcement", "messaging_feedback", "response_feedback"),
)
#: Names vary from one of Meta's pages to the next; what is refused is not needed.
_OF_INSTAGRAM = (
    *_NEEDED,
    *("messaging_seen", "message_reactions", "message_edit", "messaging_referral", "messaging_optins"),
    *("messaging_handover", "standby", "comments", "live_comments", "mentions"),
)
_PLACE = re.compile(r"subscribed_fields\[(\d{1,3})\]")
_KNOWN = re.compile(r"one of \{([^{}]*)\}")


class MetaSubscription:
    def __init__(self, graph: GraphClient) -> None:
        self._graph = graph

    async def is_on(self, reach: Reach) -> bool:
        """Our app is among those that are told; which is ours is known only where the account says so."""
        answer = await self._graph.get(_path(reach), base_url=reach.base_url, token=reach.token)
        told = [ident(obj(app).get("id")) for app in items(answer.get("data"))]
        ours = reach.account.channel_settings.app_id
        return ours in told if ours is not None and any(told) else bool(told)

    async def turn_on(self, reach: Reach) -> None:
        fields = _wanted(reach)
        while True:
            try:
                return await self._subscribe(reach, fields)
            except GraphRefusal as refused:
                if refused.fault is not Fault.REQUEST or set(fields) <= set(_NEEDED):
                    raise
                fields = _without_refused(fields, refused.said or "")

    async def _subscribe(self, reach: Reach, fields: Sequence[str]) -> None:
        path = f"{_path(reach)}?subscribed_fields={','.join(fields)}"
        await self._graph.order(path, {}, base_url=reach.base_url, token=reach.token)


def _path(reach: Reach) -> str:
    return f"{quote(reach.node, safe='')}/subscribed_apps"


def _wanted(reach: Reach) -> tuple[str, ...]:
    """What stands in the path decides: a Page's own names are for whoever is told through it."""
    through_page = reach.node == reach.account.channel_settings.page_id
    return _OF_A_PAGE if through_page or reach.account.channel is Channel.MESSENGER else _OF_INSTAGRAM


def _without_refused(fields: Sequence[str], said: str) -> tuple[str, ...]:
    """By what Meta says: which names it knows, or the place of the one it does not. Where it says neither, the few
    that are needed."""
    known = _KNOWN.search(said)
    names = {name.strip(" \"'") for name in known[1].split(",")} if known else set(fields)
    places = {int(place) for place in _PLACE.findall(said)}
    left = tuple(name for place, name in enumerate(fields) if name in names and place not in places)
    return left if left and len(left) < len(fields) and set(_NEEDED) <= set(left) else _NEEDED
