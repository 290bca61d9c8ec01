"""The webhook on a real server: who gets in, what is answered, and that nothing makes it fail."""

from __future__ import annotations

import asyncio
import io
import json
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from structlog.testing import capture_logs

from connectors.signature import sign
from connectors.webhook import BODY_LIMIT
from connectors.whatsapp import WhatsApp
from conversation.arrivals import AccountNews, Inbound, Unfamiliar


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture
async def url(serve: Any, entrance: Any) -> str:
    address: str = await serve(WhatsApp(), entrance)
    return address + "/webhook"


def body_of(*accounts: str, text: str = "Oi") -> bytes:
    changes = [
        {
            "field": "messages",
            "value": {
                "metadata": {"phone_number_id": account},
                "messages": [
                    {
                        "id": f"wamid.{account}",
                        "from": "5511988880001",
                        "timestamp": "1790000000",
                        "type": "text",
                        "text": {"body": text},
                    }
                ],
            },
        }
        for account in accounts
    ]
    body = {"object": "whatsapp_business_account", "entry": [{"id": "1", "changes": changes}]}
    return json.dumps(body, ensure_ascii=False).encode()


async def post(http: aiohttp.ClientSession, url: str, raw: bytes, secret: str | None) -> int:
    headers = {"X-Hub-Signature-256": sign(raw, secret)} if secret else {}
    async with http.post(url, data=io.BytesIO(raw), headers=headers) as answer:
        return answer.status


async def test_meta_asking_with_our_token_gets_its_challenge(http: aiohttp.ClientSession, url: str) -> None:
    asked = {"hub.mode": "subscribe", "hub.challenge": "1158201444", "hub.verify_token": "our-token"}
    async with http.get(url, params=asked) as answer:
        assert (answer.status, await answer.text()) == (200, "1158201444")
        assert answer.content_type == "text/plain"


@pytest.mark.parametrize(
    "wrong",
    [
        {"hub.verify_token": "other"},
        {"hub.verify_token": ""},
        {"hub.verify_token": "our-token-é"},
        {"hub.mode": "unsubscribe"},
    ],
)
async def test_anybody_else_asking_is_refused(http: aiohttp.ClientSession, url: str, wrong: dict[str, str]) -> None:
    asked = {"hub.mode": "subscribe", "hub.challenge": "42", "hub.verify_token": "our-token", **wrong}
    async with http.get(url, params=asked) as answer:
        assert answer.status == 403 and "42" not in await answer.text()


async def test_without_a_token_of_ours_nobody_is_let_in(http: Any, url: str, entrance: Any) -> None:
    entrance.verify_token = ""
    async with http.get(url, params={"hub.mode": "subscribe", "hub.challenge": "42"}) as answer:
        assert answer.status == 403


async def test_what_is_signed_by_the_accounts_app_is_accepted(http: Any, url: str, entrance: Any) -> None:
    assert await post(http, url, body_of("A1", text="Olá 😀"), "secret-a") == 200
    (message,) = entrance.accepted
    assert isinstance(message, Inbound) and message.text == "Olá 😀" and message.account == "A1"


@pytest.mark.parametrize("account", ["A1", "A2", "B1"])
@pytest.mark.parametrize("secret", ["secret-a", "secret-a-new", "secret-b"])
async def test_only_the_apps_own_secret_opens_an_account(
    http: Any, url: str, entrance: Any, account: str, secret: str
) -> None:
    own = secret in entrance.known[account]
    assert await post(http, url, body_of(account), secret) == (200 if own else 403)
    assert len(entrance.accepted) == (1 if own else 0)


@pytest.mark.parametrize("secret", ["secret-a", "secret-b"])
async def test_news_that_name_no_account_are_for_those_whose_app_has_signed_them_alone(
    http: Any, url: str, entrance: Any, secret: str
) -> None:
    change = {"field": "account_update", "value": {"event": "ACCOUNT_DELETED"}}
    body = {"object": "whatsapp_business_account", "entry": [{"id": "1", "changes": [change]}]}
    assert await post(http, url, json.dumps(body).encode(), secret) == 200
    (news,) = entrance.accepted
    theirs = frozenset(account for account, secrets in entrance.known.items() if secret in secrets)
    assert isinstance(news, AccountNews) and news.signed_for == theirs
    assert theirs and theirs != entrance.known.keys()


async def test_a_body_that_names_one_account_and_brings_news_that_name_none_is_about_all_they_may_be_of(
    http: Any, url: str, entrance: Any
) -> None:
    body = json.loads(body_of("A1"))
    news = {"field": "account_update", "value": {"event": "ACCOUNT_DELETED"}}
    body["entry"].append({"id": "2", "changes": [news]})
    assert await post(http, url, json.dumps(body).encode(), "secret-a") == 200
    assert entrance.came[-1].accounts == {"A1", "A2"}, "who sees A1 alone is not shown what is said of A2"
    assert await post(http, url, body_of("A1"), "secret-a") == 200
    assert entrance.came[-1].accounts == {"A1"}


async def test_one_foreign_account_in_a_body_refuses_all_of_it(http: Any, url: str, entrance: Any) -> None:
    assert await post(http, url, body_of("A1", "B1"), "secret-a") == 403
    assert entrance.accepted == []


async def test_an_account_we_do_not_have_is_kept_and_meta_is_content(http: Any, url: str, entrance: Any) -> None:
    assert await post(http, url, body_of("A1", "Z9"), "secret-a") == 200
    ours, unknown = entrance.accepted
    assert isinstance(ours, Inbound) and ours.account == "A1"
    assert isinstance(unknown, Unfamiliar) and (unknown.kind, unknown.account) == ("unknown_account", "Z9")
    assert "wamid.Z9" in json.dumps(unknown.body)


