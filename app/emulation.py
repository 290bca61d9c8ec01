"""The emulator as `./baton run` starts it: what it is told of our accounts, and who may use its phone page."""

from __future__ import annotations

import contextlib
import json
import os
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from typing import Any

from app import first_run
from app.child import Child, held
from app.settings import Settings, is_loopback
from conversation.account import Account, Channel
from store.accounts import Credentials

#: What it speaks. An account on any other channel is a real one.
NETWORKS = frozenset({Channel.WHATSAPP, Channel.MESSENGER, Channel.INSTAGRAM})


def child(chosen: Settings, told: Mapping[str, Any], env: Mapping[str, str]) -> Child:
    path = chosen.home / "emulator.json"
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        json.dump(told, file)
    command = held("emulator", "--port", str(chosen.emulator_port), "--settings", str(path))
    return Child("emulator", command, env=dict(env))


def told(chosen: Settings, first: first_run.FirstRun, known: Sequence[tuple[Account, Credentials]]) -> dict[str, Any]:
    return {
        "webhook_base": chosen.address,
        "app_secret": chosen.app_secret,
        "verify_token": chosen.verify_token,
        "accounts": [told_of(account, credentials) for account, credentials in known if account.channel in NETWORKS],
        "demo": {"url": chosen.address, "token": first.demo_token},
    }


def tell(chosen: Settings, account: Account, secrets: Sequence[str]) -> None:
    """One that is running learns of the account now; one that starts later reads them all."""
    base = chosen.graph_base(emulated=account.emulated)
    if not is_loopback(base) or base != chosen.emulator_url:
        return
    body = json.dumps(told_of(account, Credentials(token=None, secrets=tuple(secrets)))).encode()
    request = urllib.request.Request(
        f"{base}/emulator/accounts", data=body, headers={"Content-Type": "application/json"}
    )
    past_any_proxy = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with contextlib.suppress(urllib.error.URLError, TimeoutError, OSError):
        past_any_proxy.open(request, timeout=2).close()


def told_of(account: Account, credentials: Credentials) -> dict[str, Any]:
    told: dict[str, Any] = {"channel": account.channel.value, "id": account.provider_id, "name": account.name}
    if account.channel is Channel.INSTAGRAM:
        told["login"] = account.channel_settings.login.value
    if account.channel_settings.waba_id:
        told["business_id"] = account.channel_settings.waba_id
    if account.channel_settings.phone_number:
        told["display_phone_number"] = account.channel_settings.phone_number
    if account.channel_settings.page_id:
        told["page_id"] = account.channel_settings.page_id
    if account.channel_settings.app_id:
        told["app_id"] = account.channel_settings.app_id
    if credentials.secrets:
        told["app_secret"] = credentials.secrets[0]
    if credentials.token:
        told["token"] = credentials.token
    return told
