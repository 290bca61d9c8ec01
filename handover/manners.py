"""How a family of routes is asked, and how it refuses: ours, and that of a dashboard which we did not write."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sanic.response import HTTPResponse, json

Facts = Mapping[str, Any]


@dataclass(frozen=True)
class Manner:
    """`scheme`: the word before the token in `Authorization`. `body`: the JSON of a refusal, of its code, its message
    and what else is known. `statuses`: what is answered in place of a status."""

    name: str
    scheme: str
    body: Callable[[Facts], Facts]
    statuses: Mapping[int, int]

    def refusal(self, status: int, facts: Facts) -> HTTPResponse:
        return json(self.body(facts), status=self.statuses.get(status, status))


def _dashboards(facts: Facts) -> Facts:
    """One body for all the places it is looked for in. The words come first: some show the whole as it is."""
    details = {name: value for name, value in facts.items() if name not in ("code", "message")}
    error = {"code": facts["code"], "message": facts["message"], **({"details": details} if details else {})}
    return {"detail": facts["message"], "error": error}


def _in_one_word(facts: Facts) -> Facts:
    """Where an object as `error` would crash the page."""
    return {"detail": facts["message"], "error": facts["message"]}


OURS = Manner("api", "Bearer", lambda facts: {"error": facts}, {})
#: A 403 signs its user out, as a 401 does; what is asked too late is a bad request to it.
_STATUSES = {403: 400, 409: 400}
DASHBOARD = Manner("dashboard", "Token", _dashboards, _STATUSES)
DASHBOARD_IN_ONE_WORD = Manner("dashboard", "Token", _in_one_word, _STATUSES)


def manner_of(path: str) -> Manner:
    """Of what no route has answered."""
    return DASHBOARD if path.startswith("/api/v1/") and path.endswith("/") else OURS
