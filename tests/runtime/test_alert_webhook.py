"""Where a webhook may go, and what it looks like to Slack, Telegram and ntfy."""

from __future__ import annotations

import json
from email.header import decode_header, make_header
from typing import Any

import aiohttp
import pytest

from conversation.alert import AlertRule, Means, RuleId, RuleSettings, Shape
from conversation.alert_texts import Telling
from conversation.errors import BadInput
from runtime import alert_webhook
from runtime.alert_errors import AlertError
from runtime.alert_settings import AlertingSettings
from runtime.alert_shapes import Body, body_of
from tests.receivers import receiving

PRIVATE = [
    "127.0.0.1",
    "10.1.2.3",
    "172.16.0.1",
    "192.168.1.1",
    "100.64.0.1",
    "0.0.0.0",
    "::1",
    "fd00::1",
    "::ffff:10.0.0.1",
    "64:ff9b::7f00:1",
    "2002:7f00:1::",
]
NEVER = [
    "169.254.169.254",
    "fe80::1%eth0",
    "224.0.0.1",
    "ff02::1",
    "::",
    "::ffff:169.254.169.254",
    "64:ff9b::a9fe:a9fe",
]
PUBLIC = ["93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946", "::ffff:93.184.216.34", "64:ff9b::5db8:d822"]


@pytest.mark.parametrize("address", [*PRIVATE, *NEVER])
def test_no_webhook_goes_into_our_own_network(address: str) -> None:
    assert not alert_webhook.allowed(address, local=False)


@pytest.mark.parametrize("address", PUBLIC)
def test_it_goes_out_into_the_world(address: str) -> None:
    assert alert_webhook.allowed(address, local=False)


def test_the_admin_may_allow_the_own_network_but_not_where_clouds_keep_keys() -> None:
    assert all(
        alert_webhook.allowed(address, local=True) for address in [*PUBLIC, "127.0.0.1", "192.168.1.1", "fd00::1"]
    )
    assert not any(alert_webhook.allowed(address, local=True) for address in NEVER)


async def send(url: str, settings: AlertingSettings) -> None:
    await alert_webhook.send(url, "bs_secret", "alert-1", Body(content=b"{}"), settings, at=1)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "a-name.example.com"])
async def test_it_is_the_address_connected_to_that_is_looked_at(monkeypatch: pytest.MonkeyPatch, host: str) -> None:
    """Whatever a name says when somebody looks: what counts is where it leads in the end."""
    resolve = aiohttp.ThreadedResolver.resolve

    async def lead_here(resolver: Any, name: str, *given: Any, **more: Any) -> Any:
        return await resolve(resolver, "127.0.0.1" if name == "a-name.example.com" else name, *given, **more)

    monkeypatch.setattr(aiohttp.ThreadedResolver, "resolve", lead_here)
    monkeypatch.setattr(alert_webhook, "check_url", lambda url, *, local: None)  # which asks for https
    async with receiving() as receiver:
        url = receiver.url.replace("127.0.0.1", host)
        with pytest.raises(AlertError, match="private network") as refused:
            await send(url, AlertingSettings(local=False))
        assert (refused.value.retryable, receiver.got) == (False, [])
        await send(url, AlertingSettings(local=True))
        assert len(receiver.got) == 1


@pytest.mark.parametrize("url", ["http://example.com", "ftp://example.com", "https://", "example.com", "https://[", ""])
def test_what_is_no_safe_address_is_refused_when_a_rule_is_made(url: str) -> None:
    with pytest.raises(BadInput):
        alert_webhook.check_url(url, local=False)


def test_http_is_for_the_own_network_only() -> None:
    alert_webhook.check_url("http://ntfy.lan/baton", local=True)
    alert_webhook.check_url("https://ntfy.sh/baton", local=False)


class TestShapes:
    telling = Telling(
        title="João <!channel> quer falar",
        lines=("Conta: Pão & Cia", "Prioridade: urgente"),
        link="https://baton.example.com/desk#cnv_1",
    )
    facts = {"id": "alert-1", "event": "requested", "priority": "urgent"}  # noqa: RUF012

    def body(self, shape: Shape, **given: Any) -> Body:
        rule = AlertRule(
            id=RuleId("rul_1"), means=Means.WEBHOOK, operator="ana", settings=RuleSettings(shape=shape, **given)
        )
        return body_of(rule, self.telling, self.facts)

    def test_our_own(self) -> None:
        told = json.loads(self.body(Shape.JSON).content)
        assert told == {**self.facts, "title": self.telling.title, "text": self.telling.text}

    def test_slacks_calls_nobody_that_a_customers_name_names(self) -> None:
        told = json.loads(self.body(Shape.SLACK).content)
        assert list(told) == ["text"]
        assert told["text"].startswith("João &lt;!channel&gt; quer falar\nConta: Pão &amp; Cia")
        assert told["text"].endswith("https://baton.example.com/desk#cnv_1")

    def test_telegrams(self) -> None:
        told = json.loads(self.body(Shape.TELEGRAM, chat_id="-100").content)
        assert told == {"chat_id": "-100", "text": self.telling.text, "disable_web_page_preview": True}

    def test_ntfys(self) -> None:
        body = self.body(Shape.NTFY)
        assert str(make_header(decode_header(body.headers["Title"]))) == self.telling.title
        assert (body.headers["Click"], body.headers["Priority"]) == (self.telling.link, "5")
        assert body.content.decode() == "Conta: Pão & Cia\nPrioridade: urgente"
        assert all(value.isascii() and "\n" not in value for value in body.headers.values())
