"""Instagram as two generations of the dashboard's pages ask for it: lists, messages, sends, signs, accounts."""

from __future__ import annotations

from typing import Any

import pytest

from conversation.account import Channel
from conversation.arrivals import Attachment, Removed
from conversation.channel_settings import ChannelSettings, Login
from conversation.errors import SendError
from conversation.message import MessageStatus
from conversation.people import Role
from runtime.abilities import OwnProfile
from runtime.channel import WayOut
from runtime.own_profiles import OwnProfiles
from runtime.settings import RuntimeSettings
from runtime.tokens import FreshToken, TokenKeeper
from store import accounts, operators, people, tables
from store.database import Database
from store.vault import Vault
from tests import services
from tests.handover.conftest import Api
from tests.handover.dashboard.conftest import Dashboard
from tests.handover.dashboard.one_network import RITA, SAUL, add_other, bot_said, stage_on
from tests.house import NUMBER, START, FakeChannel, Stage, WoundClock

on_one = services.sqlite_only


@pytest.fixture
def stage(db: Database, clock: WoundClock, vault: Vault, settings: RuntimeSettings) -> Stage:
    return stage_on(Channel.INSTAGRAM, db, clock, vault, settings)


def of(body: Any, *names: str) -> list[Any]:
    """Of a list's results, by these names."""
    found = [tuple(each[name] for name in names) for each in body["results"]]
    return [each[0] for each in found] if len(names) == 1 else found


async def test_conversations_are_listed_the_latest_first_by_either_name_of_the_filter(
    stage: Stage, dash: Dashboard, ana: Dashboard
) -> None:
    first = await stage.hears("oi", phone=RITA)
    stage.clock.wind(60)
    second = await stage.hears("tudo bem?", phone=SAUL)
    other = add_other(stage)
    for asked in ("", f"?account={stage.account.id}", f"?account_id={stage.account.id}"):
        status, body = await ana.get(f"/instagram/conversations/{asked}")
        assert (status, body["count"], of(body, "id")) == (200, 2, [second, first])
    shown = body["results"][0]
    assert shown["account"] == stage.account.id
    assert (shown["participant_id"], shown["unread_count"], shown["status"]) == (SAUL, 1, "active")
    assert (shown["last_message_preview"], shown["last_message"]["content"]) == ("tudo bem?", "tudo bem?")
    assert shown["last_message_at"] and shown["created_at"] and shown["last_message"]["type"] == "TEXT"
    _, none = await ana.get(f"/instagram/conversations/?account={other.id}")
    assert (none["count"], none["results"]) == (0, [])
    _, page = await ana.get("/instagram/conversations/?page_size=1")
    assert of(page, "id") == [second] and page["next"] is not None
    stage.clock.wind(60)
    await bot_said(stage, first, "posso ajudar?")
    _, body = await ana.get("/instagram/conversations/")
    assert of(body, "id", "last_message_preview")[0] == (first, "posso ajudar?"), "an answer counts too"


@on_one
async def test_both_spellings_tell_the_same_messages_in_their_own_order(stage: Stage, ana: Dashboard) -> None:
    talk = await stage.hears("um", phone=RITA)
    await bot_said(stage, talk, "dois", MessageStatus.READ)
    await stage.hears("três", phone=RITA)
    _, current = await ana.get(f"/instagram/conversations/{talk}/messages/")
    _, seed = await ana.get(f"/instagram/messages/?conversation_id={talk}")
    assert of(current, "content") == ["um", "dois", "três"]
    assert of(seed, "text_content") == ["três", "dois", "um"]
    assert of(seed, "id") == of(current, "id")[::-1] and current["count"] == seed["count"] == 3
    assert of(current, "direction", "is_from_business", "status", "message_type") == [
        ("inbound", False, "received", "TEXT"),
        ("outbound", True, "read", "TEXT"),
        ("inbound", False, "received", "TEXT"),
    ]
    assert of(seed, "status", "message_type")[1] == ("seen", "text")
    assert all(each["created_at"] and each["sent_at"] for each in current["results"])
    _, newest = await ana.get(f"/instagram/conversations/{talk}/messages/?page_size=2")
    assert of(newest, "content") == ["dois", "três"], "a chat that is too long is shown by its end"


