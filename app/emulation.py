"""The emulator as `./baton run` starts it: what it is told of our accounts, and who may use its phone page."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from typing import Any

from app import first_run
from app.child import Child, held
from app.settings import Settings
from conversation.account import Account
from store.accounts import Credentials


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
        "accounts": [_account(account, credentials) for account, credentials in known],
        "demo": {"url": chosen.address, "token": first.demo_token},
    }


def _account(account: Account, credentials: Credentials) -> dict[str, Any]:
    told: dict[str, Any] = {"channel": account.channel.value, "id": account.provider_id, "name": account.name}
    if credentials.secrets:
        told["app_secret"] = credentials.secrets[0]
    if credentials.token:
        told["token"] = credentials.token
    return told
