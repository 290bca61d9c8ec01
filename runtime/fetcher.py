"""Who fetches files from the internet for us, to a draft on the disk; see `connectors/fetching.py`."""

from __future__ import annotations

from typing import Protocol

from conversation.errors import BatonError
from runtime.abilities import FileSource
from runtime.media_files import Draft


class FetchFailed(BatonError):
    """A file was not fetched. The message may be shown, and names no address.

    `retryable`: the same may succeed later. `gone`: it is not at this address any more.
    """

    code = "fetch_failed"

    def __init__(self, message: str, *, retryable: bool = False, gone: bool = False) -> None:
        super().__init__(message)
        self.retryable, self.gone = retryable, gone


class Fetcher(Protocol):
    async def fetch(self, source: FileSource, draft: Draft, *, limit: int, local: str | None = None) -> None:
        """Writes the file, of at most `limit` bytes, or raises `FetchFailed`.

        `local`: the one address on this machine that may be asked too: the emulator's, for accounts of its.
        """
        ...
