"""The rules of who is told, over the API: one's own, and for a supervisor everybody's."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from conversation.people import Assignment
from runtime.alert_settings import AlertingSettings
from runtime.alerting import Alerting
from store import teams
from tests.handover.conftest import Api
from tests.house import START, Stage
from tests.receivers import Receiver, receiving

HOOK = {"means": "webhook", "target": "https://hooks.example.com/T0/secret"}


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as made:
        yield made


@pytest.fixture(autouse=True)
async def alerting(stage: Stage, api: Api) -> None:
    settings = AlertingSettings(local=True)
    api.app.ctx.baton.alerting = Alerting(stage.db, stage.vault, stage.clock, stage.holder, settings, "http://desk")
    await stage.db.write(teams.add, "Sales", Assignment.HAND, START)


async def added(api: Api, by: str = "ana", **given: Any) -> dict[str, Any]:
    status, made = await api.post("/alerts", by=by, body={**HOOK, **given})
    assert status == 200, made
    found: dict[str, Any] = made
    return found


async def names(api: Api, by: str) -> list[str]:
    _, listed = await api.get("/alerts", by=by)
    return [item["operator"] or item["team"]["name"] for item in listed["items"]]


async def test_a_rule_is_shown_without_its_address_and_its_secret_only_once(api: Api) -> None:
    made = await added(api, events=["requested"], quiet_hours=["22:00-07:00"], after_s=60, language="en")
    assert made["secret"].startswith("bs_")
    assert (made["operator"], made["team"], made["host"]) == ("ana", None, "hooks.example.com")
    assert (made["events"], made["after_s"], made["language"]) == (["requested"], 60, "en")
    _, listed = await api.get("/alerts")
    (shown,) = listed["items"]
    assert shown == {name: value for name, value in made.items() if name != "secret"}
    assert "T0/secret" not in str(made) + str(listed)  # random secrets have no slash


async def test_one_sees_and_changes_ones_own(api: Api) -> None:
    made = await added(api)
    await added(api, by="chefe", team="Sales")
    assert (await names(api, "ana"), await names(api, "ben")) == (["ana"], [])
    assert sorted(await names(api, "chefe")) == ["Sales", "ana"]
    path = f"/api/v1/alerts/{made['id']}"
    for method, rest in (("PATCH", ""), ("DELETE", ""), ("POST", "/test")):
        status, _ = await api.call(method, path + rest, by="ben", body={})
        assert status == 404, method
    assert await names(api, "ana") == ["ana"]


async def test_rules_for_others_are_made_by_a_supervisor(api: Api) -> None:
    for whose in ({"operator": "ben"}, {"team": "Sales"}):
        status, refused = await api.post("/alerts", body={**HOOK, **whose})
        assert (status, refused["error"]["code"]) == (403, "forbidden")
    assert (await added(api, by="chefe", operator="ben"))["operator"] == "ben"


async def test_only_what_is_given_is_changed(api: Api) -> None:
    made = await added(api, after_s=60, events=["message"])
    path = f"/api/v1/alerts/{made['id']}"
    status, changed = await api.call("PATCH", path, body={"active": False, "language": "en"})
    assert status == 200
    expected = {**made, "active": False, "language": "en"}
    expected.pop("secret")
    assert changed == expected
    assert (await api.call("DELETE", path))[0] == 200
    assert await names(api, "ana") == []


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"means": "pigeon", "target": "x"}, "does not fit"),
        ({"means": "webhook", "target": "ftp://x"}, "https://"),
        ({"means": "email", "target": "ana@example.com"}, "SMTP_URL"),
        ({"means": "email", "target": "nobody"}, "one address"),
        ({**HOOK, "events": ["birthday"]}, "does not fit"),
        ({**HOOK, "quiet_hours": ["night"]}, "is not like"),
        ({**HOOK, "after_s": -1}, "after_s"),
        ({**HOOK, "shape": "telegram"}, "chat_id"),
        ({**HOOK, "colour": "red"}, "does not fit"),
    ],
)
async def test_what_can_not_be_is_said(api: Api, body: dict[str, Any], said: str) -> None:
    status, refused = await api.post("/alerts", body=body)
    assert status == 400
    assert said in refused["error"]["message"]
    assert "hooks.example.com" not in refused["error"]["message"]


async def test_one_can_be_tried_out(api: Api, receiver: Receiver) -> None:
    made = await added(api, target=f"{receiver.url}/T0/secret")
    assert (await api.post(f"/alerts/{made['id']}/test"))[1] == {"id": made["id"], "told": True, "fault": None}
    assert receiver.got[0].path == "/T0/secret"
    await api.call("PATCH", f"/api/v1/alerts/{made['id']}", body={"target": "http://127.0.0.1:9/T0/secret"})
    _, told = await api.post(f"/alerts/{made['id']}/test")
    assert (told["told"], told["fault"]) == (False, "It could not be reached (ClientConnectorError).")
    _, listed = await api.get("/alerts")
    assert listed["items"][0]["fault"] == told["fault"]
