"""Every route of the running server × every role × an account of theirs or another: who is not meant is refused, and
what is not theirs is not there. A route that is not in the tables below fails: whoever adds one says whom it is for.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import pytest
from sanic import Sanic

from conversation.conversation import ConversationId
from conversation.mail import MailState
from conversation.people import Assignment, Presence
from conversation.webhook import WebhookState
from handover import documented
from handover.api import OperatorsApi
from handover.auth import answer
from handover.documented import Documented
from handover.manners import OURS
from runtime.media_files import MediaFolder
from store import accounts, canned, conversations, mailbox, notes, operators, people, teams, webhooks
from store.operators import Role
from tests import services
from tests.files import upload
from tests.handover.conftest import Api
from tests.house import ANA, OTHER_NUMBER, START, Stage, add_account, mail_waiting

_CONVERSATION = "/conversations/<conversation_id:str>"
#: Who needs no token, and why, stands beside each of these in the code.
OPEN = {
    ("POST", "/sign-in"),
    ("GET", "/ws"),
    *(("GET", path) for path in ("/health", "/openapi.json", "/asyncapi.json", "/docs", "/docs/<name:str>")),
}
#: Whom a route is for, at least.
ROLES: dict[tuple[str, str], Role] = {
    **dict.fromkeys(
        [
            *(("GET", path) for path in ("/me", "/operators", "/teams", "/accounts", "/agents", "/canned", "/alerts")),
            *(("GET", path) for path in ("/conversations", "/queue", "/requests", "/notices", "/mail/parked")),
            *((method, path) for method, path in (("GET", "/media/<media_id:int>"), ("POST", "/media"))),
            *(("GET", _CONVERSATION + part) for part in ("", "/messages", "/handover", "/log", "/context", "/notes")),
            *(("POST", f"{_CONVERSATION}/{word}") for word in ("take", "reply", "release", "transfer", "close")),
            *(("POST", f"{_CONVERSATION}/{word}") for word in ("resolve", "reopen", "snooze", "request", "cancel")),
            *(("POST", f"{_CONVERSATION}/{word}") for word in ("read", "notes", "thread")),
            *(("POST", f"{_CONVERSATION}/{word}") for word in ("messages", "typing", "seen")),
            ("GET", f"{_CONVERSATION}/participants"),
            ("GET", "/messages/<message_id:int>"),
            ("POST", "/conversations"),
            ("GET", "/accounts/<account_id:str>/abilities"),
            *(
                ("GET", f"/accounts/<account_id:str>/{part}")
                for part in ("templates", "templates/<template:str>", "profile")
            ),
            *(("POST", f"/accounts/<account_id:str>/{part}") for part in ("templates/sync", "facts")),
            ("PATCH", f"{_CONVERSATION}/notes/<note_id:int>"),
            ("DELETE", f"{_CONVERSATION}/notes/<note_id:int>"),
            ("PUT", f"{_CONVERSATION}/tags/<tag:str>"),
            ("DELETE", f"{_CONVERSATION}/tags/<tag:str>"),
            ("GET", "/requests/<request_id:int>"),
            ("POST", "/requests/<request_id:int>/approve"),
            ("POST", "/requests/<request_id:int>/reject"),
            ("PATCH", "/me"),
            *((method, "/me/tokens") for method in ("GET", "POST")),
            *(("POST", path) for path in ("/sign-out", "/me/password")),
            *((("DELETE", "/me/tokens/<token_id:str>"), ("GET", "/operators/<name:str>"))),
            ("POST", "/canned"),
            ("PUT", "/canned/<reply_id:int>"),
            ("DELETE", "/canned/<reply_id:int>"),
            ("POST", "/alerts"),
            ("PATCH", "/alerts/<rule_id:str>"),
            ("DELETE", "/alerts/<rule_id:str>"),
            ("POST", "/alerts/<rule_id:str>/test"),
        ],
        Role.OPERATOR,
    ),
    **dict.fromkeys(
        [
            *(("GET", path) for path in ("/contacts", "/contacts/<contact_id:str>", "/accounts/<account_id:str>")),
            ("PATCH", "/contacts/<contact_id:str>"),
            ("PUT", "/contacts/<contact_id:str>/opt-out"),
            ("GET", "/accounts/<account_id:str>/hours"),
            *(("GET", path) for path in ("/teams/<team:str>", "/agents/<name:str>", "/agents/<name:str>/sessions")),
            ("GET", "/agents/<name:str>/sessions/<conversation_id:str>"),
            *(("GET", path) for path in ("/agents/providers", "/agents/<name:str>/statistics")),
            ("GET", "/agents/<name:str>/sessions/<conversation_id:str>/history"),
        ],
        Role.OPERATOR,
    ),
    ("DELETE", "/agents/<name:str>/sessions/<conversation_id:str>/memory"): Role.SUPERVISOR,
    ("GET", "/statistics"): Role.SUPERVISOR,
    ("POST", "/agents/<name:str>/process"): Role.SUPERVISOR,
    **dict.fromkeys(
        [
            *(("POST", path) for path in ("/accounts", "/agents", "/teams")),
            *(("PUT", f"/accounts/<account_id:str>/{part}") for part in ("hours", "limits", "privacy", "credentials")),
            ("GET", "/accounts/<account_id:str>/credentials"),
            ("DELETE", "/agents/<name:str>"),
            *((method, "/teams/<team:str>") for method in ("PATCH", "DELETE")),
            *((method, "/teams/<team:str>/members/<name:str>") for method in ("PUT", "DELETE")),
            ("GET", "/settings"),
            ("PATCH", "/settings/<name:str>"),
        ],
        Role.ADMIN,
    ),
    ("PATCH", "/operators/<name:str>"): Role.SUPERVISOR,
    ("POST", "/operators"): Role.ADMIN,
    ("DELETE", "/operators/<name:str>"): Role.ADMIN,
    ("GET", "/operators/<name:str>/tokens"): Role.ADMIN,
    ("DELETE", "/operators/<name:str>/tokens"): Role.ADMIN,
    ("DELETE", "/operators/<name:str>/tokens/<token_id:str>"): Role.ADMIN,
    ("POST", "/agents/silence"): Role.SUPERVISOR,
    ("PATCH", "/agents/<name:str>"): Role.ADMIN,
    ("PATCH", "/accounts/<account_id:str>"): Role.ADMIN,
    ("DELETE", "/accounts/<account_id:str>"): Role.ADMIN,
    ("PUT", "/accounts/<account_id:str>/handover"): Role.ADMIN,
    ("GET", "/accounts/<account_id:str>/sync"): Role.OPERATOR,
    ("POST", "/accounts/<account_id:str>/sync"): Role.ADMIN,
    ("DELETE", "/accounts/<account_id:str>/sync"): Role.ADMIN,
    ("PUT", "/accounts/<account_id:str>/channel"): Role.ADMIN,
    ("POST", "/accounts/<account_id:str>/templates"): Role.ADMIN,
    ("DELETE", "/accounts/<account_id:str>/templates/<template:str>"): Role.ADMIN,
    ("PUT", "/accounts/<account_id:str>/profile"): Role.ADMIN,
    ("POST", "/accounts/<account_id:str>/check"): Role.ADMIN,
    ("POST", "/accounts/instagram/connect"): Role.ADMIN,
    ("POST", "/mail/<mail_id:int>/retry"): Role.ADMIN,
    ("GET", "/webhook-events"): Role.ADMIN,
    ("GET", "/webhook-events/<webhook_id:int>"): Role.ADMIN,
    ("POST", "/webhook-events/<webhook_id:int>/redrive"): Role.ADMIN,
    ("GET", "/unplaced-events"): Role.ADMIN,
    ("GET", "/audit"): Role.ADMIN,
    ("GET", "/audit/verified"): Role.ADMIN,
    ("POST", "/contacts/<contact_id:str>/merge"): Role.SUPERVISOR,
    ("GET", "/contacts/<contact_id:str>/export"): Role.ADMIN,
    ("POST", "/contacts/<contact_id:str>/erase"): Role.ADMIN,
    ("POST", "/feed-tickets"): Role.OPERATOR,
}
#: What belongs to an account, by how a path names it.
OF_AN_ACCOUNT = (
    *("conversation_id", "request_id", "account_id", "contact_id", "reply_id", "mail_id", "media_id", "message_id"),
    *("webhook_id",),
)
#: A word that only a customer of the first account has written.
SECRET = "moqueca-secreta"
#: A worker answers these, and none runs here.
OF_A_WORKER = {("POST", "/agents/<name:str>/process")}
#: For admins who see all accounts only.
WHOLE = {
    ("GET", "/audit"),
    ("GET", "/audit/verified"),
    ("DELETE", "/operators/<name:str>"),
    ("GET", "/operators/<name:str>/tokens"),
    ("DELETE", "/operators/<name:str>/tokens"),
    ("DELETE", "/operators/<name:str>/tokens/<token_id:str>"),
}
BODIES: dict[str, dict[str, Any]] = {
    "/reply": {"text": "oi"},
    "/messages": {"text": "oi"},
    "/notes": {"text": "oi"},
    "/notes/<note_id:int>": {"text": "oi"},
    "/thread": {"control": "take"},
    "/transfer": {"operator": "ben"},
    "/snooze": {"minutes": 5},
    "/hours": {"time_zone": "America/Sao_Paulo"},
    "/templates": {
        "name": "oi",
        "language": "pt",
        "category": "UTILITY",
        "components": [{"type": "BODY", "text": "Oi"}],
    },
    "/credentials": {"token": "EAAB-a-new-token"},
    "/accounts": {"channel": "whatsapp", "provider_id": "1"},
    "/agents": {"name": "other"},
    "/process": {"message": "oi"},
    "/teams": {"name": "other"},
    "/settings/<name:str>": {"value": {}},
    "/contacts/<contact_id:str>": {"given_name": "Ana"},
    "/canned/<reply_id:int>": {"shortcut": "oi", "language": "pt", "text": "Oi!", "account_id": "<account_id>"},
    "/opt-out": {"opted_out": True},
    "/conversations": {
        "account": "<account_id>",
        "to": "+5511955554444",
        "template": {"name": "oi", "language": "pt_BR"},
    },
    "/erase": {"confirm": "<contact_id>"},
    "/merge": {"with": "<contact_id>"},
}


#: Doors that are not the API's, and who is asked at them.
OTHERS = {
    "webhooks/": "Meta: a signature of the account's own app, or the verify token",
    "connect/instagram/": "whoever signs in with Instagram: a signed state that is good once",
    "meta/": "Meta: a request signed by the app",
    "desk": "nobody: pages and pictures that hold nothing of anybody",
    "ws": "an operator: the first message",
}


@dataclass(frozen=True)
class Door:
    method: str
    path: str
    documented: Documented | None


def doors(app: Sanic) -> list[Door]:
    """Every method and path of a server."""
    return [
        Door(str(method), route.path, documented.of(route.handler))
        for route in app.router.routes
        for method in route.methods
    ]


def unguarded(found: Iterable[Door]) -> list[Door]:
    """Those that nobody has said whom they are for."""
    return [
        door
        for door in found
        if (door.documented is None and not any(door.path.startswith(prefix) for prefix in OTHERS))
        or (door.documented is not None and door.documented.role is None and not door.documented.open_because)
    ]


def registered() -> list[tuple[str, str]]:
    """Every method and path of the API, as it is written."""
    routes = OperatorsApi().blueprint(_nobody)._future_routes  # Sanic tells of them only once they are mounted
    return sorted((str(method), route.uri) for route in routes for method in route.methods)


async def _nobody(message: Any) -> None:
    """The API makes no messages."""


@services.sqlite_only
async def test_every_route_of_the_running_server_says_whom_it_is_for(api: Api) -> None:
    found = doors(api.app)
    assert unguarded(found) == []
    of_the_api = [door for door in found if door.documented is not None and door.documented.part == OURS.name]
    said = {(door.method, door.documented.path): door.documented.role for door in of_the_api if door.documented}
    assert said == {**ROLES, **dict.fromkeys(OPEN)}
    for prefix in OTHERS:
        assert any(door.path.startswith(prefix) for door in found), f"{prefix} is no door any more"


@services.sqlite_only
@pytest.mark.parametrize("path", ["/api/v1/planted", "/planted"])
async def test_a_route_planted_without_a_role_is_found(api: Api, path: str) -> None:
    async def planted(request: Any) -> Any:
        return answer({})

    api.app.router.reset()
    api.app.add_route(planted, path, name="planted")
    api.app.router.finalize()
    (found,) = {door.path for door in unguarded(doors(api.app))}
    assert found == path.strip("/")


@services.sqlite_only
@pytest.mark.parametrize(("method", "path"), [route for route in registered() if route not in OPEN])
async def test_it_is_for_whom_it_is_for_and_for_what_is_theirs(stage: Stage, api: Api, method: str, path: str) -> None:
    needed, body = ROLES[method, path], next((b for end, b in BODIES.items() if path.endswith(end)), {})
    theirs = await filled(stage, path, api.house.media_folder)
    address, body = "/api/v1" + theirs.path, theirs.named(body)
    await stage.db.write(_people, stage, api.tokens)

    async def asked(by: str | None) -> tuple[int, Any]:
        return await api.call(method, address, by=by, body=body)

    for nobody in (None, "wrong", ""):
        status, refused = await asked(nobody)
        assert (status, refused["error"]["code"]) == (401, "unauthorized")
    for role in Role:
        for whose in ("own", "other"):
            if not role.covers(needed):
                status, refused = await asked(f"{role.value} of {whose}")
                assert (status, refused["error"]["code"]) == (403, "forbidden"), (role, whose)
    for role in (role for role in Role if role.covers(needed)):
        status, refused = await asked(f"{role.value} of other")
        if any(f"<{name}:" in path for name in OF_AN_ACCOUNT):
            assert (status, refused["error"]["code"]) == (404, "not_found"), role
        else:
            assert status < 500 or (method, path) in OF_A_WORKER, role
            shown = json.dumps(refused)
            assert not [each for each in theirs.secrets if each in shown], "it tells of what is not theirs"
    status, _ = await asked(f"{needed.value} of own")
    assert status not in (401, 403) or (method, path) in WHOLE, "it is for them"
    if any(f"<{name}:" in path for name in OF_AN_ACCOUNT):
        assert status != 404, "it is there for who may see it"
    assert status < 500 or (method, path) in OF_A_WORKER


def _people(tx: Any, stage: Stage, tokens: dict[str, str]) -> None:
    """One of each role who sees the stage's account alone, and one who sees another."""
    other = add_account(tx, stage.vault, stage.agent, OTHER_NUMBER)
    for role in Role:
        for whose, account_id in (("own", stage.account.id), ("other", other.id)):
            name = f"{role.value} of {whose}"
            tokens[name] = operators.add(tx, name, role, START)
            people.set_accounts(tx, name, [account_id])


