"""What is set for the whole installation, through the API."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from app import installation
from app import settings as all_settings
from tests import services
from tests.handover.conftest import Api
from tests.house import Stage


async def patch(api: Api, name: str, body: Any) -> tuple[int, Any]:
    return await api.call("PATCH", f"/api/v1/settings/{name}", by="chefe", body=body)


async def test_one_is_changed_a_part_at_a_time_and_says_by_whom(stage: Stage, api: Api) -> None:
    _, listed = await api.get("/settings", by="chefe")
    (before,) = [each for each in listed["items"] if each["name"] == "retention"]
    assert (before["version"], before["changed_by"]) == (0, None)
    kind, other = sorted(name for name, days in before["value"].items() if isinstance(days, int))[:2]
    status, after = await patch(api, "retention", {"value": {kind: 7}, "version": 0})
    assert (status, after["value"]) == (200, {**before["value"], kind: 7})
    assert (after["version"], after["changed_by"]) == (1, "chefe")
    _, after = await patch(api, "retention", {"value": {other: 8}})
    assert (after["value"][kind], after["value"][other], after["version"]) == (7, 8, 2)


async def test_of_two_who_read_the_same_version_one_is_told(stage: Stage, api: Api) -> None:
    _, listed = await api.get("/settings", by="chefe")
    for version in (0, 1):  # before there is a row, and after
        body = {"value": dict(listed["items"][0]["value"]), "version": version}
        found = await asyncio.gather(*(patch(api, listed["items"][0]["name"], body) for _ in range(2)))
        assert sorted(status for status, _ in found) == [200, 409]


@services.sqlite_only
async def test_what_there_is_not_is_not_set(api: Api) -> None:
    assert (await patch(api, "nothing", {"value": {}}))[0] == 404
    for wrong in ({"value": {"nonsense": 1}}, {"value": {"messages": "x"}}, {"value": 1}, {}):
        assert (await patch(api, "retention", wrong))[0] == 400, wrong


def test_the_facts_of_an_installation_hold_no_credentials(tmp_path: Path) -> None:
    env = {
        "BATON_HOME": str(tmp_path),
        "DATABASE_URL": "postgresql://baton:canary-word@db.internal/baton",
        "REDIS_URL": "redis://:canary-word@cache.internal",
    }
    facts = installation.facts(all_settings.read(env), ["whatsapp"])
    assert (facts["database"], facts["redis"], facts["public_url"]) == ("postgresql", True, None)
    assert "canary" not in str(facts) and "internal" not in str(facts)
    assert facts["version"].count(".") == 2
