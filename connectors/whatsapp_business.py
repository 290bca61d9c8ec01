"""What WhatsApp keeps of a business: its profile, and the templates that Meta has approved or not.

[WA docs: business profiles; message templates]
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from connectors.graph import GraphClient
from connectors.reading import ident, items, obj, text
from runtime.abilities import Reach, Template

_PROFILE = ("about", "address", "description", "email", "profile_picture_url", "vertical", "websites")
_TEMPLATE = ("id", "name", "language", "category", "status", "components")
_PAGE, _MOST_PAGES = 100, 20


class WhatsAppBusiness:
    def __init__(self, graph: GraphClient) -> None:
        self._graph = graph

    async def profile(self, reach: Reach) -> Mapping[str, Any]:
        answer = await self._ask(reach, f"{quote(reach.node, safe='')}/whatsapp_business_profile", _PROFILE)
        found = obj(next(iter(items(answer.get("data"))), {}))
        told = {name: found[name] for name in _PROFILE if isinstance(found.get(name), str) and found[name]}
        sites = [site for site in items(found.get("websites")) if isinstance(site, str)]
        return {**told, "websites": sites} if sites else told

    async def templates(self, reach: Reach, business_id: str) -> list[Template]:
        """All of them, page by page."""
        found: list[Template] = []
        path, after = f"{quote(business_id, safe='')}/message_templates", None
        for _ in range(_MOST_PAGES):
            answer = await self._ask(reach, path, _TEMPLATE, limit=str(_PAGE), **({"after": after} if after else {}))
            found += [each for each in (_template(obj(one)) for one in items(answer.get("data"))) if each is not None]
            after = _next(answer)
            if after is None:
                break
        return found

    async def _ask(self, reach: Reach, path: str, fields: tuple[str, ...], **more: str) -> dict[str, Any]:
        query = {"fields": ",".join(fields), **more}
        return await self._graph.get(path, query, base_url=reach.base_url, token=reach.token)


def _template(found: dict[str, Any]) -> Template | None:
    own_id, name, language = ident(found.get("id")), text(found.get("name")), text(found.get("language"))
    if own_id is None or name is None or language is None:
        return None
    return Template(
        id=own_id,
        name=name,
        language=language,
        category=text(found.get("category")) or "",
        status=text(found.get("status")) or "",
        components=tuple(obj(each) for each in items(found.get("components"))),
    )


def _next(answer: dict[str, Any]) -> str | None:
    """Where the next page begins. Its whole address is given too, but that holds the token."""
    paging = obj(answer.get("paging"))
    return text(obj(paging.get("cursors")).get("after")) if paging.get("next") else None
