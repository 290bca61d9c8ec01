"""Messenger as two generations of the dashboard's pages ask for it: one wants its lists bare, one may have them in an
envelope; the last message of a conversation is a text in the one, an object in the other."""

from __future__ import annotations

from typing import Any

import pytest

from conversation.account import Channel
from conversation.agent import AgentStatus
from conversation.people import Role
from runtime.abilities import Reach
from runtime.catching_up import CatchingUp
from runtime.channel import WayOut
from runtime.settings import RuntimeSettings
from store import accounts, agents, operators, people
from store.database import Database
from store.vault import Vault
from tests import services
from tests.handover.conftest import Api
from tests.handover.dashboard.conftest import Dashboard
from tests.handover.dashboard.one_network import RITA, SAUL, add_other, bot_said, stage_on
from tests.house import START, FakeChannel, Stage, WoundClock
from tests.runtime.remembering import Memory

on_one = services.sqlite_only
SEED, CURRENT = "/messenger", "/messaging/messenger"
both = pytest.mark.parametrize("prefix", [SEED, CURRENT])


@pytest.fixture
def stage(db: Database, clock: WoundClock, vault: Vault, settings: RuntimeSettings) -> Stage:
    return stage_on(Channel.MESSENGER, db, clock, vault, settings)


def results(body: Any, prefix: str) -> list[dict[str, Any]]:
    """Of a list, which must have the shape that this generation reads."""
    if prefix == SEED:
        assert isinstance(body, list), "its page has no word for an envelope"
        return body
    found: list[dict[str, Any]] = body["results"]
    assert body["count"] >= len(found)
    return found


@both
async def test_conversations_are_listed_the_latest_first(stage: Stage, ana: Dashboard, prefix: str) -> None:
    first = await stage.hears("oi", phone=RITA)
    stage.clock.wind(60)
    second = await stage.hears("tudo bem?", phone=SAUL)
    for asked in ("", f"?account={stage.account.id}", f"?account_id={stage.account.id}"):
        status, body = await ana.get(f"{prefix}/conversations/{asked}")
        listed = results(body, prefix)
        assert (status, [each["id"] for each in listed]) == (200, [second, first])
    shown = listed[0]
    assert (shown["account"], shown["psid"], shown["sender_id"]) == (stage.account.id, SAUL, SAUL)
    assert shown["sender_name"] and shown["created_at"] and shown["updated_at"] and shown["last_message_at"]
    assert (shown["unread_count"], shown["is_active"], shown["is_bot_active"]) == (1, True, True)
    assert shown["handover_status"] == "bot"
    last = shown["last_message"]
    assert last == "tudo bem?" if prefix == SEED else (last["type"], last["content"]) == ("TEXT", "tudo bem?")
    _, one = await ana.get(f"{prefix}/conversations/?limit=1&offset=1")
    assert [each["id"] for each in results(one, prefix)] == [first]
    other = add_other(stage)
    assert results((await ana.get(f"{prefix}/conversations/?account={other.id}"))[1], prefix) == []


@on_one
@both
async def test_a_conversation_is_opened_answered_and_read(stage: Stage, ana: Dashboard, prefix: str) -> None:
    talk = await stage.hears("um", phone=RITA)
    await bot_said(stage, talk, "dois")
    one = f"{prefix}/conversations/{talk}/"
    words = ("send-message", "send_message")
    for word in words:
        status, sent = await ana.post(f"{one}{word}/", {"content": f"por {word}", "message_type": "text"})
        assert (status, sent["is_from_page"], sent["is_from_bot"], sent["direction"]) == (201, True, True, "outbound")
        assert sent["content"].endswith(f"por {word}") and sent["sent_at"] and sent["created_at"]
    _, body = await ana.get(f"{one}messages/")
    listed = results(body, prefix)
    assert listed[-1]["id"] == sent["id"], "the oldest comes first"
    assert [(each["is_from_page"], each["is_from_bot"]) for each in listed] == [(False, False)] + [(True, True)] * 3
    assert [each["content"] for each in listed[:2]] == ["um", "dois"]
    assert all(each["sent_at"] and each["created_at"] and each["sender_name"] for each in listed)
    _, newest = await ana.get(f"{one}messages/?limit=2")
    assert [each["id"] for each in results(newest, prefix)] == [each["id"] for each in listed[-2:]]
    for word in ("mark-read", "mark_read", "mark_as_read"):
        status, shown = await ana.post(f"{one}{word}/")
        assert (status, shown["id"], shown["unread_count"], shown["is_bot_active"]) == (200, talk, 0, False)
    assert not await stage.outbox("signal"), "the customer is not told"


