"""What somebody reads: by the weights in their `Accept-Language`, and the same refusal in both languages."""

from __future__ import annotations

import pytest

from handover.preferred import preferred
from tests import services
from tests.handover.conftest import Api


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "pt"),
        ("pt-BR", "pt"),
        ("PT-br", "pt"),
        ("en", "en"),
        ("en-GB,en;q=0.9", "en"),
        ("en-US,en;q=0.9,pt-BR;q=0.8", "en"),
        ("en;q=0.8, pt;q=0.9", "pt"),
        ("pt;q=0.8, en;q=0.9", "en"),
        ("pt;q=0.5, en;q=0.5", "pt"),
        ("en;q=0.5, pt;q=0.5", "en"),
        ("pt-PT;q=0.1, en;q=0.5, pt-BR;q=0.9", "pt"),
        ("fr", "pt"),
        ("fr, en;q=0.1", "en"),
        ("fr;q=1, *;q=0.5", "pt"),
        ("pt;q=0", "pt"),  # there is nothing else to say it in
        ("pt;q=0, *", "en"),
        ("*, en", "pt"),
        ("en;q=0", "pt"),
        ("en ; q=0.9, pt ; q=0.1", "en"),
        ("en;q=2, pt;q=0.1", "pt"),  # no weight: it is passed over
        ("en;q=nan", "pt"),
        ("en;q=", "pt"),
        ("english", "pt"),
        (";;q=,,=;*;", "pt"),
        ("é;q=0.9,en", "en"),
        ("," * 5000, "pt"),
    ],
)
def test_the_language_of_the_greatest_weight_is_spoken(header: str, language: str) -> None:
    assert preferred(header) == language


_ENGLISH = "There is no conversation conv_nowhere."
_PORTUGUESE = "Não existe a conversa conv_nowhere."


@services.sqlite_only
@pytest.mark.parametrize(
    ("header", "message"),
    [
        ("pt-BR", _PORTUGUESE),
        ("en", _ENGLISH),
        ("fr", _PORTUGUESE),
        (None, _PORTUGUESE),
        ("en;q=0.8, pt;q=0.9", _PORTUGUESE),
        ("pt;q=0.8, en;q=0.9", _ENGLISH),
        ("é;q=x,,;q=,en;q=", _PORTUGUESE),
    ],
)
async def test_a_refusal_is_in_the_language_of_who_asks(api: Api, header: str | None, message: str) -> None:
    api.language = header
    status, answer = await api.get("/conversations/conv_nowhere")
    assert (status, answer["error"]["code"], answer["error"]["message"]) == (404, "not_found", message)


@services.sqlite_only
async def test_refusals_by_rules_settings_and_the_server_itself_are_in_both_languages(api: Api) -> None:
    asked = [
        ("POST", "/api/v1/alerts", {"means": "webhook", "target": "ftp://x", "settings": {}}),
        ("GET", "/api/v1/requests/77", None),
        ("PUT", "/api/v1/canned-replies/77", {"shortcut": "a b", "text": "x"}),
        ("GET", "/api/v1/nowhere", None),
        ("DELETE", "/api/v1/conversations", None),
        ("GET", "/desk/nowhere.js", None),
    ]
    told: dict[str, list[tuple[int, str]]] = {}
    for language in ("en", "pt"):
        api.language = language
        answers = [await api.call(method, path, body=body) for method, path, body in asked]
        told[language] = [(status, answer["error"]["message"]) for status, answer in answers]
    assert [status for status, _ in told["en"]] == [status for status, _ in told["pt"]]
    assert all(400 <= status < 500 for status, _ in told["en"])
    assert [english for (_, english), (_, other) in zip(told["en"], told["pt"], strict=True) if english == other] == []
