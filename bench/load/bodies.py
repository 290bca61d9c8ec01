"""Thousands of signed webhooks, made from one of the emulator's: for load that asks for no answers."""

from __future__ import annotations

import base64
import json
import random
from collections.abc import Sequence

from bench.harness.clients import Emulator
from bench.load.customers import signature_of
from bench.load.posting import Webhook

_PHONE, _TEXT = "5511900000001", "message #0"


async def many(
    emulator: Emulator, account: str, secret: str, *, count: int, customers: int, seed: int
) -> list[Webhook]:
    """`count` messages, each of one of `customers` people, by chance."""
    said = await emulator.say(account, _PHONE, _TEXT, deliver=False)
    user = json.loads(said["body"])["entry"][0]["changes"][0]["value"]["contacts"][0]["user_id"]
    dice = random.Random(seed)
    made = []
    for n in range(count):
        who, key = dice.randrange(customers), f"{seed}{n:07d}"
        provider_id = f"wamid.{base64.b64encode(dice.randbytes(30)).decode()}"
        phone = f"5511{who:09d}"
        body = said["body"].replace(said["id"], provider_id).replace(_PHONE, phone)
        body = body.replace(user, f"BR.{1557000000000000 + who}").replace(_TEXT, f"message #{key}")
        made.append(
            Webhook(
                id=provider_id,
                customer=phone,
                key=key,
                body=body,
                headers={"X-Hub-Signature-256": f"sha256={signature_of(secret, body)}"},
            )
        )
    return made


def with_repetitions(webhooks: Sequence[Webhook], *, share: float, seed: int) -> list[Webhook]:
    """The same, with some bodies a second time later on, as Meta does it."""
    dice = random.Random(seed)
    mixed = list(webhooks)
    for n in sorted(dice.sample(range(len(webhooks)), int(share * len(webhooks))), reverse=True):
        mixed.insert(min(len(mixed), n + dice.randrange(1, 50)), webhooks[n])
    return mixed
