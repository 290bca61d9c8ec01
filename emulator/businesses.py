"""What WhatsApp keeps of a business: its profile, and its templates [WA docs: business profiles; message templates].

Every business has the same three templates, one of them not approved yet.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from emulator.fields import Json
from emulator.graph_errors import GraphError
from emulator.graph_path import GraphRequest
from emulator.nodes import Nodes, wanted_fields
from emulator.people import Account

_MOST = 100
_TEMPLATES: tuple[Json, ...] = (
    {
        "name": "hello_world",
        "language": "en_US",
        "category": "UTILITY",
        "status": "APPROVED",
        "components": [
            {"type": "HEADER", "format": "TEXT", "text": "Hello World"},
            {"type": "BODY", "text": "Welcome and congratulations! This message shows that a template was sent."},
            {"type": "FOOTER", "text": "WhatsApp Business Platform sample message"},
        ],
    },
    {
        "name": "pedido_pronto",
        "language": "pt_BR",
        "category": "UTILITY",
        "status": "APPROVED",
        "components": [
            {
                "type": "BODY",
                "text": "Olá, {{1}}! Seu pedido {{2}} está pronto.",
                "example": {"body_text": [["Ana", "1042"]]},
            },
            {"type": "BUTTONS", "buttons": [{"type": "QUICK_REPLY", "text": "Obrigado!"}]},
        ],
    },
    {
        "name": "novidades",
        "language": "pt_BR",
        "category": "MARKETING",
        "status": "PENDING",
        "components": [{"type": "BODY", "text": "Temos pratos novos no cardápio. Venha provar!"}],
    },
)


class BusinessPath:
    """`GET /{phone number id}/whatsapp_business_profile`, `GET /{business account}/message_templates`"""

    name = "business"

    def __init__(self, nodes: Nodes) -> None:
        self._nodes = nodes

    def answer(self, request: GraphRequest) -> Json | None:
        found = {"whatsapp_business_profile": _profile, "message_templates": _templates}
        if request.method != "GET" or len(request.path) != 2 or request.path[1] not in found:
            return None
        account = self._nodes.one(request, "whatsapp")
        of_number = request.path[1] == "whatsapp_business_profile"
        if account is None or (request.path[0] == account.id) is not of_number:
            return None
        return found[request.path[1]](request, account)


def _profile(request: GraphRequest, account: Account) -> Json:
    known = {
        "about": f"{account.name}: comida de casa, todos os dias",
        "address": "Rua das Flores, 10 - São Paulo",
        "description": account.name,
        "email": "oi@cantina.example",
        "vertical": "RESTAURANT",
        "websites": ["https://cantina.example/"],
    }
    wanted = [name for name in wanted_fields(request) if name in known]
    return {"data": [{"messaging_product": "whatsapp", **{name: known[name] for name in wanted}}]}


def _templates(request: GraphRequest, account: Account) -> Json:
    """A page of them; `after` is the number of the last that was given."""
    known = [{"id": f"{account.business_id}{number:02}", **each} for number, each in enumerate(_TEMPLATES, 1)]
    start, limit = _number(request.query, "after", 0, len(known)), _number(request.query, "limit", 25, _MOST)
    page = known[start : start + max(limit, 1)]
    fields = {*wanted_fields(request, "name", "components", "language", "status", "category"), "id"}
    data = [{name: each[name] for name in each if name in fields} for each in page]
    end = start + len(page)
    paging: Json = {"cursors": {"before": str(start), "after": str(end)}}
    if end < len(known):
        paging["next"] = f"{request.origin}/{account.business_id}/message_templates?limit={limit}&after={end}"
    return {"data": data, "paging": paging if page else {}}


def _number(query: Mapping[str, str], name: str, default: int, most: int) -> int:
    given: Any = query.get(name, str(default))
    if not given.isdecimal() or int(given) > most:
        raise GraphError(100, f"The parameter {name} must be a number up to {most}.")
    return int(given)