@on_one
async def test_a_picture_is_shown_other_files_are_linked_and_nothing_is_an_empty_bubble(
    stage: Stage, ana: Dashboard
) -> None:
    def file(kind: str) -> dict[str, Any]:
        return {"kind": kind, "text": None, "attachments": (Attachment(kind=kind, url="https://x.example/f"),)}

    talk = await stage.hears(phone=RITA, **file("image"))
    await stage.hears(phone=RITA, **file("video"))
    await stage.hears(None, phone=RITA, kind="unsupported")
    gone = await stage.hears("apago já", phone=RITA, provider_id="m_gone")
    removed: dict[str, Any] = {
        "account": NUMBER,
        "addresses": stage.inbound(phone=RITA).addresses,
        "at": stage.clock.now(),
    }
    await stage.accept(Removed(provider_id="m_gone", **removed))
    _, body = await ana.get(f"/instagram/conversations/{gone}/messages/")
    picture, video, unknown, taken_back = body["results"]
    assert gone == talk and (picture["message_type"], picture["content"]) == ("IMAGE", "")
    assert "/dashboard-files/" in picture["media_url"] and picture["media_url"].startswith(ana.api.address)
    assert video["message_type"] == "VIDEO" and video["content"] == video["media_url"] != picture["media_url"]
    assert (unknown["content"], unknown["media_url"]) == ("[unsupported]", None)
    assert taken_back["content"] and "apago" not in str(body)


async def test_a_send_answers_with_the_whole_message_and_takes_the_conversation(stage: Stage, ana: Dashboard) -> None:
    talk = await stage.hears("oi", phone=RITA)
    status, sent = await ana.post(
        f"/instagram/conversations/{talk}/send_message/", {"content": "olá", "message_type": "TEXT"}
    )
    assert status == 201
    assert (sent["direction"], sent["is_from_business"], sent["status"]) == ("outbound", True, "pending")
    assert sent["content"].endswith("olá") and sent["conversation"] == talk and sent["sent_at"] and sent["created_at"]
    status, seed = await ana.post(
        "/instagram/send-message/", {"account_id": stage.account.id, "recipient_id": RITA, "text": "e aí"}
    )
    assert (status, seed["text_content"], seed["conversation"]) == (201, "e aí", talk)
    (row,) = [row for row in await stage.rows(tables.audit) if row.action == "dash_send_seed_instagram"]
    assert row.facts == {"account_id": stage.account.id, "conversation_id": talk} and row.fingerprint
    _, listed = await ana.get(f"/instagram/conversations/{talk}/messages/")
    assert of(listed, "id")[-2:] == [sent["id"], seed["id"]]
    conversation = await stage.conversation(talk)
    assert (conversation.state.value, conversation.owner) == ("human", "ana")


@on_one
@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/instagram/conversations/{talk}/send_message/", {"content": " "}),
        ("/instagram/conversations/{talk}/send_message/", {"content": "x", "media_url": "https://example.com/x.png"}),
        ("/instagram/send-message/", {"account_id": "{account}", "recipient_id": RITA, "text": ""}),
    ],
)
async def test_what_can_not_be_sent_is_refused_with_words(
    stage: Stage, ana: Dashboard, path: str, body: dict[str, Any]
) -> None:
    talk = await stage.hears("oi", phone=RITA)
    given = {name: stage.account.id if value == "{account}" else value for name, value in body.items()}
    status, answer = await ana.post(path.format(talk=talk), given)
    assert status == 400 and answer["error"]["message"] == answer["detail"] != ""
    assert not await stage.outbox()


@on_one
@pytest.mark.parametrize("word", ["mark_as_read", "mark_read"])
async def test_read_at_the_desk_nothing_is_unread_and_the_customer_is_not_told(
    stage: Stage, ana: Dashboard, word: str
) -> None:
    talk = await stage.hears("oi", phone=RITA)
    status, shown = await ana.post(f"/instagram/conversations/{talk}/{word}/")
    assert (status, shown["id"], shown["unread_count"], shown["account"]) == (200, talk, 0, stage.account.id)
    assert (await stage.conversation(talk)).unread == 0
    assert not await stage.outbox("signal")


@on_one
async def test_signs_reach_the_customer_from_who_has_the_conversation_alone(stage: Stage, ana: Dashboard) -> None:
    talk = await stage.hears("oi", phone=RITA)
    who = {"account_id": stage.account.id, "sender_id": RITA}
    for path in ("/instagram/mark-seen/", "/instagram/typing/"):
        status, answer = await ana.post(path, who)
        assert (status, answer) == (200, {"success": True, "asked": False})
    assert (await stage.conversation(talk)).unread == 0 and not await stage.outbox("signal")
    await stage.ownership.take(talk, by="ana")
    to = {"account_id": stage.account.id, "recipient_id": RITA}
    assert await ana.post("/instagram/typing/", to) == (200, {"success": True, "asked": True})
    assert [row.body["typing"] for row in await stage.outbox("signal")] == [True]
    assert (await ana.by("ben").post("/instagram/typing/", to))[1]["asked"] is False


