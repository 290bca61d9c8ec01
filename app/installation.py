"""How this installation is set up, as an admin may read it: no address of a server, and nothing secret."""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence
from urllib.parse import urlsplit

from app.settings import ROOT, Settings
from handover.shapes.settings import Installation as Facts

_VERSION = re.compile(r'^version = "([^"]+)"$', re.MULTILINE)


def facts(settings: Settings, channels: Sequence[str]) -> Facts:
    return {
        "version": version(),
        "channels": list(channels),
        "public_url": settings.public_url,
        "database": urlsplit(settings.database_url).scheme.partition("+")[0],
        "redis": settings.redis_url is not None,
    }


@functools.cache
def version() -> str:
    found = _VERSION.search((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    return found[1] if found else "unknown"
