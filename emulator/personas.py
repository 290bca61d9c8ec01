"""Names and pictures that a Page may write under [MSG docs: personas]."""

from __future__ import annotations

import secrets

from emulator.assets import Assets
from emulator.fields import Json
from emulator.graph_path import GraphRequest
from emulator.messaging_checks import text_in, web_address_in
from emulator.nodes import Nodes, need_token
from emulator.people import Account

_NAME = 50


class PersonaPath:
    """`POST` and `GET /{Page}/personas`, `GET` and `DELETE /{persona}`"""

    name = "persona"

    def __init__(self, assets: Assets, nodes: Nodes) -> None:
        self._assets = assets
        self._nodes = nodes

    def answer(self, request: GraphRequest) -> Json | None:
        if len(request.path) == 1 and request.path[0] in self._assets.personas:
            return self._of_one(request, request.path[0])
        if request.path[1:] != ["personas"] or request.method not in ("GET", "POST"):
            return None
        account = self._nodes.one(request, "messenger")
        if account is None:
            return None
        if request.method == "GET":
            own = [persona for persona in self._assets.personas.values() if persona["account"] == account.id]
            return {"data": [_shown(persona) for persona in own]}
        return self._add(request, account)

    def _add(self, request: GraphRequest, account: Account) -> Json:
        body = request.body if isinstance(request.body, dict) else dict(request.query)
        name = text_in(body, "name", "the request", _NAME)
        picture = web_address_in(body, "profile_picture_url", "the request")
        own_id = f"3{secrets.randbelow(10**14):014}"
        persona = {"id": own_id, "account": account.id, "name": name, "profile_picture_url": picture}
        self._assets.personas[own_id] = persona
        return {"id": own_id}

    def _of_one(self, request: GraphRequest, persona_id: str) -> Json | None:
        need_token(request)
        if request.method == "GET":
            return _shown(self._assets.personas[persona_id])
        if request.method == "DELETE":
            del self._assets.personas[persona_id]
            return {"success": True}
        return None


def _shown(persona: Json) -> Json:
    return {key: value for key, value in persona.items() if key != "account"}