@on_one
async def test_what_is_not_theirs_is_not_there(api: Api, stage: Stage, dash: Dashboard) -> None:
    talk, mine = await stage.hears("segredo", phone=RITA), stage.account.id
    other = add_other(stage)

    def somebody(tx: Any) -> str:
        token = operators.add(tx, "dora", Role.ADMIN, START)
        people.set_accounts(tx, "dora", [other.id])
        return token

    api.tokens["dora"] = await stage.db.write(somebody)
    dora, one = dash.by("dora"), f"/instagram/conversations/{talk}/"
    to = {"account_id": mine, "recipient_id": RITA, "text": "oi"}
    asked = [
        *[("GET", path, None) for path in (one, f"{one}messages/", f"/instagram/messages/?conversation_id={talk}")],
        *[("GET", f"/instagram/conversations/?{name}={mine}", None) for name in ("account", "account_id")],
        *[("POST", f"{one}{word}/", {"content": "x"}) for word in ("send_message", "mark_as_read", "mark_read")],
        *[("POST", f"/instagram/{word}/", to) for word in ("send-message", "typing", "mark-seen")],
        *[(method, f"/instagram/accounts/{mine}/", {}) for method in ("GET", "PATCH", "DELETE")],
        *[("POST", f"/instagram/accounts/{mine}/{word}/", None) for word in ("sync", "sync-profile", "refresh-token")],
        ("GET", f"/instagram/accounts/{mine}/stats/", None),
    ]
    for method, path, body in asked:
        status, answer = await dora.call(method, path, body)
        assert (status, answer["error"]["code"]) == (404, "not_found"), (method, path)
    assert (await dora.get("/instagram/conversations/"))[1]["results"] == []
    assert of((await dora.get("/instagram/accounts/"))[1], "id") == [other.id]
    assert not await stage.outbox() and (await stage.conversation(talk)).unread == 1
    for path in (f"/messenger/conversations/{talk}/", f"/messenger/accounts/{mine}/"):
        assert (await dash.get(path))[0] == 404, "it is of another channel"


@on_one
async def test_operators_change_no_account(stage: Stage, ana: Dashboard) -> None:
    one = f"/instagram/accounts/{stage.account.id}/"
    asked = [
        ("POST", "/instagram/accounts/"),
        ("PATCH", one),
        ("DELETE", one),
        ("GET", "/instagram/accounts/connect-url/"),
        *((method, f"{one}{word}/") for method in ("GET", "POST") for word in ("sync_profile", "sync-profile")),
        *((method, f"{one}{word}/") for method in ("GET", "POST") for word in ("sync_conversations",)),
        *(("POST", f"{one}{word}/") for word in ("sync", "refresh-token")),
    ]
    for method, path in asked:
        status, answer = await ana.call(method, path)
        assert status == 400 and "admin" in answer["detail"], (method, path)
        assert (await ana.by(None).call(method, path))[0] == 401, (method, path)


@on_one
async def test_an_account_is_added_switched_and_removed(api: Api, stage: Stage, dash: Dashboard) -> None:
    form = {
        **{"name": "Loja", "instagram_account_id": "17841400000000009", "instagram_user_id": "2817000000000009"},
        **{"username": "loja", "access_token": "IGAA-canary-token", "app_secret": "app-canary-secret"},
        **{"facebook_page_id": "", "app_id": "", "messaging_enabled": True, "auto_response_enabled": False},
    }
    status, made = await dash.post("/instagram/accounts/", form)
    assert status == 201 and "canary" not in str(made)
    shown = ("username", "instagram_account_id", "instagram_user_id", "status", "is_active", "auto_response_enabled")
    assert [made[name] for name in shown] == ["loja", "17841400000000009", "2817000000000009", "active", True, False]
    assert all(isinstance(made[name], int) for name in ("followers_count", "follows_count", "media_count"))
    assert {"IGAA-canary-token", "app-canary-secret"} <= set(api.house.hidden)
    status, off = await dash.patch(f"/instagram/accounts/{made['id']}/", {"is_active": False})
    assert (status, off["is_active"], off["status"], off["username"]) == (200, False, "inactive", "loja")
    assert await dash.delete(f"/instagram/accounts/{made['id']}/") == (204, None)
    assert of((await dash.get("/instagram/accounts/"))[1], "id") == [stage.account.id]
    assert (await dash.get(f"/instagram/accounts/{made['id']}/"))[0] == 404
    status, answer = await dash.post("/instagram/accounts/", {"name": "Loja"})
    assert status == 400 and "instagram_account_id" in answer["detail"]


