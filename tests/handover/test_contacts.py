"""Contacts through the API: found by what they are called or by a number, and named by who works with them."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from conversation.conversation import ConversationId
from store import accounts, operators, people
from store.operators import Role
from tests import services
from tests.handover.conftest import Api
from tests.house import ANA, BEN, CLARA, NUMBER, OTHER_NUMBER, START, Stage, add_account


@pytest.fixture
async def three(stage: Stage, api: Api) -> list[str]:
    """The oldest first; the last one writes on another account, the only one that `fora` sees."""
    await stage.db.write(add_account, stage.vault, stage.agent, OTHER_NUMBER)
    found = []
    for phone, name, number in (
        (ANA, "Ana Conceição", NUMBER),
        (BEN, "Ben 100%", NUMBER),
        (CLARA, "Clara", OTHER_NUMBER),
    ):
        conversation_id = await stage.hears(phone=phone, name=name, account=number)
        found.append((await stage.conversation(conversation_id)).contact_id)
        stage.clock.wind(60)

    def hire(tx: Any) -> str:
        token = operators.add(tx, "fora", Role.ADMIN, START)
        people.set_accounts(tx, "fora", [accounts.get(tx, OTHER_NUMBER).id])
        return token

    api.tokens["fora"] = await stage.db.write(hire)
    return [str(each) for each in found]


async def ids(api: Api, query: str = "", by: str = "ana") -> list[str]:
    status, page = await api.get("/contacts" + query, by=by)
    assert status == 200
    return [each["id"] for each in page["items"]]


async def test_they_are_found_by_a_part_of_a_name_or_of_a_number(stage: Stage, api: Api, three: list[str]) -> None:
    ana, ben, clara = three
    for text, wanted in {
        "ana": [ana],
        "CONCEIÇÃO": [ana],
        "conceição": [ana],
        "%25": [ben],
        "_": [],
        "97777-6666": [ben],
        "%2B55 11": [clara, ben, ana],
        "nobody": [],
    }.items():
        assert await ids(api, f"?text={text}") == wanted, text
    assert await ids(api, f"?account={OTHER_NUMBER}") == [clara]


async def test_they_are_paged_the_newest_first(api: Api, three: list[str]) -> None:
    _, page = await api.get("/contacts?limit=2")
    assert ([each["id"] for each in page["items"]], page["next"]) == ([three[2], three[1]], three[1])
    _, page = await api.get(f"/contacts?limit=2&after={page['next']}")
    assert ([each["id"] for each in page["items"]], page["next"]) == ([three[0]], None)


async def test_one_is_shown_with_how_they_are_reached_and_their_conversation(
    stage: Stage, api: Api, three: list[str]
) -> None:
    _, shown = await api.get(f"/contacts/{three[0]}")
    assert (shown["name"], shown["given_name"], shown["notice_at"]) == ("Ana Conceição", None, None)
    assert shown["addresses"] == [{"kind": "phone", "value": ANA}]
    conversation = await stage.conversation(ConversationId(shown["conversation_id"]))
    assert (conversation.contact_id, shown["account_id"]) == (three[0], stage.account.id)


async def test_what_operators_call_them_is_found_too_and_one_of_two_is_told(api: Api, three: list[str]) -> None:
    path = f"/api/v1/contacts/{three[1]}"
    bodies = [{"given_name": name, "version": 1} for name in ("Seu Benedito", "Seu Bené")]
    found = await asyncio.gather(*(api.call("PATCH", path, body=body) for body in bodies))
    assert sorted(status for status, _ in found) == [200, 409]
    (named,) = [answer for status, answer in found if status == 200]
    assert (named["version"], await ids(api, f"?text={named['given_name'][:7]}")) == (2, [three[1]])
    _, unnamed = await api.call("PATCH", path, body={"given_name": None})
    assert (unnamed["given_name"], unnamed["name"], unnamed["version"]) == (None, "Ben 100%", 3)


async def test_those_of_other_accounts_are_not_there(api: Api, three: list[str]) -> None:
    assert await ids(api, by="fora") == [three[2]]
    assert await ids(api, "?text=ana", by="fora") == []
    for path in (f"/contacts/{three[0]}", f"/contacts?after={three[0]}", f"/contacts?account={NUMBER}", "/contacts/x"):
        assert (await api.get(path, by="fora"))[0] == 404, path
    body = {"given_name": "x"}
    assert (await api.call("PATCH", f"/api/v1/contacts/{three[0]}", by="fora", body=body))[0] == 404
    assert (await api.get(f"/contacts/{three[0]}"))[1]["given_name"] is None


@services.sqlite_only
async def test_a_name_needs_letters(api: Api, three: list[str]) -> None:
    for wrong in ({}, {"given_name": ""}, {"given_name": "x" * 201}, {"given_name": 7}):
        assert (await api.call("PATCH", f"/api/v1/contacts/{three[0]}", body=wrong))[0] == 400, wrong


@services.sqlite_only
async def test_an_operator_marks_one_as_wanting_nothing_unasked_and_takes_it_back(api: Api, three: list[str]) -> None:
    async def put(contact: str, opted_out: bool, by: str = "ana") -> tuple[int, Any]:
        return await api.call("PUT", f"/api/v1/contacts/{contact}/opt-out", body={"opted_out": opted_out}, by=by)

    for opted_out, by in ((True, "operator"), (False, None)):
        status, shown = await put(three[0], opted_out)
        assert status == 200
        assert (shown["opted_out_at"] is not None, shown["opted_out_by"]) == (opted_out, by)
    assert (await put(three[2], True, by="fora"))[0] == 200
    assert (await put(three[0], True, by="fora"))[0] == 404
