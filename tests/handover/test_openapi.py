"""/api/v1/openapi.json: an OpenAPI 3.1 document, made of the routes, that says all of what each takes and answers."""

from __future__ import annotations

from typing import Any, TypedDict

import aiohttp
import msgspec
import pytest
import schemathesis
from sanic import Blueprint, Sanic

from handover import documented, openapi
from handover.auth import open_route, route
from handover.shapes.page import Page
from store.operators import Role
from tests import services
from tests.handover.conftest import Api


class Wish(msgspec.Struct):
    """What somebody wants."""

    text: str
    times: int | None = None


class Seen(TypedDict):
    id: int


class Wanted(msgspec.Struct):
    """`state`: any."""

    limit: int = 50
    state: str | None = None


@pytest.fixture
def app() -> Any:
    """An application with a route of each kind."""
    blueprint = Blueprint("planted", url_prefix=openapi.PREFIX)

    @route(blueprint, "GET", "/wishes", role=Role.OPERATOR, query=Wanted, answers=Page[Seen])
    async def list_wishes(request: Any, operator: Any, query: Wanted) -> Any:
        """All of them.

        The newest first.
        """

    @route(blueprint, "PUT", "/wishes/<wish_id:int>", role=Role.ADMIN, body=Wish, refusals=(409,))
    async def put_wish(request: Any, operator: Any, wish_id: int, body: Wish) -> Any: ...

    @open_route(blueprint, "GET", "/picture", because="Anybody may see it.", answers=None, content_type="image/png")
    async def show_picture(request: Any) -> Any: ...

    made = Sanic("planted_openapi")
    made.blueprint(blueprint)
    yield made
    Sanic._app_registry.pop(made.name, None)


def test_it_is_made_of_what_a_route_declares(app: Sanic) -> None:
    told = openapi.document(app)

    listed, put = told["paths"]["/api/v1/wishes"]["get"], told["paths"]["/api/v1/wishes/{wish_id}"]["put"]
    assert (listed["summary"], listed["description"]) == (
        "All of them.",
        "The newest first.\n\n`state`: any.\n\nNeeds the role operator.",
    )
    assert {each["name"]: each["schema"] for each in listed["parameters"] if each["in"] == "query"} == {
        "limit": {"type": "integer", "default": 50},
        "state": {"type": "string"},
    }
    assert put["requestBody"]["required"]
    assert put["requestBody"]["content"]["application/json"]["schema"] == {"$ref": "#/components/schemas/Wish"}
    assert told["components"]["schemas"]["Wish"]["required"] == ["text"]
    assert "SeenPage" in told["components"]["schemas"]
    path = next(each for each in put["parameters"] if each["in"] == "path")
    assert (path["name"], path["required"], path["schema"]["type"]) == ("wish_id", True, "integer")


def test_it_says_with_what_each_may_be_refused_and_for_whom_it_is(app: Sanic) -> None:
    paths = openapi.document(app)["paths"]

    assert list(paths["/api/v1/wishes"]["get"]["responses"]) == ["200", "400", "401", "429", "503"]
    put = paths["/api/v1/wishes/{wish_id}"]["put"]
    assert list(put["responses"]) == ["200", "400", "401", "403", "404", "409", "413", "429", "503"]
    picture = paths["/api/v1/picture"]["get"]
    assert list(picture["responses"]) == ["200", "503"] and picture["security"] == []
    assert list(picture["responses"]["200"]["content"]) == ["image/png"]
    assert put["security"] == [{"operator": []}]


@services.sqlite_only
async def test_the_gateways_own_is_valid_and_has_every_route_in_it(api: Api) -> None:
    status, told = await api.get("/openapi.json", by=None)

    assert status == 200 and told["openapi"] == "3.1.0"
    schemathesis.openapi.from_dict(told).validate()
    here = [documented.of(each.handler) for each in api.app.router.routes if each.path.startswith("api/v1/")]
    assert all(here)
    ours = [each for each in here if each and each.part == "api"]  # a dashboard's are not ours to promise
    assert sum(map(len, told["paths"].values())) == len(ours)
    assert all(each["operationId"] for path in told["paths"].values() for each in path.values())


#: Descriptions by others' forms, which say themselves what they are.
DESCRIPTIONS = {"show_openapi", "show_asyncapi"}


@services.sqlite_only
async def test_every_answer_has_a_type_and_every_route_says_what_it_does(api: Api) -> None:
    known = [documented.of(each.handler) for each in api.app.router.routes if each.path.startswith("api/v1/")]

    ours = [each for each in known if each and each.part == "api"]
    assert {each.name for each in ours if each.answers == dict[str, Any]} == DESCRIPTIONS
    assert [each.name for each in known if each and not each.summary] == []


@services.sqlite_only
async def test_what_is_there_already_is_not_sent_again(api: Api) -> None:
    address = f"{api.address}/api/v1/openapi.json"
    async with aiohttp.ClientSession() as session:
        async with session.get(address) as first:
            etag = first.headers["ETag"]
        async with session.get(address, headers={"If-None-Match": etag}) as second:
            assert (second.status, await second.read()) == (304, b"")
        async with session.get(address, headers={"If-None-Match": '"other"'}) as third:
            assert third.status == 200


@services.sqlite_only
@pytest.mark.parametrize("number", ["9223372036854775808", "-9223372036854775809", "9" * 60])
async def test_a_number_that_no_row_can_have_is_not_there(api: Api, number: str) -> None:
    status, told = await api.get(f"/requests/{number}")

    assert (status, told["error"]["code"]) == (404, "not_found")


@services.on_each_kind
async def test_what_no_database_keeps_is_refused_wherever_it_stands(api: Api) -> None:
    status, told = await api.get("/operators/a%00b")
    assert (status, told["error"]["code"]) == (404, "not_found")

    reply = {"shortcut": "oi", "language": "pt", "text": "a\x00b"}
    too_much = {"capacity": 10**30}
    for method, path, body in [
        ("POST", "/canned", reply),
        ("PATCH", "/me", too_much),
        ("GET", f"/notices?after={2**63}", None),
        ("GET", "/queue?team=%00", None),
    ]:
        status, told = await api.call(method, f"/api/v1{path}", by="chefe", body=body)
        assert (status, told["error"]["code"]) == (400, "bad_input"), path


@services.sqlite_only
async def test_a_body_that_is_nested_without_end_is_refused(api: Api) -> None:
    status, told = await api.post("/canned", raw=b'{"nobody_reads_this": ' + b"[" * 50_000)

    assert (status, told["error"]["code"]) == (400, "bad_input")
