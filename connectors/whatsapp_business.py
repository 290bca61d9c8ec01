"""What WhatsApp keeps of a business: its profile, its templates, which Meta has approved or not, and its number.

[WA docs: business profiles; message templates; phone numbers] [Graph docs: debug_token]
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from connectors import whatsapp_news
from connectors.graph import GraphClient
from connectors.reading import ident, items, obj, text, time_of
from conversation.errors import SendError
from conversation.template_draft import Draft
from runtime.abilities import Reach, Template, Token

_PROFILE = ("about", "address", "description", "email", "profile_picture_url", "vertical", "websites")
_TEMPLATE = ("id", "name", "language", "category", "status", "components", "quality_score", "rejected_reason")
_NUMBER = (
    *("display_phone_number", "verified_name", "name_status", "quality_rating", "status", "throughput"),
    *("is_on_biz_app", "platform_type", "whatsapp_business_manager_messaging_limit"),
)
#: What is told as a word, by our name for it.
_WORDS = {
    "display_phone_number": "display_phone_number",
    "verified_name": "verified_name",
    "name_status": "name_status",
    "quality": "quality_rating",
    "number_status": "status",
}
_PAGE, _MOST_PAGES = 100, 20
_LONGEST_WORD = 200
_NO_SUCH_FIELD = 100


class WhatsAppBusiness:
    def __init__(self, graph: GraphClient) -> None:
        self._graph = graph

    async def profile(self, reach: Reach) -> Mapping[str, Any]:
        answer = await self._ask(reach, _profile_of(reach), _PROFILE)
        found = obj(next(iter(items(answer.get("data"))), {}))
        told = {name: found[name] for name in _PROFILE if isinstance(found.get(name), str) and found[name]}
        sites = [site for site in items(found.get("websites")) if isinstance(site, str)]
        return {**told, "websites": sites} if sites else told

    async def set_profile(self, reach: Reach, changes: Mapping[str, Any]) -> None:
        await self._order(reach, _profile_of(reach), {"messaging_product": "whatsapp", **changes})

    async def templates(self, reach: Reach, business_id: str) -> list[Template]:
        """All of them, page by page. A list that does not end raises: what is missing in it is not gone."""
        found: list[Template] = []
        after = None
        for _ in range(_MOST_PAGES):
            more = {"limit": str(_PAGE), **({"after": after} if after else {})}
            answer = await self._ask(reach, _templates_of(business_id), _TEMPLATE, **more)
            found += [each for each in (_template(obj(one)) for one in items(answer.get("data"))) if each is not None]
            after = _next(answer)
            if after is None:
                return found
        raise SendError(f"WhatsApp lists more than {_PAGE * _MOST_PAGES} templates.")

    async def create_template(self, reach: Reach, business_id: str, draft: Draft) -> Template:
        body: dict[str, Any] = {
            "name": draft.name,
            "language": draft.language,
            "category": draft.category,
            "components": [dict(each) for each in draft.components],
            **({"parameter_format": "NAMED"} if draft.named else {}),
            **({"message_send_ttl_seconds": draft.ttl_s} if draft.ttl_s is not None else {}),
        }
        answer = await self._order(reach, _templates_of(business_id), body)
        made = {**body, "status": "PENDING", **answer}
        found = _template({**made, "category": answer.get("category") or draft.category})
        if found is None:
            raise SendError("WhatsApp took the template, and did not say its id: sync them.")
        return found

    async def remove_template(self, reach: Reach, business_id: str, name: str) -> None:
        query = {"name": name}
        await self._graph.delete(_templates_of(business_id), query, base_url=reach.base_url, token=reach.token)

    async def facts(self, reach: Reach) -> Mapping[str, Any]:
        """Of a server that refuses one of the fields for being unknown, those that all have are asked for alone."""
        path = quote(reach.node, safe="")
        try:
            found = await self._ask(reach, path, _NUMBER)
        except SendError as error:
            if error.error_code != _NO_SUCH_FIELD:
                raise
            found = await self._ask(reach, path, ("display_phone_number", "verified_name", "quality_rating"))
        told: dict[str, Any] = {ours: text(found.get(theirs)) for ours, theirs in _WORDS.items()}
        told["throughput"] = text(obj(found.get("throughput")).get("level"))
        facts = {name: word[:_LONGEST_WORD] for name, word in told.items() if word is not None}
        if isinstance(found.get("is_on_biz_app"), bool):
            facts["on_phone_app"] = found["is_on_biz_app"]
        return {**facts, **whatsapp_news.limits(found.get("whatsapp_business_manager_messaging_limit"))}

    async def token(self, reach: Reach) -> Token | None:
        """The token asks for itself. It stands in the query, as Meta has it, and in no log of ours."""
        if reach.token is None:
            return None
        query = {"input_token": reach.token}
        answer = obj(
            (await self._graph.get("debug_token", query, base_url=reach.base_url, token=reach.token)).get("data")
        )
        if not isinstance(answer.get("is_valid"), bool):
            return None
        ends = answer.get("expires_at")  # 0: never
        return Token(valid=answer["is_valid"], expires_at=time_of(ends) if ends else None)

    async def _ask(self, reach: Reach, path: str, fields: tuple[str, ...], **more: str) -> dict[str, Any]:
        query = {"fields": ",".join(fields), **more}
        return await self._graph.get(path, query, base_url=reach.base_url, token=reach.token)

    async def _order(self, reach: Reach, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        return await self._graph.order(path, body, base_url=reach.base_url, token=reach.token)


def _profile_of(reach: Reach) -> str:
    return f"{quote(reach.node, safe='')}/whatsapp_business_profile"


def _templates_of(business_id: str) -> str:
    return f"{quote(business_id, safe='')}/message_templates"


def _template(found: dict[str, Any]) -> Template | None:
    own_id, name, language = ident(found.get("id")), text(found.get("name")), text(found.get("language"))
    if own_id is None or name is None or language is None:
        return None
    reason = text(found.get("rejected_reason"))
    return Template(
        id=own_id,
        name=name,
        language=language,
        category=text(found.get("category")) or "",
        status=text(found.get("status")) or "",
        components=tuple(obj(each) for each in items(found.get("components"))),
        quality=text(obj(found.get("quality_score")).get("score")),
        reason=None if reason in (None, "NONE") else reason,
    )


def _next(answer: dict[str, Any]) -> str | None:
    """Where the next page begins. Its whole address is given too, but that holds the token."""
    paging = obj(answer.get("paging"))
    return text(obj(paging.get("cursors")).get("after")) if paging.get("next") else None
