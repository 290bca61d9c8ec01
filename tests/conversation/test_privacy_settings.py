"""What customers are told of what is kept: which settings there can be."""

from __future__ import annotations

from typing import Any

import pytest

from conversation import privacy_settings
from conversation.errors import BadInput

NOTICE, POLICY = "Guardamos esta conversa por um ano.", "https://example.com/privacidade"


@pytest.mark.parametrize(
    "facts",
    [
        {"notices": {}},
        {"notice": {"fr": "Bonjour"}},
        {"notice": {"pt": "x" * 601}},
        {"policy_url": "http://example.com"},
        {"policy_url": "https://"},
        {"says_assistant": "yes"},
    ],
)
def test_what_does_not_fit_is_refused(facts: dict[str, Any]) -> None:
    with pytest.raises(BadInput):
        privacy_settings.read(facts)


def test_they_survive_the_trip() -> None:
    facts = {"says_assistant": True, "notice": {"pt": NOTICE}, "policy_url": POLICY, "llm_sees_contact": True}
    assert privacy_settings.plain(privacy_settings.read(facts)) == facts
    assert privacy_settings.plain(privacy_settings.read({"notice": None, "policy_url": None})) == {}


def test_a_language_that_is_missing_is_told_in_the_other() -> None:
    assert privacy_settings.read({"notice": {"pt": NOTICE}}).notice_in("en") == NOTICE