@on_one
async def test_both_addresses_tell_the_same_messages(stage: Stage, ana: Dashboard) -> None:
    talk = await stage.hears("um", phone=RITA)
    await stage.hears("dois", phone=RITA)
    seed = (await ana.get(f"{SEED}/conversations/{talk}/messages/"))[1]
    current = (await ana.get(f"{CURRENT}/conversations/{talk}/messages/"))[1]["results"]
    assert [each["id"] for each in seed] == [each["id"] for each in current] and len(seed) == 2
    assert [each["message_type"] for each in current] == ["TEXT", "TEXT"]


@on_one
async def test_what_can_be_chosen_goes_along_and_a_foreign_address_does_not(stage: Stage, ana: Dashboard) -> None:
    talk = await stage.hears("um", phone=RITA)
    path = f"{CURRENT}/conversations/{talk}/send-message/"
    replies = [{"content_type": "text", "title": "Sim", "payload": "S"}, {"title": "Não"}]
    assert (await ana.post(path, {"content": "Confirma?", "quick_replies": replies}))[0] == 201
    (row,) = await stage.outbox()
    assert len(row.body["buttons"]) == 2
    for body in ({"content": "x", "attachments": [{"url": "https://example.com"}]}, {"content": ""}):
        status, answer = await ana.post(path, body)
        assert status == 400 and answer["detail"]
    assert len(await stage.outbox()) == 1


@on_one
@both
async def test_what_is_not_theirs_is_not_there(api: Api, stage: Stage, dash: Dashboard, prefix: str) -> None:
    talk, mine = await stage.hears("segredo", phone=RITA), stage.account.id
    other = add_other(stage)

    def somebody(tx: Any) -> str:
        token = operators.add(tx, "dora", Role.ADMIN, START)
        people.set_accounts(tx, "dora", [other.id])
        return token

    api.tokens["dora"] = await stage.db.write(somebody)
    dora, one, account = dash.by("dora"), f"{prefix}/conversations/{talk}/", f"{prefix}/accounts/{mine}/"
    asked = [
        *[("GET", path) for path in (one, f"{one}messages/", f"{prefix}/conversations/?account={mine}")],
        *[("POST", f"{one}{word}/") for word in ("send-message", "send_message", "mark-read", "mark_read")],
        *[(method, account) for method in ("GET", "PATCH", "DELETE")],
        *[("POST", f"{account}{word}/") for word in ("verify-webhook", "verify_webhook", "sync")],
        *[(method, f"{account}profile/") for method in ("GET", "PATCH")],
    ]
    for method, path in asked:
        status, answer = await dora.call(method, path, None if method == "GET" else {"content": "x"})
        assert (status, answer["error"]["code"]) == (404, "not_found"), (method, path)
    assert results((await dora.get(f"{prefix}/conversations/"))[1], prefix) == []
    assert [each["id"] for each in results((await dora.get(f"{prefix}/accounts/"))[1], prefix)] == [other.id]
    assert not await stage.outbox() and (await stage.conversation(talk)).unread == 1
    for path in (f"/instagram/conversations/{talk}/", f"/instagram/accounts/{mine}/"):
        assert (await dash.get(path))[0] == 404, "it is of another channel"


@on_one
@both
async def test_operators_change_no_account(stage: Stage, ana: Dashboard, prefix: str) -> None:
    one = f"{prefix}/accounts/{stage.account.id}/"
    asked = [("POST", f"{prefix}/accounts/"), ("PATCH", one), ("DELETE", one), ("PATCH", f"{one}profile/")]
    asked += [("POST", f"{one}{word}/") for word in ("verify-webhook", "sync")]
    for method, path in asked:
        status, answer = await ana.call(method, path)
        assert status == 400 and "admin" in answer["detail"], (method, path)
        assert (await ana.by(None).call(method, path))[0] == 401, (method, path)


@on_one
@both
async def test_a_page_is_added_switched_and_removed(api: Api, stage: Stage, dash: Dashboard, prefix: str) -> None:
    form = {"page_id": "300000000000009", "page_name": "Loja", "page_access_token": "EAAB-canary-token"}
    api.house.account_setup._around = type(api.house.account_setup._around)(
        emulated=frozenset(Channel), has_app_secret=True
    )
    status, made = await dash.post(f"{prefix}/accounts/", form)
    assert status == 201 and "canary" not in str(made) and "EAAB-canary-token" in api.house.hidden
    assert (made["page_name"], made["page_id"], made["status"]) == ("Loja", "300000000000009", "active")
    assert (made["is_active"], made["webhook_verified"]) == (True, False) and made["created_at"]
    one = f"{prefix}/accounts/{made['id']}/"
    body = {"is_active": False, "auto_response_enabled": False, "human_handoff_enabled": False, "page_access_token": ""}
    status, off = await dash.patch(one, body)
    switches = ("is_active", "status", "auto_response_enabled", "human_handoff_enabled")
    assert (status, [off[name] for name in switches]) == (200, [False, "inactive", False, False])
    kept = await stage.db.read(accounts.credentials, stage.vault, made["id"])
    assert kept.token == "EAAB-canary-token", "an empty field of a form changes nothing"
    status, renamed = await dash.patch(one, {"page_name": "Outra", "page_access_token": "EAAB-other-token"})
    assert (status, renamed["page_name"], renamed["is_active"]) == (200, "Outra", False)
    assert (await stage.db.read(accounts.credentials, stage.vault, made["id"])).token == "EAAB-other-token"
    assert await dash.delete(one) == (204, None)
    assert [each["id"] for each in results((await dash.get(f"{prefix}/accounts/"))[1], prefix)] == [stage.account.id]
    assert (await dash.get(one))[0] == 404
    status, answer = await dash.post(f"{prefix}/accounts/", {"page_name": "Loja"})
    assert status == 400 and "page_id" in answer["detail"]


