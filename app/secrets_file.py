"""`$BATON_HOME/secrets.json`, mode 0600: what a first run makes for itself, and the keys that `keys rotate` adds."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from app import whole_file
from store.vault import new_key

NAME = "secrets.json"


@dataclass(frozen=True, kw_only=True)
class Key:
    value: str
    made_at: datetime | None  # None: by a version that did not write it down


@dataclass(frozen=True, kw_only=True)
class Kept:
    """The first key seals. The others are kept for as long as something may be sealed with them."""

    keys: tuple[Key, ...]
    app_secret: str
    verify_token: str

    @property
    def key_values(self) -> tuple[str, ...]:
        return tuple(key.value for key in self.keys)

    def with_keys(self, keys: Sequence[Key]) -> Kept:
        return replace(self, keys=tuple(keys))


def fresh_key() -> Key:
    return Key(value=new_key(), made_at=datetime.now(timezone.utc))


def make_once(home: Path) -> None:
    """Makes the file where there is none; of two at once the first one's stays."""
    path = home / NAME
    if path.exists():
        return
    made = Kept(keys=(fresh_key(),), app_secret=secrets.token_hex(16), verify_token=secrets.token_hex(16))
    draft = whole_file.draft(path, dumps(made))
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()


def read(home: Path) -> Kept:
    """Raises ValueError, LookupError or TypeError where it is not what was written."""
    return loads((home / NAME).read_text())


def write(home: Path, kept: Kept) -> None:
    """In place of what is there, whole or not at all."""
    whole_file.write(home / NAME, dumps(kept))


def loads(text: str) -> Kept:
    told: dict[str, Any] = json.loads(text)
    newest = Key(value=str(told["key"]), made_at=_moment(told.get("key_made_at")))
    older = [Key(value=str(each["key"]), made_at=_moment(each["made_at"])) for each in told.get("older_keys", [])]
    return Kept(keys=(newest, *older), app_secret=str(told["app_secret"]), verify_token=str(told["verify_token"]))


def dumps(kept: Kept) -> str:
    newest, *older = kept.keys
    told: dict[str, Any] = {"key": newest.value, "key_made_at": _written(newest.made_at)}
    if older:
        told["older_keys"] = [{"key": key.value, "made_at": _written(key.made_at)} for key in older]
    return json.dumps({**told, "app_secret": kept.app_secret, "verify_token": kept.verify_token})


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _written(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
