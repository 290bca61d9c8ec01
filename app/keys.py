"""Exchanging the key that tokens and app secrets are encrypted with, under a running Baton.

The new key is on disk before anything is sealed with it, and the old one until nothing is: whatever step a crash
falls on, every value can be opened, and the next rotation finishes the work.
"""

from __future__ import annotations

import contextlib
import fcntl
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.engine import Connection

from app import secrets_file
from app.secrets_file import Key
from app.settings import Settings
from conversation.errors import BadInput
from store import accounts, agent_keys, alert_rules, media
from store.database import Database
from store.vault import Vault

HOW_TO_CHANGE_A_GIVEN_KEY = """\
The key is given by BATON_KEY, which only you can change. Without losing anything:
  1. make a new one:  openssl rand -base64 32 | tr +/ -_
  2. start everything with BATON_KEY=new,old (the new one seals, both open)
  3. with the same BATON_KEY, run  ./baton keys rotate
  4. start everything with BATON_KEY=new"""


@dataclass(frozen=True, kw_only=True)
class Rotated:
    values: int  # tokens, secrets, agents' keys, targets of alerts and addresses of files that were sealed anew
    keys_left: int  # 1: the old ones are gone


@dataclass(frozen=True, kw_only=True)
class KeyLine:
    """What may be told of a key. The key itself may not."""

    made_at: datetime | None
    sealed: int
    seals: bool


async def rotate(db: Database, chosen: Settings) -> Rotated:
    if not chosen.keys_are_given:
        with alone(chosen):
            return await _rotate_ours(db, chosen)
    if len(chosen.keys) == 1:
        raise BadInput(HOW_TO_CHANGE_A_GIVEN_KEY)
    values = await db.write(_reseal, Vault(*chosen.keys))
    return Rotated(values=values, keys_left=len(chosen.keys))


async def _rotate_ours(db: Database, chosen: Settings) -> Rotated:
    before = secrets_file.read(chosen.home)
    both = before.with_keys([secrets_file.fresh_key(), *before.keys])
    secrets_file.write(chosen.home, both)
    values = await db.write(_reseal, Vault(*both.key_values))
    used = await db.read(sealed_with, Vault(*both.key_values))
    left = _still_needed(both.keys, [key for key in used if key])
    secrets_file.write(chosen.home, both.with_keys(left))
    return Rotated(values=values, keys_left=len(left))


def _reseal(tx: Connection, vault: Vault) -> int:
    """All that is sealed: whoever comes to seal something else adds it here."""
    return sum(each.reseal(tx, vault) for each in (accounts, agent_keys, alert_rules, media))


def sealed_with(tx: Connection, vault: Vault) -> Counter[str | None]:
    """How many values each key has sealed; under None those that no key here opens."""
    parts = (each.sealed_with(tx, vault) for each in (accounts, agent_keys, alert_rules, media))
    return sum(parts, Counter())


def _still_needed(keys: Sequence[Key], used: Sequence[str]) -> list[Key]:
    newest, *older = keys
    return [newest, *(key for key in older if key.value in used)]


async def listed(db: Database, chosen: Settings) -> list[KeyLine]:
    if chosen.keys_are_given:
        keys = [Key(value=value, made_at=None) for value in chosen.keys]
    else:
        keys = list(secrets_file.read(chosen.home).keys)
    used = await db.read(sealed_with, Vault(*(key.value for key in keys)))
    return [KeyLine(made_at=key.made_at, sealed=used[key.value], seals=number == 0) for number, key in enumerate(keys)]


@contextlib.contextmanager
def alone(chosen: Settings) -> Iterator[None]:
    """Two rotations at once: the second waits, and rotates again."""
    with open(chosen.home / "keys.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
