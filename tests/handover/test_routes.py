"""Every route of the API refuses who has no token, too small a role, or no business with the account. A route that is
not in the table below fails here: whoever adds one says whom it is for.
"""

from __future__ import annotations

from typing import Any

import pytest

from conversation.conversation import ConversationId
from conversation.mail import MailState
from conversation.people import Assignment, Presence
from conversation.webhook import WebhookState
from handover.api import OperatorsApi
from runtime.media_files import MediaFolder
from store import accounts, canned, conversations, mailbox, notes, operators, people, teams, webhooks
from store.operators import Role
from tests import services
from tests.files import upload
from tests.handover.conftest import Api
from tests.house import OTHER_NUMBER, START, Stage, add_account, mail_waiting

_CONVERSATION = "/conversations/<conversation_id:str>"
OPEN = {("GET", "/health"), ("GET", "/openapi.json"), ("GET", "/docs"), ("GET", "/docs/<name:str>"), ("POST", "/sign-in")}
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
            ("GET", "/accounts/<account_id:str>/abilities"),
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
            ("GET", "/accounts/<account_id:str>/hours"),
            *(("GET", path) for path in ("/teams/<team:str>", "/agents/<name:str>", "/agents/<name:str>/sessions")),
            ("GET", "/agents/<name:str>/sessions/<conversation_id:str>"),
            ("GET", "/agents/<name:str>/sessions/<conversation_id:str>/history"),
        ],
        Role.OPERATOR,
    ),
    ("DELETE", "/agents/<name:str>/sessions/<conversation_id:str>/memory"): Role.SUPERVISOR,
    ("GET", "/statistics"): Role.SUPERVISOR,
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
    ("PUT", "/accounts/<account_id:str>/handover"): Role.ADMIN,
    ("GET", "/accounts/<account_id:str>/sync"): Role.OPERATOR,
    ("POST", "/accounts/<account_id:str>/sync"): Role.ADMIN,
    ("DELETE", "/accounts/<account_id:str>/sync"): Role.ADMIN,
    ("PUT", "/accounts/<account_id:str>/channel"): Role.ADMIN,
    ("POST", "/accounts/instagram/connect"): Role.ADMIN,
    ("POST", "/mail/<mail_id:int>/retry"): Role.ADMIN,
    ("GET", "/webhook-events"): Role.ADMIN,
    ("GET", "/webhook-events/<webhook_id:int>"): Role.ADMIN,
    ("POST", "/webhook-events/<webhook_id:int>/redrive"): Role.ADMIN,
    ("GET", "/unplaced-events"): Role.ADMIN,
}
#: What belongs to an account, by how a path names it.
OF_AN_ACCOUNT = (
    *("conversation_id", "request_id", "account_id", "contact_id", "reply_id", "mail_id", "media_id", "message_id"),
    *("webhook_id",),
)
BODIES: dict[str, dict[str, Any]] = {
    "/reply": {"text": "oi"},
    "/messages": {"text": "oi"},
    "/notes": {"text": "oi"},
    "/notes/<note_id:int>": {"text": "oi"},
    "/thread": {"control": "take"},
    "/transfer": {"operator": "ben"},
    "/snooze": {"minutes": 5},
    "/hours": {"time_zone": "America/Sao_Paulo"},
    "/credentials": {"token": "EAAB-a-new-token"},
    "/accounts": {"channel": "whatsapp", "provider_id": "1"},
    "/agents": {"name": "other"},
    "/teams": {"name": "other"},
    "/settings/<name:str>": {"value": {}},
    "/contacts/<contact_id:str>": {"given_name": "Ana"},
    "/canned/<reply_id:int>": {"shortcut": "oi", "language": "pt", "text": "Oi!"},
}


def registered() -> list[tuple[str, str]]:
    """Every method and path there is, as it is written."""
    routes = OperatorsApi().blueprint(_nobody)._future_routes  # Sanic tells of them only once they are mounted
    return sorted((str(method), route.uri) for route in routes for method in route.methods)


async def _nobody(message: Any) -> None:
    """The API makes no messages."""


def test_the_table_has_every_route_and_no_other() -> None:
    assert set(registered()) == set(ROLES) | OPEN


@services.sqlite_only
@pytest.mark.parametrize(("method", "path"), [route for route in registered() if route not in OPEN])
async def test_it_refuses_who_it_is_not_for(stage: Stage, api: Api, method: str, path: str) -> None:
    role, body = ROLES[method, path], next((b for end, b in BODIES.items() if path.endswith(end)), {})
    address = "/api/v1" + await filled(stage, path, api.house.media_folder)
    for by in (None, "wrong", ""):
        status, answer = await api.call(method, address, by=by, body=body)
        assert (status, answer["error"]["code"]) == (401, "unauthorized")
    for name, has in (("ana", Role.OPERATOR), ("sonia", Role.SUPERVISOR)):
        if not has.covers(role):
            status, answer = await api.call(method, address, by=name, body=body)
            assert (status, answer["error"]["code"]) == (403, "forbidden")
    if any(f"<{name}:" in path for name in OF_AN_ACCOUNT):
        await sees_only_another_account(stage, api)
        status, answer = await api.call(method, address, by="fora", body=body)
        assert (status, answer["error"]["code"]) == (404, "not_found")
        assert (await api.call(method, address, by="chefe", body=body))[0] != 404, "it is there for who may see it"


async def sees_only_another_account(stage: Stage, api: Api) -> None:
    """An admin, so that it is not the role that stands in the way."""

    def add(tx: Any) -> str:
        other = add_account(tx, stage.vault, stage.agent, OTHER_NUMBER)
        token = operators.add(tx, "fora", Role.ADMIN, START)
        people.set_accounts(tx, "fora", [other.id])
        return token

    api.tokens["fora"] = await stage.db.write(add)


async def filled(stage: Stage, path: str, folder: MediaFolder) -> str:
    """The path with what is really there, on the first account."""
    conversation_id = await stage.hears()
    await stage.ownership.request(conversation_id, by="ana")
    await stage.db.write(people.set_presence, "ben", Presence.ONLINE, START)
    names = await stage.db.write(_things, conversation_id, stage.account.provider_id, folder)
    for name, value in names.items():
        path = path.replace(f"<{name}:str>", str(value)).replace(f"<{name}:int>", str(value))
    assert "<" not in path
    return path


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
        "note_id": notes.add(tx, conversation_id, "oi", by="ana", now=START).id,
        "tag": "vip",
        "rule_id": "rul_x",
        "token_id": "tok_x",
        "name": "assistant",
    }


def webhook(tx: Any, account_id: str) -> int:
    """One in which there is nothing."""
    given: dict[str, Any] = {"channel": "whatsapp", "kinds": [], "state": WebhookState.IGNORED, "body": "{}"}
    return webhooks.add(tx, accounts=[account_id], now=START, **given)
