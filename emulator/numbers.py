"""A WhatsApp number as Meta has it: what it is, whose, whether it is registered, and what stands in its way.

[WA docs: phone numbers; registration; messaging health status]
"""

from __future__ import annotations

from emulator.fields import Json
from emulator.graph_errors import GraphError
from emulator.graph_path import GraphRequest
from emulator.nodes import Nodes, need_token, wanted_fields
from emulator.people import Account, People, digits
from emulator.standing import Standing, Standings

_ORDERS = ("register", "deregister", "request_code", "verify_code")
_BARE = ("verified_name", "code_verification_status", "display_phone_number", "quality_rating")


class StandingPath:
    """First of the paths: refuses by how an account stands, whatever is asked. It answers nothing."""

    name = "standing"

    def __init__(self, people: People, standings: Standings) -> None:
        self._people, self._standings = people, standings

    def answer(self, request: GraphRequest) -> Json | None:
        account = request.account or self._of_token(request.token)
        if account is None or "|" in request.token:
            return None
        standing = self._standings.of(account)
        if standing.token_expired:
            raise GraphError(190, "Error validating access token: Session has expired.", subcode=463)
        is_send = request.method == "POST" and request.path[1:] == ["messages"]
        lacking = "whatsapp_business_messaging" if is_send else "whatsapp_business_management"
        if account.channel == "whatsapp" and lacking in standing.missing_scopes and request.path != ["debug_token"]:
            raise GraphError(10, f"Application does not have permission for this action ({lacking}).")
        if is_send and account.channel == "whatsapp":
            _may_send(request, standing)
        return None

    def _of_token(self, token: str) -> Account | None:
        return next((a for a in self._people.accounts.values() if token and a.token == token), None)


class NumberPath:
    """`GET /{phone number id}`, `GET /{business account}/phone_numbers`, and the orders that set a number up"""

    name = "node"

    def __init__(self, people: People, nodes: Nodes, standings: Standings) -> None:
        self._people, self._nodes, self._standings = people, nodes, standings

    def answer(self, request: GraphRequest) -> Json | None:
        if request.method == "GET" and request.path[1:] == ["phone_numbers"]:
            return self._of_business(request)
        account = self._people.accounts.get(request.path[0]) if request.path else None
        if account is None or account.channel != "whatsapp":
            return None
        if request.method == "GET" and len(request.path) == 1:
            wanted = wanted_fields(request, *_BARE)
            known = self._number(account)
            return {name: known[name] for name in dict.fromkeys([*wanted, "id"]) if name in known}
        if request.method == "POST" and len(request.path) == 2 and request.path[1] in _ORDERS:
            need_token(request, account)
            return self._ordered(account, request.path[1], request.body if isinstance(request.body, dict) else {})
        return None

    def _of_business(self, request: GraphRequest) -> Json | None:
        business = request.path[0]
        whatsapp = [a for a in self._people.accounts.values() if a.channel == "whatsapp"]
        if not any(business == account.business_id for account in whatsapp):
            return None
        need_token(request, *[a for a in whatsapp if a.business_id == business])
        own = [a for a in whatsapp if business == (self._standings.of(a).business_id or a.business_id)]
        return {"data": [{"id": a.id, "display_phone_number": a.display_phone_number} for a in own]}

    def _number(self, account: Account) -> Json:
        standing = self._standings.of(account)
        overrides = {"whatsapp_business_account": standing.override_url, "phone_number": standing.number_override_url}
        return {
            "id": account.id,
            "display_phone_number": account.display_phone_number,
            "verified_name": account.name,
            "quality_rating": standing.quality,
            "platform_type": "CLOUD_API" if standing.registered else "NOT_APPLICABLE",
            "name_status": standing.name_status,
            "status": standing.status if standing.registered else "PENDING",
            "code_verification_status": "VERIFIED",
            "account_mode": "LIVE" if standing.only_to is None else "SANDBOX",
            "throughput": {"level": "STANDARD"},
            "is_on_biz_app": standing.on_phone_app,
            "whatsapp_business_manager_messaging_limit": standing.limit,
            "webhook_configuration": {name: url for name, url in overrides.items() if url},
            "health_status": _health(account, standing),
        }

    def _ordered(self, account: Account, order: str, body: Json) -> Json:
        if order == "register":
            pin = str(body.get("pin") or "")
            if body.get("messaging_product") != "whatsapp" or not (pin.isdigit() and len(pin) == 6):
                raise GraphError(100, "messaging_product and a pin of six digits are required.")
            self._standings.change(account, registered=True, status="CONNECTED")
        elif order == "deregister":
            if self._standings.of(account).on_phone_app:
                raise GraphError(100, "A number that is on the phone's app too is not deregistered here.")
            self._standings.change(account, registered=False)
        elif order == "request_code" and body.get("code_method") not in ("SMS", "VOICE"):
            raise GraphError(100, "code_method must be SMS or VOICE.")
        elif order == "verify_code" and not str(body.get("code") or "").isdigit():
            raise GraphError(100, "code must be digits.")
        return {"success": True}


def _may_send(request: GraphRequest, standing: Standing) -> None:
    """[WA docs: error codes]"""
    if not standing.registered:
        raise GraphError(133010, "The phone number is not registered on the platform.")
    if standing.status in ("BANNED", "RESTRICTED"):
        raise GraphError(131031, "The business account has been restricted or disabled.")
    body = request.body if isinstance(request.body, dict) else {}
    to = body.get("to")
    if standing.only_to is not None and "status" not in body and digits(str(to)) not in map(digits, standing.only_to):
        raise GraphError(131030, "The recipient phone number is not in the allowed list.")


def _health(account: Account, standing: Standing) -> Json:
    ids = {"PHONE_NUMBER": account.id, "WABA": account.business_id, "BUSINESS": "506000000000001"}
    entities: list[Json] = []
    for kind, own_id in {**ids, "APP": account.app_id}.items():
        entity: Json = {"entity_type": kind, "id": own_id, "can_send_message": "AVAILABLE"}
        if kind == standing.blocked:
            error = {"error_code": standing.blocked_code, "error_description": "Blocked.", "possible_solution": "-"}
            entity.update(can_send_message="BLOCKED", errors=[error])
        entities.append(entity)
    return {"can_send_message": "BLOCKED" if standing.blocked else "AVAILABLE", "entities": entities}
