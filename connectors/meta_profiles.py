"""Who somebody on Messenger or Instagram is, as far as Meta tells. [MSG docs: user profile; IG docs: user profile]"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from connectors.graph import GraphClient
from connectors.graph_errors import Fault, GraphRefusal
from connectors.reading import text
from conversation.contact import Address, AddressKind
from runtime.abilities import Profile, Reach

#: `locale`, `timezone` and `gender` of Messenger need a permission more, and one refused field refuses all.
_FIELDS = {
    AddressKind.PSID: ("name", "first_name", "last_name", "profile_pic"),
    AddressKind.IGSID: (
        *("name", "username", "profile_pic", "follower_count"),
        *("is_user_follow_business", "is_business_follow_user", "is_verified_user"),
    ),
}
_OWN_PLACE = frozenset({"name", "username", "profile_pic"})
#: Somebody who has not written to us is nobody's to look at.
_NO_CONSENT = 230


class MetaProfiles:
    def __init__(self, graph: GraphClient) -> None:
        self._graph = graph

    async def profile(self, reach: Reach, address: Address) -> Profile | None:
        fields = _FIELDS.get(address.kind)
        if fields is None:
            return None
        path, query = quote(address.value, safe=""), {"fields": ",".join(fields)}
        try:
            found = await self._graph.get(path, query, base_url=reach.base_url, token=reach.token)
        except GraphRefusal as refused:
            if refused.error_code == _NO_CONSENT or refused.fault is Fault.RECIPIENT:
                return None
            raise
        return _read(found, fields)


def _read(found: dict[str, Any], fields: tuple[str, ...]) -> Profile:
    parts = [text(found.get("first_name")), text(found.get("last_name"))]
    told = {name: found[name] for name in fields if isinstance(found.get(name), (str, bool, int))}
    return Profile(
        name=text(found.get("name")) or " ".join(part for part in parts if part) or None,
        username=text(found.get("username")),
        picture_url=text(found.get("profile_pic")),
        facts={name: value for name, value in told.items() if name not in _OWN_PLACE},
    )
