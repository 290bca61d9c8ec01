"""Every link from one page of ours to another leads to a file that is there, and to a heading that it has."""

from __future__ import annotations

import re
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from app.settings import ROOT

PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), ROOT / "emulator" / "README.md"])
_LINK = re.compile(r"\]\((?!https?:|mailto:)([^)#\s]*)(?:#([^)\s]+))?\)")


def prose(page: Path) -> str:
    """Without what is shown as code."""
    text = re.sub(r"^ *```.*?^ *```$", "", page.read_text(), flags=re.DOTALL | re.MULTILINE)
    return re.sub(r"`[^`\n]+`", "", text)


@cache
def headings(page: Path) -> frozenset[str]:
    """As GitHub names them: one that is there already has a number after it."""
    seen: Counter[str] = Counter()
    found = set()
    text = re.sub(r"^ *```.*?^ *```$", "", page.read_text(), flags=re.DOTALL | re.MULTILINE)
    for heading in re.findall(r"^#+ (.+)$", text, re.MULTILINE):
        name = re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
        found.add(f"{name}-{seen[name]}" if seen[name] else name)
        seen[name] += 1
    return frozenset(found)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_its_links_lead_somewhere(page: Path) -> None:
    for path, heading in _LINK.findall(prose(page)):
        there = page if not path else (page.parent / path).resolve()
        assert there.exists(), path
        if heading:
            assert heading in headings(there), f"{path}#{heading}"


def test_there_are_links_to_look_at() -> None:
    assert sum(len(_LINK.findall(prose(page))) for page in PAGES) > 100
