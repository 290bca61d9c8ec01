"""Every request that has a token proves that it comes from the app, where its secret is known."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from connectors.graph import GraphClient
from connectors.graph_errors import GraphRefusal
from conversation import proof
from conversation.account import Account, AccountId, Channel
from conversation.agent import AgentId
from conversation.channel_settings import ChannelSettings, Login
from conversation.course import Course
from conversation.proof import ProvenToken

SECRET, TOKEN = "test-app-secret", "EAAtoken"
RIGHT = "f9a5c402919f3f3cb70497c968ab9a79bb82d2f1a55a7d91317b53b1678a4191"


class Meta:
    """Answers all, and keeps what came."""

    def __init__(self) -> None:
        self.url, self.seen, self.answer, self.status = "", list[dict[str, Any]](), dict[str, Any](), 200

    async def serve(self, request: web.Request) -> web.Response:
        is_form = request.content_type.startswith("multipart/")
        body = dict(await request.post()) if is_form else (await request.json() if request.can_read_body else {})
        self.seen.append({"query": dict(request.query), "body": body, "auth": request.headers.get("Authorization")})
        return web.json_response(self.answer or {"ok": True}, status=self.status)


@pytest.fixture
async def meta() -> AsyncIterator[Meta]:
    stand_in, app = Meta(), web.Application()
    app.router.add_route("*", "/{any:.*}", stand_in.serve)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    stand_in.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield stand_in
    await runner.cleanup()


@pytest.fixture
async def graph() -> AsyncIterator[GraphClient]:
    client = GraphClient()
    yield client
    await client.close()


def account(**settings: Any) -> Account:
    return Account(
        id=AccountId("acc"),
        channel=Channel.INSTAGRAM,
        provider_id="1",
        name="n",
        agent_id=AgentId("agt"),
        channel_settings=ChannelSettings(**settings),
    )


def test_the_proof_is_the_tokens_hmac_under_the_apps_secret() -> None:
    token = proof.proven(account(), TOKEN, [SECRET, "an older one"], "everybody's")
    assert token == TOKEN
    assert isinstance(token, ProvenToken)
    assert token.proof == RIGHT


def test_an_account_without_a_secret_of_its_own_has_everybodys() -> None:
    token = proof.proven(account(), TOKEN, [], SECRET)
    assert isinstance(token, ProvenToken)
    assert token.proof == RIGHT


@pytest.mark.parametrize(
    ("settings", "secrets"),
    [({}, []), ({"appsecret_proof": False}, [SECRET]), ({"login": Login.INSTAGRAM}, [SECRET])],
)
def test_where_it_is_not_known_not_wanted_or_not_taken_there_is_none(settings: Any, secrets: Any) -> None:
    assert not isinstance(proof.proven(account(**settings), TOKEN, secrets), ProvenToken)


@pytest.mark.parametrize("how", ["post", "order", "upload", "get", "delete"])
async def test_it_goes_along_and_stands_in_an_address_only_where_nothing_else_is_sent(
    meta: Meta, graph: GraphClient, how: str
) -> None:
    where: dict[str, Any] = {"base_url": meta.url, "token": ProvenToken(TOKEN, RIGHT)}
    form = aiohttp.FormData()
    form.add_field("file", b"abc", filename="a.txt")
    await {
        "post": lambda: graph.post("1/messages", {"a": 1}, check=lambda: None, **where),
        "order": lambda: graph.order("1/subscribed_apps", {}, **where),
        "upload": lambda: graph.upload("1/media", form, **where),
        "get": lambda: graph.get("1", {"fields": "id"}, **where),
        "delete": lambda: graph.delete("1", **where),
    }[how]()
    (seen,) = meta.seen
    with_body, other = ("query", "body") if how in ("get", "delete") else ("body", "query")
    assert seen[with_body]["appsecret_proof"] == RIGHT
    assert "appsecret_proof" not in seen[other]
    assert seen["auth"] == f"Bearer {TOKEN}"


async def test_a_token_alone_is_sent_as_ever(meta: Meta, graph: GraphClient) -> None:
    await graph.post("1/messages", {"a": 1}, base_url=meta.url, token=TOKEN, check=lambda: None)
    assert meta.seen[0]["body"] == {"a": 1}
    assert not meta.seen[0]["query"]


async def test_a_wrong_proof_is_the_accounts_fault_and_not_the_messages(meta: Meta, graph: GraphClient) -> None:
    meta.status = 400
    meta.answer = {"error": {"code": 100, "message": "Invalid appsecret_proof provided in the API argument"}}
    with pytest.raises(GraphRefusal) as refused:
        await graph.get("1", base_url=meta.url, token=ProvenToken(TOKEN, "0"))
    assert refused.value.course is Course.STOP_ACCOUNT
    assert "app secret" in str(refused.value)
