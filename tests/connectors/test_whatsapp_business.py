"""A business's profile and templates, asked of the emulator; and what another server may answer."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime, timezone
from typing import Any

import pytest

from connectors.graph import GraphClient
from connectors.whatsapp_business import WhatsAppBusiness
from conversation import platform_facts
from conversation.account import Account, AccountId, Channel
from conversation.agent import AgentId
from conversation.errors import SendError
from conversation.platform_facts import PlatformFacts
from conversation.template_draft import Draft
from emulator import server
from emulator.settings import start_from
from runtime.abilities import Reach
from tests.connectors.conftest import GraphServer

NOW = datetime(2026, 11, 23, tzinfo=timezone.utc)
NUMBER, BUSINESS = "100000000000001", "300000000000001"
OURS = {"id": NUMBER, "channel": "whatsapp", "name": "Cantina", "business_id": BUSINESS, "token": "good"}


def reach_of(base: str, token: str = "good") -> Reach:
    account = Account(
        id=AccountId("acc_1"), channel=Channel.WHATSAPP, provider_id=NUMBER, name="Cantina", agent_id=AgentId("agt_1")
    )
    return Reach(account=account, node=NUMBER, base_url=base, token=token)


@pytest.fixture
async def client() -> AsyncIterator[GraphClient]:
    made = GraphClient()
    yield made
    await made.close()


@pytest.fixture
async def emulator() -> AsyncIterator[str]:
    async with server.running(start_from({"accounts": [OURS]}), 0) as port:
        yield f"http://127.0.0.1:{port}"


async def test_the_profile_and_every_template_on_however_many_pages(
    emulator: str, client: GraphClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    business = WhatsAppBusiness(client)
    profile = await business.profile(reach_of(emulator))
    assert (profile["email"], profile["websites"]) == ("oi@cantina.example", ["https://cantina.example/"])
    whole = await business.templates(reach_of(emulator), BUSINESS)
    assert [(each.name, each.language, each.status) for each in whole] == [
        ("hello_world", "en_US", "APPROVED"),
        ("pedido_pronto", "pt_BR", "APPROVED"),
        ("novidades", "pt_BR", "PENDING"),
    ]
    assert whole[1].components[0]["text"] == "Olá, {{1}}! Seu pedido {{2}} está pronto."
    monkeypatch.setattr("connectors.whatsapp_business._PAGE", 1)
    assert await business.templates(reach_of(emulator), BUSINESS) == whole


async def test_what_is_changed_is_so_afterwards(emulator: str, client: GraphClient) -> None:
    business, reach = WhatsAppBusiness(client), reach_of(emulator)
    await business.set_profile(reach, {"about": "Aberto até as 22 h", "websites": []})
    profile = await business.profile(reach)
    assert (profile["about"], "websites" in profile) == ("Aberto até as 22 h", False)
    draft = Draft(name="aviso", language="pt_BR", category="UTILITY", components=[{"type": "BODY", "text": "Olá!"}])
    made = await business.create_template(reach, BUSINESS, draft)
    assert (made.name, made.status, made.components) == ("aviso", "PENDING", ({"type": "BODY", "text": "Olá!"},))
    assert made.id in {each.id for each in await business.templates(reach, BUSINESS)}
    await business.remove_template(reach, BUSINESS, "aviso")
    assert made.id not in {each.id for each in await business.templates(reach, BUSINESS)}
    with pytest.raises(SendError):
        await business.remove_template(reach, BUSINESS, "aviso")


async def test_what_is_said_of_a_number_and_of_its_token(emulator: str, client: GraphClient) -> None:
    business, reach = WhatsAppBusiness(client), reach_of(emulator)
    facts = platform_facts.told(PlatformFacts(), await business.facts(reach), NOW)
    assert (facts.quality, facts.messaging_limit, facts.unlimited, facts.throughput) == (
        "GREEN",
        250,
        False,
        "STANDARD",
    )
    assert (facts.verified_name, facts.number_status, facts.on_phone_app) == ("Cantina", "CONNECTED", False)
    token = await business.token(reach)
    assert token is not None and (token.valid, token.expires_at) == (True, None)


async def test_a_server_that_knows_fewer_fields_is_asked_for_those_that_all_have() -> None:
    class Older:
        async def get(self, path: str, query: dict[str, str], **how: Any) -> dict[str, Any]:
            if "throughput" in query["fields"].split(","):
                raise SendError("(#100) Tried accessing nonexisting field", error_code=100)
            return {"quality_rating": "RED", "verified_name": ["?"]}

    older: Any = Older()
    assert await WhatsAppBusiness(older).facts(reach_of("http://127.0.0.1:1")) == {"quality": "RED"}


async def test_a_list_of_templates_that_does_not_end_is_no_list(graph: GraphServer, client: GraphClient) -> None:
    """What is missing in it would be taken for gone."""
    more = {"data": [], "paging": {"next": "http://x/", "cursors": {"after": "a"}}}
    for _ in range(20):
        graph.answers(body=more)
    with pytest.raises(SendError, match="more than"):
        await WhatsAppBusiness(client).templates(reach_of(graph.url), BUSINESS)


async def test_a_wrong_token_and_a_business_there_is_not_are_refused(emulator: str, client: GraphClient) -> None:
    business = WhatsAppBusiness(client)
    for asking in (
        business.profile(reach_of(emulator, "wrong")),
        business.templates(reach_of(emulator, "wrong"), BUSINESS),
        business.templates(reach_of(emulator), "300000000000002"),
        business.templates(reach_of(emulator), NUMBER),
    ):
        with pytest.raises(SendError):
            await asking


async def test_what_can_not_be_read_is_left_out(graph: GraphServer, client: GraphClient) -> None:
    business, told = WhatsAppBusiness(client), {"id": "1", "name": "pronto", "language": "pt_BR"}
    graph.answers(body={"data": [told, {"id": "2"}, "nonsense", {**told, "components": "?", "status": 7}], "paging": 3})
    found = await business.templates(reach_of(graph.url), BUSINESS)
    assert [(each.id, each.status, each.components) for each in found] == [("1", "", ()), ("1", "", ())]
    graph.answers(body={"data": [{"about": "", "email": 7, "websites": ["https://a.example/", 3], "token": "x"}]})
    assert await business.profile(reach_of(graph.url)) == {"websites": ["https://a.example/"]}
    nothing: Any = {}
    graph.answers(body=nothing)
    assert await business.profile(reach_of(graph.url)) == {}