@pytest.mark.parametrize("secret", [None, "guessed", ""])
async def test_what_is_not_signed_is_refused(http: Any, url: str, entrance: Any, secret: str | None) -> None:
    assert await post(http, url, body_of("A1"), secret) == 403
    assert entrance.accepted == []


@pytest.mark.parametrize("known", [{}, {"A1": ()}, {"A1": ("",)}])
async def test_without_a_secret_nothing_gets_in(http: Any, url: str, entrance: Any, known: Any) -> None:
    entrance.known = known
    with capture_logs() as lines:
        for secret in ("", "secret-a", None):
            assert await post(http, url, body_of("A1"), secret) == 403
    assert entrance.accepted == []
    assert all(line["reason"].startswith("no app secret is set") for line in lines) and len(lines) == 3


async def test_an_account_without_a_secret_is_not_opened_by_anothers(http: Any, url: str, entrance: Any) -> None:
    entrance.known = {"A1": ("secret-a",), "N1": ()}
    assert await post(http, url, body_of("N1"), "secret-a") == 403


@pytest.mark.parametrize(
    "raw",
    [b"", b"{", b"[]", b'"text"', b"null", b"\xff\xfe", b"[" * 100_000, b'{"a":' * 100_000],
    ids=["empty", "half", "list", "text", "null", "not utf-8", "deep list", "deep object"],
)
async def test_what_is_no_json_object_is_told_so(http: Any, url: str, entrance: Any, raw: bytes) -> None:
    assert await post(http, url, raw, "secret-a") == 400
    assert entrance.accepted == []


@pytest.mark.parametrize(
    "raw",
    [b"{}", b'{"object":"page","entry":[]}', b'{"object":"whatsapp_business_account","entry":{}}'],
)
async def test_a_body_of_some_other_shape_is_kept(http: Any, url: str, entrance: Any, raw: bytes) -> None:
    assert await post(http, url, raw, "secret-a") == 200
    (kept,) = entrance.accepted
    assert isinstance(kept, Unfamiliar) and kept.body == json.loads(raw)


async def test_what_no_database_takes_is_replaced(http: Any, url: str, entrance: Any) -> None:
    raw = body_of("A1", text="x").replace(b'"x"', rb'"a\u0000b\ud83dc"')
    assert await post(http, url, raw, "secret-a") == 200
    assert entrance.accepted[0].text == "a\ufffdb\ufffdc"


async def test_a_fault_of_our_own_keeps_the_body_whole(serve: Any, entrance: Any, http: Any) -> None:
    class Broken(WhatsApp):
        def parse(self, body: Any, known: Any = None) -> Any:
            raise KeyError("a fault of ours")

    url = await serve(Broken(), entrance) + "/webhook"
    assert await post(http, url, body_of("A1"), "secret-a") == 200
    assert [arrival.kind for arrival in entrance.accepted] == ["unreadable_body"]
    assert entrance.accepted[0].body == json.loads(body_of("A1"))


async def test_a_body_too_large_is_refused_and_one_just_fitting_is_not(http: Any, url: str, entrance: Any) -> None:
    small = body_of("A1")
    assert await post(http, url, small + b" " * (BODY_LIMIT - len(small)), "secret-a") == 200
    assert await post(http, url, small + b" " * (BODY_LIMIT - len(small) + 1), "secret-a") == 413
    assert len(entrance.accepted) == 1


async def test_a_body_that_does_not_say_how_large_it_is_has_the_same_limit(http: Any, url: str) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(6):
            yield b" " * (1024 * 1024)

    async with http.post(url, data=pieces()) as answer:
        assert answer.status == 413


@pytest.mark.parametrize("broken", ["accept", "secrets"])
async def test_what_can_not_be_kept_now_is_asked_for_again(http: Any, url: str, entrance: Any, broken: str) -> None:
    entrance.broken = broken
    with capture_logs() as lines:
        assert await post(http, url, body_of("A1", text="canary"), "secret-a") == 503
    (line,) = lines
    assert line["event"] == "webhook.refused" and line["status"] == 503
    assert "canary" not in str(line) and "customer" not in str(line)


async def test_a_server_without_the_runtime_says_so(http: Any, serve: Any) -> None:
    url = await serve(WhatsApp(), None)
    with capture_logs() as lines:
        assert await post(http, url + "/webhook", body_of("A1"), "secret-a") == 503
    assert len(lines) == 1
    async with http.get(url + "/webhook", params={"hub.mode": "subscribe"}) as answer:
        assert answer.status == 503
    async with http.get(url + "/") as answer:
        assert answer.status == 503


async def test_health_is_told(http: Any, url: str) -> None:
    async with http.get(url.removesuffix("webhook")) as answer:
        assert (answer.status, await answer.json()) == (200, {"status": "ok"})


async def test_a_refusal_is_logged_without_what_came(http: Any, url: str) -> None:
    with capture_logs() as lines:
        await post(http, url, body_of("A1", text="canary"), "guessed")
    (line,) = lines
    assert line["reason"] == "wrong signature"
    assert not any(word in str(line) for word in ("canary", "guessed", "5511988880001"))


async def test_many_at_once_are_all_taken(http: Any, url: str, entrance: Any) -> None:
    answers = await asyncio.gather(*(post(http, url, body_of("A1"), "secret-a") for _ in range(50)))
    assert answers == [200] * 50 and len(entrance.accepted) == 50
