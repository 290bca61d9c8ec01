"""Lists show each operator the accounts that are theirs, and the queue in its order."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from conversation.arrivals import Unfamiliar
from conversation.conversation import ConversationId
from conversation.mail import MailState
from conversation.people import Assignment
from store import accounts, canned, mailbox, operators, people, tags, teams
from store.operators import Role
from tests.handover.conftest import Api
from tests.handover.test_every_route import webhook
from tests.house import ANA, BEN, CLARA, NUMBER, OTHER_NUMBER, START, Stage, add_account, mail_waiting


@pytest.fixture
async def ours(stage: Stage, api: Api) -> ConversationId:
    """A conversation on each of two accounts; `lia`, an admin, sees the first one's only: it is returned."""
    await stage.db.write(add_account, stage.vault, stage.agent, OTHER_NUMBER)
    mine = await stage.hears(phone=ANA)
    other = await stage.hears(phone=BEN, account=OTHER_NUMBER)
    for each in (mine, other):
        await stage.ownership.request(each, by="ana")
    await stage.accept(*(Unfamiliar(account=number, kind="odd", body={}) for number in (NUMBER, OTHER_NUMBER)))

    def write(tx: Any) -> str:
        for each in (mine, other):
            assert mailbox.finish(tx, mail_waiting(tx, each), MailState.PARKED, START)
        for number in (NUMBER, OTHER_NUMBER):
            whose = accounts.get(tx, number).id
            canned.add(tx, shortcut="ola", language="pt", text="Olá!", by="ana", now=START, account_id=whose)
            webhook(tx, whose)
        token = operators.add(tx, "lia", Role.ADMIN, START)
        people.set_accounts(tx, "lia", [stage.account.id])
        return token

    api.tokens["lia"] = await stage.db.write(write)
    return mine


#: What in an item says whose it is.
LISTS: dict[str, Callable[[Any], Any]] = {
    "/conversations": lambda item: item["account"],
    "/queue": lambda item: item["account"],
    "/accounts": lambda item: item["provider_id"],
    "/unplaced-events": lambda item: item["account"],
    "/webhook-events": lambda item: item["accounts"][0],
    "/requests": lambda item: item["conversation_id"],
    "/mail/parked": lambda item: item["conversation_id"],
    "/notices?after=0": lambda item: item["conversation_id"],
    "/canned": lambda item: item["account_id"],
}


@pytest.mark.parametrize("path", LISTS)
async def test_a_list_holds_what_is_theirs(stage: Stage, api: Api, ours: ConversationId, path: str) -> None:
    whose = LISTS[path]
    theirs = {whose(item) for item in (await api.get(path, by="lia"))[1]["items"]} - {None}
    all_there_is = {whose(item) for item in (await api.get(path, by="chefe"))[1]["items"]} - {None}
    assert theirs <= {NUMBER, ours, stage.account.id}
    assert (len(theirs), len(all_there_is)) == (1, 2)


@pytest.mark.parametrize("path", ["/conversations?account=", "/queue?account="])
async def test_an_account_that_is_not_theirs_is_not_there(api: Api, ours: ConversationId, path: str) -> None:
    assert (await api.get(path + OTHER_NUMBER, by="lia"))[0] == 404
    assert len((await api.get(path + NUMBER, by="lia"))[1]["items"]) == 1


async def test_nor_does_a_page_that_begins_after_what_they_do_not_see(
    stage: Stage, api: Api, ours: ConversationId
) -> None:
    _, first = await api.get("/conversations?limit=1", by="chefe")
    status, rest = await api.get(f"/conversations?after={first['next']}", by="lia")
    assert (status, {item["id"] for item in rest["items"]} <= {ours}) == (200, True)
    assert first["items"][0]["id"] not in first["next"]
    (hidden,) = [item["id"] for item in (await api.get("/conversations", by="chefe"))[1]["items"] if item["id"] != ours]
    assert (await api.get(f"/conversations?after={hidden}", by="lia"))[0] == 400, "an id is no cursor"


async def test_a_reply_for_all_accounts_is_not_written_by_who_sees_some(
    stage: Stage, api: Api, ours: ConversationId
) -> None:
    def add(tx: Any) -> str:
        token = operators.add(tx, "edu", Role.OPERATOR, START)
        people.set_accounts(tx, "edu", [stage.account.id])
        return token

    api.tokens["edu"] = await stage.db.write(add)
    reply = {"shortcut": "pix", "language": "pt", "text": "Aceitamos Pix."}
    assert (await api.post("/canned", by="edu", body=reply))[0] == 403
    assert (await api.post("/canned", by="edu", body={**reply, "account_id": stage.account.id}))[0] == 200


class TestFilters:
    async def test_each_leaves_what_fits(self, stage: Stage, api: Api) -> None:
        first, second, third = [await stage.hears(phone=phone) for phone in (ANA, BEN, CLARA)]

        def write(tx: Any) -> None:
            teams.add(tx, "Cozinha", Assignment.HAND, START)
            tags.put(tx, first, "VIP", by="ana", now=START)

        await stage.db.write(write)
        await stage.ownership.take(first, by="ana")
        await stage.ownership.close(second, by="ana")
        await stage.ownership.request(third, by="ana", team="Cozinha")
        for query, wanted in {
            "state=human": first,
            "state=pending": third,
            "status=closed": second,
            "owner=ana": first,
            "team=Cozinha": third,
            "tag=vip": first,
            f"address={BEN}": second,
        }.items():
            _, page = await api.get(f"/conversations?{query}")
            assert [item["id"] for item in page["items"]] == [wanted], query
        _, unread = await api.get("/conversations?unread=1")
        assert {item["id"] for item in unread["items"]} == {second, third}
        await api.post(f"/conversations/{third}/read")
        assert [item["id"] for item in (await api.get("/conversations?unread=1"))[1]["items"]] == [second]

    async def test_a_line_says_all_that_a_list_shows(self, stage: Stage, api: Api) -> None:
        conversation_id = await stage.hears("Alguém aí?", name="Ana Maria")
        await stage.ownership.request(conversation_id, by="ben")
        await api.call("PUT", f"/api/v1/conversations/{conversation_id}/tags/vip")
        _, shown = await api.get(f"/conversations/{conversation_id}")
        assert (shown["account_name"], shown["status"], shown["next_toucher"]) == ("Cantina", "open", "queue")
        assert (shown["tags"], shown["queue_place"], shown["ownership"]) == (["vip"], 1, 0)
        last = shown["last_message"]
        assert (last["text"], last["author"], last["kind"]) == ("Alguém aí?", "contact", "text")
        assert (shown["request"]["state"], shown["request"]["priority"]) == ("pending", "medium")
        assert shown["window"]["closes_at"] == "2026-03-03T12:00:00.000+00:00"
        assert (await api.get("/conversations"))[1]["items"] == [shown]
        assert (await api.get("/queue"))[1]["items"] == [shown]


async def test_the_queue_has_the_urgent_first(stage: Stage, api: Api) -> None:
    for phone, priority in ((ANA, "low"), (BEN, "urgent"), (CLARA, "high")):
        conversation_id = await stage.hears(phone=phone)
        await api.post(f"/conversations/{conversation_id}/request", body={"priority": priority})
    _, queue = await api.get("/queue")
    assert [item["request"]["priority"] for item in queue["items"]] == ["urgent", "high", "low"]
    assert [item["queue_place"] for item in queue["items"]] == [1, 2, 3]
    assert len((await api.get("/queue?limit=2"))[1]["items"]) == 2
    assert (await api.get("/queue?team=x"))[0] == 404
