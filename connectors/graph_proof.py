"""Where the proof of a token stands in a request: in what is sent along, and in an address only where nothing is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import aiohttp

from conversation.proof import ProvenToken

NAME = "appsecret_proof"


def parameter(token: str | None) -> dict[str, str]:
    return {NAME: token.proof} if isinstance(token, ProvenToken) else {}


def along(what: Mapping[str, Any], token: str | None) -> dict[str, Any]:
    """A request's `params`, `json` or `data`, and the proof in it."""
    found, proof = dict(what), parameter(token)
    if not proof:
        return found
    if isinstance(found.get("data"), aiohttp.FormData):
        found["data"].add_field(NAME, proof[NAME])
    else:
        where = "json" if "json" in found else "params"
        found[where] = {**found.get(where, {}), **proof}
    return found
