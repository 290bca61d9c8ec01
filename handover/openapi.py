"""GET /api/v1/openapi.json: what can be asked of the API and what it answers, made of the routes as they are.

Nothing is written down a second time: what a route's body and query are read into, and the type of its answer, are
what is described. The docs page and `./baton bench schema` read it.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec
from sanic import Blueprint, Sanic
from sanic.request import Request
from sanic.response import HTTPResponse

from handover import documented, manners, once
from handover.auth import open_route
from handover.documented import Documented
from handover.schema_names import REF, names_of, reached, resolved, tidied
from handover.shapes.errors import Error
from store.operators import Role

PREFIX = "/api/v1"
_JSON = "application/json"
_IN_PATH = re.compile(r"<(\w+)(?::(\w+))?>")
#: What a part of an address may be, by its pattern.
_OF_PATH: dict[str, dict[str, Any]] = {
    "int": {"type": "integer", "format": "int64"},
    "str": {"type": "string", "minLength": 1},
}
_REFUSALS = {
    304: "It is what you have already.",
    400: "What was sent does not fit; the message says where.",
    401: "No token, or one that is not good any more.",
    403: "This needs another role.",
    404: "It is not there, or not yours.",
    409: "It cannot be done as things stand; the code says why.",
    413: "What was sent is too large.",
    429: "Too many requests; `Retry-After` says when to come again.",
    502: "Meta, or another server that had to be asked, did not answer as it should.",
    503: "The database cannot be reached at the moment.",
}
_LANGUAGE = {
    "name": "Accept-Language",
    "in": "header",
    "required": False,
    "description": "The language of messages for people: `pt` or `en`.",
    "schema": {"type": "string"},
    "example": "en",
}
_ONCE = {
    "name": once.HEADER,
    "in": "header",
    "required": False,
    "schema": {"type": "string", "minLength": 1, "maxLength": once.LONGEST, "pattern": "^[!-~]+$"},
    "description": "Under the same key it is sent once, however often it is asked for within 48 hours.",
}


def register(blueprint: Blueprint) -> None:
    @open_route(
        blueprint,
        "GET",
        "/openapi.json",
        because="It says what there is, and nothing of anybody.",
        refusals=(304,),
    )
    async def show_openapi(request: Request) -> HTTPResponse:
        """This description, as OpenAPI 3.1. It carries an `ETag`."""
        known = _known(request.app)
        headers = {"ETag": known.etag, "Cache-Control": "no-cache"}
        if request.headers.get("if-none-match") == known.etag:
            return HTTPResponse(status=304, headers=headers)
        return HTTPResponse(known.body, headers=headers, content_type=_JSON)


class _Known(msgspec.Struct, frozen=True):
    body: bytes
    etag: str


def _known(app: Sanic) -> _Known:
    """Made when it is first asked for: until then not all routes may be there."""
    found: _Known | None = getattr(app.ctx, "openapi", None)
    if found is None:
        body = msgspec.json.encode(document(app))
        found = app.ctx.openapi = _Known(body=body, etag=f'"{hashlib.sha256(body).hexdigest()[:32]}"')
    return found


def document(app: Sanic) -> dict[str, Any]:
    """The whole description."""
    routes = sorted(_routes(app), key=lambda each: (each.path, each.method))
    types = [Error, *(each for it in routes for each in (it.body, it.query, it.answers) if each is not None)]
    found, components = msgspec.json.schema_components(types, ref_template=REF)
    names = names_of(components)
    schemas = {id(type): tidied(schema, names) for type, schema in zip(types, found, strict=True)}
    components = {names[name]: tidied(schema, names) | {"title": names[name]} for name, schema in components.items()}
    paths: dict[str, dict[str, Any]] = {}
    for route in routes:
        paths.setdefault(_template(route), {})[route.method.lower()] = _operation(route, schemas, components)
    shown = reached(paths, components)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Baton",
            "version": "1",
            "description": "The operators' API. What happens as it happens is told by the feed: `asyncapi.json`.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "tags": [{"name": name} for name in sorted({_tag(route) for route in routes})],
        "paths": paths,
        "components": {
            "schemas": {name: components[name] for name in sorted(shown)},
            "securitySchemes": {"operator": {"type": "http", "scheme": "bearer"}},
        },
    }


def _routes(app: Sanic) -> Iterator[Documented]:
    for route in app.router.routes:
        known = documented.of(route.handler)
        if known is not None and known.part == manners.OURS.name and f"/{route.path}".startswith(f"{PREFIX}/"):
            yield known


def _template(route: Documented) -> str:
    return PREFIX + _IN_PATH.sub(r"{\1}", route.path)


def _tag(route: Documented) -> str:
    """By what it is about: the first word of its address, or what is asked of one of them."""
    words = [word for word in route.path.split("/") if word and not word.startswith("<")]
    return words[0].split(".")[0]


def _operation(
    route: Documented, schemas: Mapping[int, dict[str, Any]], components: Mapping[str, dict[str, Any]]
) -> dict[str, Any]:
    told: dict[str, Any] = {
        "operationId": route.name,
        "tags": [_tag(route)],
        "summary": route.summary or route.name.replace("_", " ").capitalize() + ".",
        "description": _description(route, schemas, components),
        "parameters": [*_path_parameters(route), *_query_parameters(route, schemas, components), *_headers(route)],
        "responses": {"200": _answer(route, schemas), **_refused(route, schemas)},
        "security": [] if route.role is None else [{"operator": []}],
    }
    if (body := _body(route, schemas, components)) is not None:
        told["requestBody"] = body
    return told


def _description(
    route: Documented, schemas: Mapping[int, dict[str, Any]], components: Mapping[str, dict[str, Any]]
) -> str:
    whom = f"Needs the role {route.role.value}." if route.role else f"Open to all. {route.open_because or ''}".strip()
    query = "" if route.query is None else resolved(schemas[id(route.query)], components).get("description", "")
    return "\n\n".join(text for text in (route.description, query, whom) if text)


def _path_parameters(route: Documented) -> list[dict[str, Any]]:
    return [
        {"name": name, "in": "path", "required": True, "schema": _OF_PATH[pattern or "str"]}
        for name, pattern in _IN_PATH.findall(route.path)
    ]


def _query_parameters(
    route: Documented, schemas: Mapping[int, dict[str, Any]], components: Mapping[str, dict[str, Any]]
) -> list[dict[str, Any]]:
    if route.query is None:
        return []
    whole = resolved(schemas[id(route.query)], components)
    required = set(whole.get("required", ()))
    found = []
    for name, schema in whole.get("properties", {}).items():
        schema = _in_address(schema)
        told = {"name": name, "in": "query", "required": name in required, "schema": schema}
        if "description" in schema:
            told["description"] = schema.pop("description")
        found.append(told)
    return found


def _in_address(schema: Mapping[str, Any]) -> dict[str, Any]:
    """An address has no null: what may be missing is not there."""
    kept = {name: value for name, value in schema.items() if not (name == "default" and value is None)}
    if "anyOf" in kept:
        some = [dict(each) for each in kept.pop("anyOf") if each.get("type") != "null"]
        kept = {**some[0], **kept} if len(some) == 1 else {"anyOf": some, **kept}
    if None in kept.get("enum", ()):
        kept["enum"] = [each for each in kept["enum"] if each is not None]
    return kept


def _headers(route: Documented) -> list[dict[str, Any]]:
    return [_LANGUAGE, _ONCE] if route.once else [_LANGUAGE]


def _body(
    route: Documented, schemas: Mapping[int, dict[str, Any]], components: Mapping[str, dict[str, Any]]
) -> dict[str, Any] | None:
    if route.body is not None:
        schema = schemas[id(route.body)]
        needed = bool(resolved(schema, components).get("required"))  # none at all is an empty one
        return {"required": needed, "content": {route.body_type: {"schema": schema}}}
    if route.body_type != _JSON:
        return {"required": True, "content": {route.body_type: {"schema": {"type": "string", "format": "binary"}}}}
    return None


def _answer(route: Documented, schemas: Mapping[int, dict[str, Any]]) -> dict[str, Any]:
    if route.answers is not None and route.content_type == _JSON:
        return {"description": "Done.", "content": {_JSON: {"schema": schemas[id(route.answers)]}}}
    return {"description": "Done.", "content": {route.content_type: {}}}


def _refused(route: Documented, schemas: Mapping[int, dict[str, Any]]) -> dict[str, Any]:
    """What it may be refused with: by what it takes, and what it says itself."""
    in_path, takes = "<" in route.path, route.body is not None or route.body_type != _JSON
    may = {
        400: takes or in_path or route.query is not None,
        401: route.role is not None,
        403: route.role not in (None, Role.OPERATOR),
        404: in_path,
        413: takes,
        429: route.role is not None,
        503: True,
    }
    statuses = {status for status, so in may.items() if so} | set(route.refusals)
    return {str(status): _refusal(status, schemas) for status in sorted(statuses)}


def _refusal(status: int, schemas: Mapping[int, dict[str, Any]]) -> dict[str, Any]:
    told: dict[str, Any] = {"description": _REFUSALS[status]}
    if status == 304:
        return told
    told["content"] = {_JSON: {"schema": schemas[id(Error)]}}
    if status == 429:
        told["headers"] = {"Retry-After": {"description": "Seconds.", "schema": {"type": "integer"}}}
    return told
