"""Tables put into pages, each between `<!-- NAME -->` and `<!-- /NAME -->`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from app.settings import ROOT
from bench.published import readme, tables
from bench.published.numbers import ENGLISH, PORTUGUESE
from bench.published.tables import Kept


def made(kept: Kept) -> dict[Path, dict[str, str]]:
    """The tables of each page, by their names."""
    return {
        ROOT / "docs" / "benchmarks.md": tables.all_of(kept),
        ROOT / "README.md": readme.all_of(kept, ENGLISH),
        ROOT / "README.pt-BR.md": readme.all_of(kept, PORTUGUESE),
    }


def filled(page: str, found: Mapping[str, str]) -> str:
    """The page with each table in its place; a place whose table is not made is left as it is."""

    def fill(place: re.Match[str]) -> str:
        name = place["name"]
        return f"<!-- {name} -->\n\n{found[name]}\n\n<!-- /{name} -->" if name in found else place[0]

    return re.sub(r"<!-- (?P<name>[a-z-]+) -->.*?<!-- /(?P=name) -->", fill, page, flags=re.DOTALL)
