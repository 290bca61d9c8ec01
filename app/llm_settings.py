"""Which addresses of our own network language models may be asked at."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from app.settings import Settings

VARIABLE = "BATON_LLM_LOCAL"
_HOST_AND_PORT = re.compile(r"(?:\[[0-9a-f:]+\]|[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?):(\d{1,5})\Z", re.ASCII)


def local(env: Mapping[str, str], faults: list[str]) -> frozenset[str]:
    """BATON_LLM_LOCAL: hosts with their ports, with commas between; they may be asked over plain HTTP too."""
    found = frozenset(each.strip().lower() for each in env.get(VARIABLE, "").split(",") if each.strip())
    for each in sorted(found):
        given = _HOST_AND_PORT.match(each)
        if given is None or not 1 <= int(given[1]) <= 65535:
            faults.append(f"{VARIABLE} has {each!r}; each is a host and its port, like ollama.lan:11434.")
    return found


def told_of(settings: Settings) -> frozenset[str]:
    """Those that an admin may give an agent; the emulator's too, which is asked only where it runs."""
    return settings.llm_local | {urlsplit(settings.emulator_url).netloc}


def with_one_more(env: Mapping[str, str], url: str) -> dict[str, str]:
    """The environment of a process that may ask there too."""
    given = [each for each in (env.get(VARIABLE), urlsplit(url).netloc) if each]
    return {**env, VARIABLE: ",".join(given)}
