"""Small files of every kind, as they begin, and what tests of media are made with."""

from __future__ import annotations

import base64
from typing import Any

from runtime import media_types
from runtime.abilities import FileSource
from runtime.fetcher import FetchFailed
from runtime.media_files import Draft, MediaFolder, Written
from store import media
from store.media import File
from tests.house import START

#: One pixel.
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
PAGE = b"<!doctype html><script>alert(1)</script>"


def written(folder: MediaFolder, content: bytes) -> Written:
    """Kept in the folder, as after an upload."""
    with folder.draft() as draft:
        draft.write(content)
        done = draft.finish()
        folder.keep(done)
    return done


def upload(tx: Any, folder: MediaFolder, account_id: str, content: bytes, *, name: str | None = None) -> File:
    """A file that an operator has put here."""
    done = written(folder, content)
    type = media_types.of_content(done.head)
    return media.uploaded(
        tx,
        account_id,
        kind=media_types.kind_of(type),
        type=type,
        size=done.size,
        sha256=done.sha256,
        name=name,
        by="ana",
        now=START,
        keep=lambda: None,
    )


class ScriptedFetcher:
    """Satisfies `runtime.fetcher.Fetcher`: gives what is at an address, or fails as told."""

    def __init__(self) -> None:
        self.at: dict[str, bytes | FetchFailed] = {}
        self.asked: list[tuple[str, int, str | None]] = []

    async def fetch(self, source: FileSource, draft: Draft, *, limit: int, local: str | None = None) -> None:
        self.asked.append((source.url, limit, local))
        found = self.at[source.url]
        if isinstance(found, FetchFailed):
            raise found
        draft.write(found)
