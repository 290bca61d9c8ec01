"""Every row of docs/sending.md goes out as it says, and is taken; the Portuguese page has the same rows."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from connectors.custom_kinds import KINDS
from connectors.whatsapp_render import render
from runtime.channel import Utterance
from tests.connectors.test_contract_rendering import Tokens
from tests.connectors.test_custom_kinds import taken

DOCS = Path(__file__).parents[2] / "docs"
_ROW = re.compile(r"^\| `(\{type: .*?\})` \| `(\w+)` \|", re.MULTILINE)


def rows(page: str) -> list[tuple[dict[str, Any], str]]:
    found = _ROW.findall((DOCS / page).read_text(encoding="utf-8"))
    return [(YAML(typ="safe", pure=True).load(custom), kind) for custom, kind in found]


@pytest.mark.parametrize(("custom", "kind"), rows("sending.md"), ids=lambda each: each if isinstance(each, str) else "")
def test_what_a_row_says_goes_out_and_is_taken(custom: dict[str, Any], kind: str) -> None:
    (made,) = render(Utterance(custom=custom, quotes="wamid.1"), Tokens())
    assert made.kind == kind and made.unfit is None
    if custom["type"] == "voice":
        assert made.body["audio"]["voice"] is True
    taken(made)


def test_both_pages_have_every_kind_there_is() -> None:
    english, portuguese = rows("sending.md"), rows("sending.pt-BR.md")
    assert english == portuguese
    assert set(KINDS) <= {custom["type"] for custom, _ in english}
