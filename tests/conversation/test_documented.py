"""What can be set, and why nothing was said, is in the pages people read."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from conversation.gate import Reason
from conversation.handover_settings import HandoverSettings

DOCS = Path(__file__).resolve().parents[2] / "docs"


@pytest.mark.parametrize("page", ["handover.md", "handover.pt-BR.md"])
@pytest.mark.parametrize("name", [each.name for each in dataclasses.fields(HandoverSettings)])
def test_every_setting_of_handover_is_in_the_page(page: str, name: str) -> None:
    assert f"`{name}`" in (DOCS / page).read_text()


@pytest.mark.parametrize("reason", [each for each in Reason if each is not Reason.MAY_ANSWER])
def test_every_reason_for_silence_is_in_the_architecture(reason: Reason) -> None:
    assert f"`{reason.value}`" in (DOCS / "architecture.md").read_text()
