"""Files at signed addresses: a page of another origin shows them without a token; who alters one finds nothing."""

from __future__ import annotations

import asyncio

import aiohttp
import pytest

from handover.dashboard.media_links import Links
from store import tables
from store.media import FileState
from tests import services
from tests.files import PAGE, PNG, upload
from tests.handover.conftest import Api
from tests.house import Stage

pytestmark = services.sqlite_only


async def kept(stage: Stage, api: Api, content: bytes = PNG) -> int:
    return (await stage.db.write(upload, api.house.media_folder, stage.account.id, content)).id


def address(stage: Stage, api: Api, file_id: int) -> str:
    return Links(stage.vault, api.address, stage.clock.now()).of(file_id)


async def fetched(api: Api, url: str) -> aiohttp.ClientResponse:
    """As an <img> asks: without a token."""
    response = await api.session.get(url)
    await response.read()
    return response


async def test_a_picture_is_shown_to_a_page_of_another_origin(stage: Stage, api: Api) -> None:
    response = await fetched(api, address(stage, api, await kept(stage, api)))
    assert (response.status, await response.read()) == (200, PNG)
    assert response.headers["Content-Disposition"].startswith("inline")
    assert response.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert response.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"


async def test_what_could_run_is_not_shown(stage: Stage, api: Api) -> None:
    response = await fetched(api, address(stage, api, await kept(stage, api, PAGE)))
    assert response.headers["Content-Type"] == "application/octet-stream"
    assert response.headers["Content-Disposition"].startswith("attachment")


async def test_an_address_is_of_one_file_and_for_hours(stage: Stage, api: Api) -> None:
    file_id, other = await kept(stage, api), await kept(stage, api, PAGE)
    good = address(stage, api, file_id)
    stage.clock.wind(3_601)
    assert (await fetched(api, good)).status == 200
    assert address(stage, api, file_id) != good
    stage.clock.wind(3_600)
    assert (await fetched(api, good)).status == 404
    fresh = address(stage, api, file_id)
    until = int(fresh.split("/")[-3])
    for altered in (
        fresh.replace(f"/{file_id}/", f"/{other}/"),
        fresh.replace(f"/{until}/", f"/{until + 3_600}/"),
        f"{fresh[:-2]}x/",
        fresh.rsplit("/", 2)[0] + "/x/",
    ):
        assert (await fetched(api, altered)).status == 404, altered


async def test_the_address_stays_for_an_hour_so_that_browsers_keep_what_they_have_seen(stage: Stage, api: Api) -> None:
    first = address(stage, api, 1)
    stage.clock.wind(1_800)
    assert address(stage, api, 1) == first


async def test_a_file_that_is_being_fetched_is_waited_for(stage: Stage, api: Api) -> None:
    file_id = await kept(stage, api)

    def set_state(state: FileState) -> None:
        stage.db.write_now(lambda tx: tx.execute(tables.media.update().values(state=state.value, source=b"sealed")))

    set_state(FileState.WANTED)
    asking = asyncio.create_task(fetched(api, address(stage, api, file_id)))
    await asyncio.sleep(0.1)
    assert not asking.done()
    set_state(FileState.STORED)
    assert (await asking).status == 200
    set_state(FileState.REMOVED)
    assert (await fetched(api, address(stage, api, file_id))).status == 404


@pytest.mark.parametrize("path", ["/api/v1/dashboard-files/1/1/", "/api/v1/dashboard-files/x/1/y/"])
async def test_what_is_no_address_of_ours_finds_nothing(api: Api, path: str) -> None:
    assert (await fetched(api, api.address + path)).status == 404


async def test_a_file_that_was_erased_is_gone(stage: Stage, api: Api) -> None:
    file_id = await kept(stage, api)
    url = address(stage, api, file_id)
    await stage.db.write(lambda tx: tx.execute(tables.media.delete().where(tables.media.c.id == file_id)).rowcount)
    assert (await fetched(api, url)).status == 404
