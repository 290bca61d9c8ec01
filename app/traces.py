"""Looks for words wherever this installation keeps any: the tables, and every file of the state folder."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from app import whole_file
from app.settings import Settings
from app.wiring import House
from conversation.errors import BadInput
from conversation.spelling import SHORTEST
from runtime import tracing as in_files
from store import erasing, scrubbing, tracing
from store.tracing import Sought

#: Copies of the database that are made here, beside it: before a migration, before a backup was brought back.
_COPIES = ("*.before-*", "before-restore-*")

_read = msgspec.json.Decoder(Sought).decode


@dataclass(frozen=True, kw_only=True)
class Traces:
    """`tables`, `files`: how many, by where. `kept`: ids in the audit log, where they are to stay. `unread`: packed
    files."""

    tables: dict[str, int]
    files: dict[str, int]
    kept: dict[str, int]
    unread: list[str]

    @property
    def total(self) -> int:
        return sum(self.tables.values()) + sum(self.files.values())


async def sought(house: House, words: Sequence[str]) -> Sought:
    """A word that is a contact stands for all that is known of them; any other for itself."""
    ids: list[str] = []
    found: list[str] = []
    for word in words:
        contacts = await house.db.read(erasing.contact_named, word)
        if not contacts and len(word) < SHORTEST:
            raise BadInput(f"{word!r} is too short to be looked for: at least {SHORTEST} characters.")
        found += [] if contacts else [word]
        for contact in contacts:
            known = await house.db.read(tracing.known_of, contact)
            ids, found = [*ids, *known.ids], [*found, *known.words]
    return Sought(ids=tuple(dict.fromkeys(ids)), words=tuple(dict.fromkeys(found)))


async def search(house: House, wanted: Sought) -> Traces:
    tables = await house.db.read(tracing.search, wanted)
    database = scrubbing.file_of(house.db)
    chosen = house.settings
    folders = [chosen.home, chosen.media, *([database.parent] if database else [])]
    outermost = [each for each in folders if not any(other in each.parents for other in folders)]
    files = await asyncio.to_thread(in_files.search, [each for each in outermost if each.is_dir()], database, wanted)
    return Traces(
        tables=dict(tables.found), files=dict(files.found), kept=dict(tables.kept), unread=sorted(files.unread)
    )


def save(path: Path, wanted: Sought, chosen: Settings) -> None:
    """For a search after the erasure, when nothing here knows any more what to look for."""
    if chosen.home in path.parents or chosen.media in path.parents:
        raise BadInput("What is looked for must not be kept in the state folder: it would be found there.")
    whole_file.write(path, msgspec.json.encode({"ids": wanted.ids, "words": wanted.words}).decode())


def load(path: Path) -> Sought:
    try:
        return _read(path.read_bytes())
    except OSError as error:
        raise BadInput(f"{path} can't be read: {error.strerror}.") from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise BadInput(f"{path} was not written by `./baton contact traces --save`.") from error


def remove_copies(house: House) -> list[Path]:
    """Copies of the database beside it; which."""
    database = scrubbing.file_of(house.db)
    folders = dict.fromkeys([house.settings.home, *([database.parent] if database else [])])
    found = [path for folder in folders for pattern in _COPIES for path in sorted(folder.glob(pattern))]
    for path in found:
        shutil.rmtree(path) if path.is_dir() else os.unlink(path)
    return found
