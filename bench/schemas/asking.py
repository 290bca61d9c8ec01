"""Asks every operation of the description: what fits it, what does not, and what no description has; and judges."""

from __future__ import annotations

import contextlib
import json
import random
import time
import zlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import hypothesis
import jsonschema_rs
import requests
import schemathesis
from hypothesis import HealthCheck, Phase
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.core import NOT_SET
from schemathesis.core.errors import InvalidSchema
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from bench.schemas import odd
from bench.schemas.known import Known

JSON = "application/json"
PREFIX = "/api/v1"
#: Nobody's: what is asked without a token.
NOBODY = "nobody"
_ROLES = ("operator", "supervisor", "admin")
_WORKS = [status_code_conformance, content_type_conformance, response_schema_conformance]
#: How long somebody waits for news is no matter of ours.
_LEFT_OUT = frozenset({"wait"})
_KNOWN_OF_TEN = 8
_LONGEST_S = 30.0


@dataclass(kw_only=True)
class Found:
    """What was asked, and what was wrong with the answers; `seen`: each kind of fault once, to be looked at."""

    cases: int = 0
    statuses: Counter[int] = field(default_factory=Counter)
    five_xx: int = 0
    undocumented: int = 0
    accepted_bad: int = 0
    unguarded: int = 0
    seen: dict[tuple[str, str, str], str] = field(default_factory=dict)

    def note(self, kind: str, where: str, what: str, how: Callable[[], str]) -> None:
        setattr(self, kind, getattr(self, kind) + 1)
        if (kind, where, what) not in self.seen:
            self.seen[kind, where, what] = how()


