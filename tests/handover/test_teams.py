"""Teams through the API: who is in them, and what becomes of those who wait for one that goes."""

from __future__ import annotations

import asyncio
from typing import Any

from tests import services
from tests.handover.conftest import Api
from tests.house import ANA, BEN, Stage


async def put(api: Api, path: str, method: str = "PUT", body: Any = None) -> tuple[int, Any]:
    return await api.call(method, f"/api/v1/teams{path}", by="chefe", body=body)


async def test_one_is_made_changed_joined_and_left(api: Api) -> None:
    _, made = await put(api, "", "POST", {"name": "Cozinha", "assignment": "round_robin", "members": ["ana"]})
    assert (made["assignment"], made["members"], made["version"]) == ("round_robin", ["ana"], 1)
    assert (await put(api, "/Cozinha/members/ben"))[1]["members"] == ["ana", "ben"]
    assert (await put(api, "/Cozinha/members/ana", "DELETE"))[1]["members"] == ["ben"]
    assert (await put(api, "/Cozinha/members/ana", "DELETE"))[0] == 404
    assert (await put(api, "/Cozinha/members/nobody"))[0] == 404
    _, changed = await put(api, f"/{made['id']}", "PATCH", {"name": "Entregas", "assignment": "hand", "version": 1})
    assert (changed["name"], changed["assignment"], changed["version"]) == ("Entregas", "hand", 2)
    assert (await api.get("/teams"))[1]["items"] == [changed]
    assert (await api.get("/teams/Entregas"))[1] == changed
    assert (await put(api, "", "POST", {"name": "Entregas"}))[0] == 400


async def test_of_two_who_read_the_same_version_one_is_told(api: Api) -> None:
    _, made = await put(api, "", "POST", {"name": "Cozinha"})
    bodies = [{"name": name, "version": 1} for name in ("Uma", "Outra")]
    found = await asyncio.gather(*(put(api, f"/{made['id']}", "PATCH", body) for body in bodies))
    assert sorted(status for status, _ in found) == [200, 409]
    assert (await api.get(f"/teams/{made['id']}"))[1]["version"] == 2


async def test_who_waits_for_one_that_goes_waits_for_everybody(stage: Stage, api: Api) -> None:
    await put(api, "", "POST", {"name": "Cozinha"})
    first = await stage.hears(phone=ANA)
    await stage.ownership.request(first, by="ana", team="Cozinha")
    stage.clock.wind(60)
    second = await stage.hears(phone=BEN)
    await stage.ownership.request(second, by="ana")
    status, gone = await put(api, "/Cozinha", "DELETE")
    assert (status, gone) == (200, {"removed": "Cozinha", "waiting": 1})
    _, queue = await api.get("/queue")
    assert [(each["id"], each["team"], each["queue_place"]) for each in queue["items"]] == [
        (first, None, 1),
        (second, None, 2),
    ]
    assert (await api.get("/teams/Cozinha"))[0] == 404


@services.sqlite_only
async def test_one_that_an_account_sends_its_customers_to_stays(stage: Stage, api: Api) -> None:
    _, made = await put(api, "", "POST", {"name": "Cozinha"})
    await stage.hands_over(team=made["id"])
    status, refused = await put(api, "/Cozinha", "DELETE")
    assert (status, refused["error"]["code"]) == (409, "in_use")
    api.language = "pt"
    assert "Dê outra equipe" in (await put(api, "/Cozinha", "DELETE"))[1]["error"]["message"]
