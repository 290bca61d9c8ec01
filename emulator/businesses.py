"""What WhatsApp keeps of a business: its profile, and its templates [WA docs: business profiles; message templates]."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from emulator.fields import Json
from emulator.graph_errors import GraphError
from emulator.graph_path import GraphRequest
from emulator.nodes import Nodes, wanted_fields
from emulator.people import Account
from emulator.template_book import TemplateBook

_MOST = 100
#: The most characters of each; two websites.
_LONGEST = {"about": 139, "address": 256, "description": 512, "email": 128, "vertical": 40}
_MOST_WEBSITES, _LONGEST_WEBSITE = 2, 256

#: Told of a template that was just made, or taken away, with its account.
Told = Callable[[Account, Json], None]


class BusinessPath:
    """`/{phone number id}/whatsapp_business_profile`, `/{business account}/message_templates`"""

    name = "business"

    def __init__(self, nodes: Nodes) -> None:
        self._nodes = nodes
        self.templates = TemplateBook()
        self._profiles: dict[str, Json] = {}
        self.made: Told = _nobody
        self.gone: Told = _nobody

    def answer(self, request: GraphRequest) -> Json | None:
        if len(request.path) != 2 or request.path[1] not in ("whatsapp_business_profile", "message_templates"):
            return None
        account = self._nodes.one(request, "whatsapp")
        of_number = request.path[1] == "whatsapp_business_profile"
        if account is None or (request.path[0] == account.id) is not of_number:
            return None
        if request.method == "GET":
            return self._profile(request, account) if of_number else self._list(request, account)
        if request.method == "POST":
            body = request.body if isinstance(request.body, dict) else {}
            return self._change(account, body) if of_number else self._create(account, body)
        return self._remove(request, account) if request.method == "DELETE" and not of_number else None

    def clear(self) -> None:
        self.templates.clear()
        self._profiles.clear()

    def _profile(self, request: GraphRequest, account: Account) -> Json:
        known = self._profile_of(account)
        wanted = [name for name in wanted_fields(request) if known.get(name)]
        return {"data": [{"messaging_product": "whatsapp", **{name: known[name] for name in wanted}}]}

    def _profile_of(self, account: Account) -> Json:
        first = {
            "about": f"{account.name}: comida de casa, todos os dias",
            "address": "Rua das Flores, 10 - São Paulo",
            "description": account.name,
            "email": "oi@cantina.example",
            "vertical": "RESTAURANT",
            "websites": ["https://cantina.example/"],
        }
        return self._profiles.setdefault(account.id, first)

    def _change(self, account: Account, body: Json) -> Json:
        if body.get("messaging_product") != "whatsapp":
            raise GraphError(100, "The parameter messaging_product is required and must be whatsapp.")
        changes = {name: value for name, value in body.items() if name != "messaging_product"}
        for name, value in changes.items():
            _check_profile(name, value)
        self._profile_of(account).update(changes)
        return {"success": True}

    def _list(self, request: GraphRequest, account: Account) -> Json:
        """A page of them; `after` is the number of the last that was given."""
        known = self.templates.of(account.business_id)
        start, limit = _number(request.query, "after", 0, len(known)), _number(request.query, "limit", 25, _MOST)
        page = known[start : start + max(limit, 1)]
        fields = {*wanted_fields(request, "name", "components", "language", "status", "category"), "id"}
        data = [{name: each[name] for name in each if name in fields} for each in page]
        end = start + len(page)
        paging: Json = {"cursors": {"before": str(start), "after": str(end)}}
        if end < len(known):
            paging["next"] = f"{request.origin}/{account.business_id}/message_templates?limit={limit}&after={end}"
        return {"data": data, "paging": paging if page else {}}

    def _create(self, account: Account, body: Json) -> Json:
        made = self.templates.add(account.business_id, body)
        self.made(account, made)
        return {"id": made["id"], "status": made["status"], "category": made["category"]}

    def _remove(self, request: GraphRequest, account: Account) -> Json:
        for gone in self.templates.remove(account.business_id, request.query.get("name", "")):
            self.gone(account, gone)
        return {"success": True}


def _nobody(account: Account, template: Json) -> None:
    """Nobody is told."""


def _check_profile(name: str, value: Any) -> None:
    if name == "websites":
        sites = value if isinstance(value, list) else [None]
        if len(sites) > _MOST_WEBSITES or not all(isinstance(x, str) and len(x) <= _LONGEST_WEBSITE for x in sites):
            raise GraphError(100, f"websites must be at most {_MOST_WEBSITES} addresses.")
    elif name not in _LONGEST or not isinstance(value, str) or len(value) > _LONGEST[name]:
        raise GraphError(100, f"The parameter {name} is not known, or too long.")


def _number(query: Mapping[str, str], name: str, default: int, most: int) -> int:
    given: Any = query.get(name, str(default))
    if not given.isdecimal() or int(given) > most:
        raise GraphError(100, f"The parameter {name} must be a number up to {most}.")
    return int(given)