async def test_what_there_is_of_an_account_is_counted(stage: Stage, ana: Dashboard) -> None:
    first = await stage.hears("um", phone=RITA)
    await bot_said(stage, first, "dois")
    second = await stage.hears("três", phone=SAUL)
    await stage.ownership.close(second, by="ana", force=True)
    status, counts = await ana.get(f"/instagram/accounts/{stage.account.id}/stats/")
    assert status == 200 and counts.pop("last_message_at")
    assert counts == {
        **{"total_conversations": 2, "active_conversations": 1, "total_messages": 3},
        "unread_messages": (await stage.conversation(first)).unread + (await stage.conversation(second)).unread,
    }


class Own:
    """Satisfies `Own`: what Instagram tells of the account, or that it fails."""

    def __init__(self, failing: SendError | None = None) -> None:
        self.asked, self.failing = 0, failing

    async def own_profile(self, reach: Any) -> OwnProfile:
        self.asked += 1
        if self.failing is not None:
            raise self.failing
        return OwnProfile(username="cantina", followers=1200, follows=3, posts=40)


@on_one
async def test_a_sync_is_begun_at_once_and_tells_who_follows(api: Api, stage: Stage, dash: Dashboard) -> None:
    own, one = Own(), f"/instagram/accounts/{stage.account.id}/"
    past: Any = object()
    api.house.ways_out = ways_out = {"instagram": WayOut(channel=FakeChannel(), own=own, past=past)}

    async def reach(account_id: str) -> Any:
        return None

    api.house.own_profiles = OwnProfiles(ways_out, reach, stage.clock)
    status, begun = await dash.post(f"{one}sync/")
    assert (status, begun["status"]) == (200, "syncing") and begun["message"]
    for method in ("GET", "POST"):
        for word in ("sync_conversations", "sync-conversations"):
            status, again = await dash.call(method, f"{one}{word}/")
            assert (status, again["synced"], again["count"]) == (200, True, 0)
    assert len(await stage.rows(tables.syncs)) == 1, "one goes on already"
    written = {row.action for row in await stage.rows(tables.audit)}
    assert {"dash_sync_instagram", "dash_sync_instagram_talks_2"} <= written, "asked by a GET, too"
    for method in ("GET", "POST"):
        for word in ("sync_profile", "sync-profile"):
            assert await dash.call(method, f"{one}{word}/") == (200, {"synced": True})
    _, shown = await dash.get(one)
    assert (shown["username"], shown["followers_count"], shown["media_count"]) == ("cantina", 1200, 40)
    asked = own.asked
    await dash.get("/instagram/accounts/")
    assert own.asked == asked, "it is remembered for a while"


@on_one
async def test_accounts_are_listed_where_instagram_tells_nothing_of_them(
    api: Api, stage: Stage, dash: Dashboard
) -> None:
    own = Own(SendError("Not now.", retryable=True))

    async def reach(account_id: str) -> Any:
        return None

    ways_out = {"instagram": WayOut(channel=FakeChannel(), own=own)}
    api.house.own_profiles = OwnProfiles(ways_out, reach, stage.clock)
    for _ in range(2):
        status, body = await dash.get("/instagram/accounts/")
        assert (status, of(body, "followers_count", "follows_count", "media_count")) == (200, [(0, 0, 0)])
    assert own.asked == 1, "it is not asked again at once"
    assert (await dash.post(f"/instagram/accounts/{stage.account.id}/sync-profile/"))[0] == 400


@on_one
async def test_a_token_is_renewed_when_it_is_asked_for(api: Api, stage: Stage, dash: Dashboard) -> None:
    path, refusing = f"/instagram/accounts/{stage.account.id}/refresh-token/", [True]

    async def refresh(token: str, emulated: bool) -> FreshToken:
        if refusing:
            raise SendError("Instagram says it is too young.", error_code=190)
        return FreshToken(value=f"new-{token}", good_for_s=86_400.0)

    api.house.tokens = TokenKeeper(stage.db, stage.vault, stage.clock, refresh)
    status, answer = await dash.post(path)
    assert (status, answer["refreshed"]) == (200, False), "a Page's token does not end"
    await stage.ownership.change_account(stage.account.id, channel_settings=ChannelSettings(login=Login.INSTAGRAM))
    status, answer = await dash.post(path)
    assert status == 400 and "too young" in answer["detail"]
    before = await stage.db.read(accounts.get, NUMBER)
    assert before.fault is None and (await stage.db.read(accounts.credentials, stage.vault, before.id)).token == "tok"
    refusing.clear()
    status, answer = await dash.post(path)
    assert (status, answer["refreshed"]) == (200, True) and "tok" not in answer["message"].split()
    assert (await stage.db.read(accounts.credentials, stage.vault, before.id)).token == "new-tok"
