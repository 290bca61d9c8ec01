"""The media folder: one file for each content, named by its sha256, readable by us alone, never changed afterwards.

`media/ab/abcd…`: the bytes. `media/drafts/`: what is still being written.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_LONG_AGO_S = 24 * 3600


@dataclass(frozen=True, kw_only=True)
class Written:
    """A draft that is whole. `head`: how it begins, for its type to be told by."""

    path: Path
    size: int
    sha256: str
    head: bytes


class Draft:
    """A file that is being written; what it is, is known once it is whole."""

    HEAD = 16_384

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file = open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")  # noqa: SIM115
        self._hash = hashlib.sha256()
        self._head = b""
        self.size = 0

    def write(self, chunk: bytes) -> None:
        self._file.write(chunk)
        self._hash.update(chunk)
        self._head += chunk[: self.HEAD - len(self._head)]
        self.size += len(chunk)

    def digest(self) -> bytes:
        """The sha256 of what was written so far."""
        return self._hash.digest()

    def finish(self) -> Written:
        """On the disk, also if the power fails now."""
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        return Written(path=self.path, size=self.size, sha256=self._hash.hexdigest(), head=self._head)

    def drop(self) -> None:
        """Nothing is left of it under this name."""
        self._file.close()
        self.path.unlink(missing_ok=True)


class MediaFolder:
    """`limit`: how many bytes a file may have at most."""

    def __init__(self, folder: Path, *, max_mb: int) -> None:
        self.limit = max_mb * 1_000_000
        self._folder, self._drafts = folder, folder / "drafts"

    @contextlib.contextmanager
    def draft(self) -> Iterator[Draft]:
        """Gone afterwards, unless it was kept."""
        for folder in (self._folder, self._drafts):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = Draft(self._drafts / secrets.token_hex(8))
        try:
            yield draft
        finally:
            draft.drop()

    def keep(self, written: Written) -> None:
        """In its place, whole; what is there already has the same bytes. May be done again."""
        place = self.path_of(written.sha256)
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not place.exists():
            aside = place.with_name(f".{secrets.token_hex(8)}")
            _name_again(written.path, aside)  # the draft stays, for a transaction that has to be run again
            os.replace(aside, place)
            _sync(place.parent)

    def path_of(self, sha256: str) -> Path:
        return self._folder / sha256[:2] / sha256

    def forget(self, sha256: str) -> None:
        self.path_of(sha256).unlink(missing_ok=True)

    def clear_leftovers(self) -> None:
        """Drafts of a process that ended in the middle."""
        with contextlib.suppress(FileNotFoundError):
            for draft in self._drafts.iterdir():
                if time.time() - draft.stat().st_mtime > _LONG_AGO_S:
                    draft.unlink(missing_ok=True)


def _name_again(path: Path, to: Path) -> None:
    try:
        os.link(path, to)
    except OSError:  # a file system without second names
        shutil.copy2(path, to)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