@dataclass(frozen=True)
class Filled:
    """A path with what is really there; `secrets`: words that only who sees the account may read."""

    path: str
    secrets: list[str]
    names: dict[str, Any]

    def named(self, body: dict[str, Any]) -> dict[str, Any]:
        """A body with what is really there, where it names something."""
        return {name: self.names[value[1:-1]] if str(value).startswith("<") else value for name, value in body.items()}


async def filled(stage: Stage, path: str, folder: MediaFolder) -> Filled:
    """On the first account."""
    conversation_id = await stage.hears(SECRET)
    await stage.ownership.request(conversation_id, by="ana")
    await stage.db.write(people.set_presence, "ben", Presence.ONLINE, START)
    names = await stage.db.write(_things, conversation_id, stage.account.provider_id, folder)
    if path.startswith("/operators/"):
        names["name"] = "ben"
    for name, value in names.items():
        path = path.replace(f"<{name}:str>", str(value)).replace(f"<{name}:int>", str(value))
    assert "<" not in path
    return Filled(path, [conversation_id, names["contact_id"], ANA, SECRET], names)


def _things(tx: Any, conversation_id: ConversationId, number: str, folder: MediaFolder) -> dict[str, Any]:
    account_id = accounts.get(tx, number).id
    mail = mail_waiting(tx, conversation_id)
    assert mailbox.finish(tx, mail, MailState.PARKED, START)
    reply = canned.add(tx, shortcut="ola", language="pt", text="Olá!", by="ana", now=START, account_id=account_id)
    return {
        "conversation_id": conversation_id,
        "contact_id": conversations.get(tx, conversation_id).contact_id,
        "team": teams.add(tx, "Cozinha", Assignment.HAND, START).id,
        "request_id": 1,
        "account_id": account_id,
        "reply_id": reply.id,
        "mail_id": mail.id,
        "message_id": 1,
        "media_id": upload(tx, folder, account_id, b"{}").id,
        "webhook_id": webhook(tx, account_id),
        "note_id": notes.add(tx, conversation_id, "oi", by="operator of own", now=START).id,
        "tag": "vip",
        "template": "pedido",
        "rule_id": "rul_x",
        "token_id": "tok_x",
        "name": "assistant",
    }


def webhook(tx: Any, account_id: str) -> int:
    """One in which there is nothing."""
    given: dict[str, Any] = {"channel": "whatsapp", "kinds": [], "state": WebhookState.IGNORED, "body": "{}"}
    return webhooks.add(tx, accounts=[account_id], now=START, **given)
