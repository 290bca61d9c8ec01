"""Webhooks as they came are shown to admins without what opens doors, and taken in once more on their word."""

from __future__ import annotations

import json
from typing import Any

import pytest

from handover.masked import masked
from runtime import accept_inbound
from store import operators, people, tables
from store.operators import Role
from tests import services
from tests.handover.conftest import Api
from tests.house import NUMBER, OTHER_NUMBER, START, Stage, add_account
from tests.whatsapp_bodies import body_with, comes, wrote

TOKEN = "EAAG" + "b1" * 30
SIGNED = "https://lookaside.fbsbx.com/whatsapp_business/attachments/?mid=1&ext=2&hash=ARlong"


async def listed(api: Api, query: str = "", by: str = "chefe") -> list[Any]:
    status, page = await api.get(f"/webhook-events{query}", by=by)
    assert status == 200, page
    return list(page["items"])


async def test_they_are_found_by_account_kind_state_and_time_and_paged(stage: Stage, api: Api) -> None:
    other = await stage.db.write(add_account, stage.vault, stage.agent, OTHER_NUMBER)
    await comes(stage, body_with(wrote("oi", "w1")))
    stage.clock.wind(60)
    since = stage.clock.now().isoformat().replace("+", "%2B")
    await comes(stage, body_with(wrote("oi", "w1")))
    await comes(stage, body_with(wrote("oi", "w2"), account=OTHER_NUMBER))
    for query, found in {
        "": [3, 2, 1],
        "?limit=2": [3, 2],
        "?limit=2&after=2": [1],
        "?state=ignored": [2],
        "?state=parked": [],
        "?kind=message": [3, 2, 1],
        "?kind=status": [],
        f"?account={OTHER_NUMBER}": [3],
        f"?account={other.id}": [3],
        "?channel=messenger": [],
        f"?since={since}": [3, 2],
    }.items():
        assert [each["id"] for each in await listed(api, query)] == found, query
    _, page = await api.get("/webhook-events?limit=2", by="chefe")
    assert page["next"] == "2"
    for wrong in ("?state=lost", "?limit=0", "?since=yesterday", "?after=x"):
        assert (await api.get(f"/webhook-events{wrong}", by="chefe"))[0] == 400, wrong


async def test_one_with_anything_of_an_account_that_is_not_theirs_is_not_there(stage: Stage, api: Api) -> None:
    await stage.db.write(add_account, stage.vault, stage.agent, OTHER_NUMBER)
    both = json.loads(body_with(wrote("oi", "w1")))
    both["entry"] += json.loads(body_with(wrote("oi", "w2"), account=OTHER_NUMBER))["entry"]
    await comes(stage, body_with(wrote("oi", "w3")))  # 1: theirs
    await comes(stage, json.dumps(both))  # 2: theirs, and another's
    await comes(stage, body_with(wrote("oi", "w4"), account="999"))  # 3: nobody's
    await comes(stage, '{"object": "whatsapp_business_account", "entry": []}')  # 4: of no account at all

    def lia(tx: Any) -> str:
        token = operators.add(tx, "lia", Role.ADMIN, START)
        people.set_accounts(tx, "lia", [stage.account.id])
        return token

    api.tokens["lia"] = await stage.db.write(lia)
    assert [each["id"] for each in await listed(api, by="lia")] == [1]
    assert (await api.get("/webhook-events/1", by="lia"))[0] == 200
    for other in (2, 3, 4):
        assert (await api.get(f"/webhook-events/{other}", by="lia"))[0] == 404
        assert (await api.post(f"/webhook-events/{other}/redrive", by="lia"))[0] == 404
    assert (await api.get(f"/webhook-events?account={OTHER_NUMBER}", by="lia"))[0] == 404
    assert len(await listed(api)) == 4


@services.sqlite_only
async def test_what_opens_doors_is_shown_to_nobody_and_still_there_to_be_read_again(stage: Stage, api: Api) -> None:
    image = {"id": "1", "mime_type": "image/jpeg", "url": SIGNED, "access_token": "short"}
    await comes(stage, body_with(wrote(f"meu token {TOKEN} e {SIGNED}", "w1", image=image)))
    status, shown = await api.get("/webhook-events/1", by="chefe")
    assert status == 200
    assert shown["body"]["object"] == "whatsapp_business_account"
    text = json.dumps(shown)
    assert "lookaside.fbsbx.com/whatsapp_business/attachments/" in text
    assert not any(secret in text for secret in (TOKEN, "ARlong", "short"))
    (row,) = await stage.rows(tables.webhooks)
    assert TOKEN in row.body
    assert SIGNED in row.body


async def test_an_admin_has_one_taken_in_again(stage: Stage, api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    accept = accept_inbound.accept

    def fails(*_: Any) -> bool:
        raise ZeroDivisionError

    monkeypatch.setattr(accept_inbound, "accept", fails)
    await comes(stage, body_with(wrote("oi", "w1")))
    assert [(each["state"], each["attempts"]) for each in await listed(api)] == [("received", 1)]
    monkeypatch.setattr(accept_inbound, "accept", accept)
    status, answer = await api.post("/webhook-events/1/redrive", by="chefe")
    assert (status, answer["state"], answer["attempts"], answer["error"]) == (200, "processed", 2, None)
    assert (await api.post("/webhook-events/1/redrive", by="chefe"))[0] == 200
    assert len(await stage.rows(tables.messages)) == 1
    assert (await api.get("/webhook-events/9", by="chefe"))[0] == 404


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ({"signature": "abc", "text": "assinatura"}, {"signature": "…", "text": "assinatura"}),
        ({"page_token": 5, "tokens": ["a"]}, {"page_token": "…", "tokens": ["a"]}),
        ("see https://x.example/a?b=c#d now", "see https://x.example/a?… now"),
        (
            '{"u":"https:\\/\\/x.example\\/a?b=c","access_token":"s3"}',
            '{"u":"https:\\/\\/x.example\\/a?…","access_token":"…"}',
        ),
        ("half \ud800", "half ?"),
        (2**70, str(2**70)),
    ],
)
def test_masking(given: Any, shown: Any) -> None:
    assert masked(given) == shown


def test_what_is_nested_beyond_reading_is_not_shown() -> None:
    deep: Any = "x"
    for _ in range(5000):
        deep = [deep]
    assert masked(deep) == "…"


async def test_the_accounts_number_is_not_what_is_kept(stage: Stage, api: Api) -> None:
    await comes(stage, body_with(wrote("oi", "w1")))
    (each,) = await listed(api)
    assert each["accounts"] == [stage.account.id]
    assert NUMBER not in each["accounts"]