@on_one
async def test_nobody_answers_where_no_agent_is_chosen(stage: Stage, dash: Dashboard) -> None:
    one = f"{CURRENT}/accounts/{stage.account.id}/"
    assert (await dash.patch(one, {"default_agent": ""}))[0] == 200
    changed = await stage.db.read(accounts.get, stage.account.id)
    assert changed.agent_id != stage.agent.id and changed.activation > stage.account.activation


@on_one
@pytest.mark.parametrize("path", [f"{SEED}/accounts/{{}}/verify-webhook/", f"{CURRENT}/accounts/{{}}/sync/"])
async def test_a_page_is_verified_by_asking_meta(api: Api, stage: Stage, dash: Dashboard, path: str) -> None:
    memory: Any = Memory(on=False)

    async def reach(account_id: str) -> Reach:
        return Reach(account=stage.account, node="1", base_url="http://nowhere", token="t")

    ways_out = {"messenger": WayOut(channel=FakeChannel(), subscription=memory)}
    api.house.catching_up = CatchingUp(stage.db, ways_out, reach, stage.clock)
    assert results((await dash.get(f"{SEED}/accounts/"))[1], SEED)[0]["webhook_verified"] is False
    status, answer = await dash.post(path.format(stage.account.id))
    assert (status, answer["webhook_verified"]) == (200, True) and answer["message"]
    assert memory.asked == ["is on?", "turn on"]
    assert results((await dash.get(f"{SEED}/accounts/"))[1], SEED)[0]["webhook_verified"] is True


class Kept:
    """Satisfies `Greetings`."""

    def __init__(self) -> None:
        self.set: dict[str, Any] = {"get_started": {"payload": "X"}, "greeting": [{"locale": "default", "text": "Oi"}]}
        self.changed: list[Any] = []

    async def greetings(self, reach: Any) -> dict[str, Any]:
        return self.set

    async def greet_with(self, reach: Any, changes: Any) -> None:
        self.changed.append(dict(changes))
        self.set |= changes


@on_one
@both
async def test_what_greets_a_customer_is_shown_and_changed(
    api: Api, stage: Stage, dash: Dashboard, prefix: str
) -> None:
    kept, path = Kept(), f"{prefix}/accounts/{stage.account.id}/profile/"

    async def reach(account_id: str) -> Any:
        return None

    assert (await dash.get(path))[0] == 400, "nothing there greets anybody"
    api.house.reach, api.house.ways_out = reach, {"messenger": WayOut(channel=FakeChannel(), greetings=kept)}
    status, shown = await dash.get(path)
    nothing: dict[str, Any] = {"ice_breakers": [], "persistent_menu": [], "whitelisted_domains": []}
    assert (status, shown) == (200, {"greeting": [{"locale": "default", "text": "Oi"}], **nothing})
    asked = [{"question": "Abre hoje?", "payload": "OPEN"}]
    status, shown = await dash.patch(path, {"ice_breakers": asked})
    assert (status, shown["ice_breakers"], kept.changed) == (200, asked, [{"ice_breakers": asked}])


@on_one
async def test_an_account_that_is_added_switched_off_never_answered(stage: Stage, dash: Dashboard) -> None:
    """Added first and switched off after that, it would have answered whoever wrote in between."""
    form = {"page_id": "110000000000077", "page_name": "P", "page_access_token": "", "is_active": False}
    status, made = await dash.post("/messaging/messenger/accounts/", {**form, "default_agent": ""})
    assert (status, made["is_active"]) == (201, False), made
    account = await stage.db.read(accounts.get, made["id"])
    assert (account.active, account.activation) == (False, 0)
    agent = await stage.db.read(agents.get, account.agent_id)
    assert agent.status is AgentStatus.DRAFT
