"""Who an Instagram account of ours is, as Instagram tells. [IG docs: me; IG user]"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from connectors.graph import GraphClient
from connectors.reading import text
from conversation.channel_settings import Login
from runtime.abilities import OwnProfile, Reach

_BOTH = ("username", "name", "followers_count", "follows_count", "media_count", "profile_picture_url")
#: One refused field refuses all: by Instagram's own sign-in these are not to be had.
_BY_FACEBOOK = (*_BOTH, "biography", "website")


class MetaOwn:
    def __init__(self, graph: GraphClient) -> None:
        self._graph = graph

    async def own_profile(self, reach: Reach) -> OwnProfile:
        account = reach.account
        by_facebook = account.channel_settings.login is Login.FACEBOOK
        # The id that webhooks speak of is not the one that Instagram's own server knows.
        path = quote(account.provider_id, safe="") if by_facebook or account.emulated else "me"
        query = {"fields": ",".join(_BY_FACEBOOK if by_facebook else _BOTH)}
        return _read(await self._graph.get(path, query, base_url=reach.base_url, token=reach.token))


def _read(found: dict[str, Any]) -> OwnProfile:
    return OwnProfile(
        username=text(found.get("username")),
        name=text(found.get("name")),
        followers=_count(found.get("followers_count")),
        follows=_count(found.get("follows_count")),
        posts=_count(found.get("media_count")),
        biography=text(found.get("biography")),
        website=_address(found.get("website")),
        picture_url=_address(found.get("profile_picture_url")),
    )


def _count(value: Any) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else 0


def _address(value: Any) -> str | None:
    """A page shows it as a link: nothing that could run."""
    found = text(value)
    return found if found is not None and found.startswith(("https://", "http://")) else None
