"""How long what is kept: the kinds, their defaults, and what the pages say of them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from conversation.errors import BadInput
from conversation.retention_settings import DEFAULTS, checked

ROOT = Path(__file__).parents[2]


def test_what_nobody_has_set_is_as_it_comes() -> None:
    assert checked({}) == dict(DEFAULTS)
    assert checked({"messages": 365, "webhooks": None}) == {**DEFAULTS, "messages": 365, "webhooks": None}


@pytest.mark.parametrize("days", [0, -1, 36_501, True, "30", 1.5, [1]])
def test_days_that_mean_nothing_are_refused(days: Any) -> None:
    with pytest.raises(BadInput):
        checked({"webhooks": days})


def test_a_kind_there_is_not_is_refused() -> None:
    with pytest.raises(BadInput, match="letters"):
        checked({"letters": 3})


@pytest.mark.parametrize(("page", "ever"), [("operations.md", "for ever"), ("operations.pt-BR.md", "sempre")])
def test_the_pages_say_the_same(page: str, ever: str) -> None:
    rows = re.findall(rf"^\| `(\w+)` \| (\d+|{ever}) \|", (ROOT / "docs" / page).read_text(), re.MULTILINE)
    told = {kind: None if days == ever else int(days) for kind, days in rows if kind in DEFAULTS}
    assert told == dict(DEFAULTS)