class Asking:
    """`base`: the running product's address. `admin`: the word of a token that may do all."""

    def __init__(self, base: str, admin: str, *, seed: int, examples: int, odds: bool = True) -> None:
        self._base, self._admin, self._seed, self._examples, self._odds = base, admin, seed, examples, odds
        self._session = requests.Session()
        self._document: dict[str, Any] = self._get(f"{PREFIX}/openapi.json")
        self._schema = schemathesis.openapi.from_dict(self._document)
        self._schema.config.update(base_url=base)
        self._people: dict[str, str] = {}
        self._known = Known(
            self._get,
            [path for path, methods in self._document["paths"].items() if "get" in methods],
            never=lambda name: name.startswith("asks-") or name == "bench",
        )
        self.found = Found()

    def all(self, told: Callable[[str], None], only: str = "") -> int:
        """How many operations were asked."""
        self._schema.validate()
        results: list[Any] = list(self._schema.get_all_operations())
        asked = [each for each in (result.ok() for result in results) if only in each.label]
        for operation in asked:
            told(operation.label)
            self._ask(operation)
        return len(asked)

    def _ask(self, operation: Any) -> None:
        """All four who may ask are new with each, so that none is signed out, locked or has asked too much."""
        number = zlib.crc32(f"{self._seed} {operation.label}".encode())
        self._people = {role: self._hire(role, f"asks-{number:x}-{role}") for role in _ROLES}
        chance = random.Random(number)
        self._known.forget()
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
            self._made(operation, mode, number, chance)
        if self._odds:
            self._oddly(operation, chance)

    def _made(self, operation: Any, mode: GenerationMode, number: int, chance: random.Random) -> None:
        @hypothesis.seed(number)
        @hypothesis.settings(
            max_examples=self._examples,
            database=None,
            deadline=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @hypothesis.given(case=operation.as_strategy(generation_mode=mode))
        def ask(case: Any) -> None:
            self._settle(case, operation, chance)
            for who in (NOBODY, *_ROLES):
                self._send(case, operation, who)

        with contextlib.suppress(Unsatisfiable, InvalidSchema):  # an address alone can't be wrong
            ask()

    def _settle(self, case: Any, operation: Any, chance: random.Random) -> None:
        """Mostly about something that is there."""
        parts = case.path_parameters
        if parts and chance.randrange(10) < _KNOWN_OF_TEN:
            parts.update(self._known.values(operation.full_path, chance))
        for name in _LEFT_OUT & set(case.query or ()):
            del case.query[name]

    def _send(self, case: Any, operation: Any, who: str) -> None:
        where = operation.label
        headers = {"Authorization": f"Bearer {self._people[who]}"} if who != NOBODY else {}
        try:
            response = self._patiently(
                lambda: case.call(
                    base_url=self._base,
                    session=self._session,
                    headers=headers,
                    timeout=_LONGEST_S,
                    allow_redirects=False,
                )
            )
        except requests.RequestException as error:
            self._count(0)
            self.found.note("five_xx", where, f"no answer: {type(error).__name__}", lambda: who)
            return
        status = response.status_code

        def how() -> str:
            return f"{who}: {case.as_curl_command()[:400]} -> {status} {response.content[:300]!r}"

        self._judge(where, who, status, how)
        if status >= 500 and str(status) not in operation.definition.raw["responses"]:
            return
        for failure in _failures(case, response):
            what = f"{type(failure).__name__} {status}: {failure.message[:200]}"
            self.found.note("undocumented", where, what, how)
        if 200 <= status < 300 and _is_bad(operation, case.body, self._document):
            self.found.note("accepted_bad", where, str(status), how)

    def _judge(self, where: str, who: str, status: int, how: Callable[[], str]) -> None:
        self._count(status)
        if status >= 500 and status not in (502, 503):
            self.found.note("five_xx", where, str(status), how)
        method, path = where.split(" ", 1)
        is_open = not self._document["paths"][path][method.lower()]["security"]
        if who == NOBODY and 200 <= status < 300 and not is_open:
            self.found.note("unguarded", where, str(status), how)

    def _oddly(self, operation: Any, chance: random.Random) -> None:
        told = self._document["paths"][operation.full_path][operation.method]
        parts = self._known.values(operation.full_path, chance)
        query = {each["name"]: each["schema"] for each in told["parameters"] if each["in"] == "query"}
        body = _body_schema(operation, self._document)
        for each in odd.requests(
            operation.full_path, parts, {n: s for n, s in query.items() if n not in _LEFT_OUT}, body
        ):
            self._send_odd(operation, each, told)

    def _send_odd(self, operation: Any, each: odd.Odd, told: Mapping[str, Any]) -> None:
        headers = {"Authorization": f"Bearer {self._people['admin']}", "Content-Type": JSON}
        try:
            response = self._patiently(
                lambda: self._session.request(
                    operation.method,
                    self._base + each.address,
                    data=each.body,
                    headers=headers,
                    timeout=_LONGEST_S,
                    allow_redirects=False,
                )
            )
        except requests.RequestException as error:
            self._count(0)
            what = f"no answer: {type(error).__name__}"
            self.found.note("five_xx", operation.label, what, lambda: each.address[:100])
            return
        status = response.status_code

        def how() -> str:
            return f"odd: {each.address[:100]} {(each.body or b'')[:120]!r} -> {status} {response.content[:300]!r}"

        self._judge(operation.label, "admin", status, how)
        # An address that is no route's is nobody's, and says so: it belongs to no operation.
        if status < 500 and str(status) not in told["responses"] and status != 404:
            self.found.note("undocumented", operation.label, f"odd {status}", how)
        if 200 <= status < 300 and _is_bad(operation, _parsed(each.body), self._document):
            self.found.note("accepted_bad", operation.label, f"odd {status}", how)

    def _patiently(self, ask: Callable[[], Any]) -> Any:
        """Who has asked too much comes again a moment later, once."""
        response = ask()
        if response.status_code == 429:
            time.sleep(1.0)
            response = ask()
        return response

    def _count(self, status: int) -> None:
        self.found.cases += 1
        self.found.statuses[status] += 1

    def _hire(self, role: str, name: str) -> str:
        asked = {"name": name, "role": role}
        response = self._as_admin("POST", "/operators", json=asked)
        if response.status_code != 200:
            raise RuntimeError(f"There is no {role} to ask as: {response.status_code} {response.text[:300]}")
        return str(response.json()["token"])

    def _get(self, address: str) -> Any:
        response = self._as_admin("GET", address.removeprefix(PREFIX))
        is_json = response.headers.get("content-type", "").startswith(JSON)
        return response.json() if response.status_code == 200 and is_json else None

    def _as_admin(self, method: str, path: str, **given: Any) -> Any:
        headers = {"Authorization": f"Bearer {self._admin}"}
        return self._patiently(
            lambda: self._session.request(
                method, f"{self._base}{PREFIX}{path}", headers=headers, timeout=_LONGEST_S, **given
            )
        )


def _failures(case: Any, response: Any) -> Sequence[Failure]:
    try:
        case.validate_response(response, checks=_WORKS)
    except FailureGroup as group:
        return [each for each in group.exceptions if isinstance(each, Failure)]
    except Failure as failure:
        return [failure]
    return []


def _parsed(body: bytes | None) -> Any:
    """What is no JSON is nothing that a schema could be for."""
    try:
        return json.loads(body or b"")
    except (ValueError, RecursionError):
        return NOT_SET


def _is_bad(operation: Any, body: Any, document: Mapping[str, Any]) -> bool:
    """Whether a body that was taken violates the description of it."""
    schema = _body_schema(operation, document)
    if schema is None or body is NOT_SET or isinstance(body, (bytes, bytearray)):
        return False
    sent = json.loads(json.dumps(body))
    whole = {**schema, "components": document["components"]}
    return not jsonschema_rs.Draft202012Validator(whole).is_valid(sent)


def _body_schema(operation: Any, document: Mapping[str, Any]) -> Mapping[str, Any] | None:
    told = document["paths"][operation.full_path][operation.method].get("requestBody", {}).get("content", {}).get(JSON)
    if told is None:
        return None
    schema: Mapping[str, Any] = told["schema"]
    while "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]]
    return schema


def told_of(found: Found) -> Iterator[str]:
    for (kind, where, what), how in sorted(found.seen.items()):
        yield f"{kind}: {where}: {what}\n    {how}"
