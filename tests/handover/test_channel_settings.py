"""What an account has by its channel, and its other ids, through the API."""

from __future__ import annotations

from tests import services
from tests.handover.conftest import Api
from tests.house import NUMBER, OTHER_NUMBER, Stage, add_account

kind = services.kind


async def test_settings_of_its_channel_are_put_as_a_whole(stage: Stage, api: Api) -> None:
    path = f"/api/v1/accounts/{NUMBER}/channel"
    await api.call("PUT", path, by="chefe", body={"app_id": "5", "fetch_media": False})
    status, answer = await api.call("PUT", path, by="chefe", body={"fetch_media": False})
    own = answer["channel_settings"]
    assert (status, own["app_id"], own["fetch_media"], own["stale_after_s"]) == (200, None, False, 3600.0)


async def test_what_can_not_be_read_is_told_and_changes_nothing(stage: Stage, api: Api) -> None:
    path = f"/api/v1/accounts/{NUMBER}/channel"
    for body in ({"nonsense": 1}, {"stale_after_s": -1}, {"login": "instagram"}):
        status, answer = await api.call("PUT", path, by="chefe", body=body)
        assert (status, answer["error"]["code"]) == (400, "bad_input")
    _, listed = await api.get("/accounts", by="chefe")
    assert listed["items"][0]["channel_settings"]["login"] == "facebook"


async def test_its_other_ids_are_put_and_shown(stage: Stage, api: Api) -> None:
    path = f"/api/v1/accounts/{NUMBER}"
    status, answer = await api.call("PATCH", path, by="chefe", body={"also_known_as": ["77"]})
    assert (status, answer["also_known_as"]) == (200, ["77"])
    assert set(await stage.entrance.secrets("whatsapp", fresh=True)) == {NUMBER, "77"}
    assert (await api.call("PATCH", path, by="chefe", body={"active": True}))[1]["also_known_as"] == ["77"]
    assert (await api.call("PATCH", path, by="chefe", body={"also_known_as": []}))[1]["also_known_as"] == []


async def test_an_id_of_another_account_is_refused(stage: Stage, api: Api) -> None:
    await stage.db.write(add_account, stage.vault, stage.agent, OTHER_NUMBER)
    body = {"also_known_as": [OTHER_NUMBER]}
    status, answer = await api.call("PATCH", f"/api/v1/accounts/{NUMBER}", by="chefe", body=body)
    assert (status, "another account's" in answer["error"]["message"]) == (400, True)
