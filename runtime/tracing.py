"""Where words stand in the files of the state folder: the database's own, copies of it, media, logs, all there are."""

from __future__ import annotations

import mmap
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from store.tracing import Sought

#: Models and what they are trained from; nothing of customers goes there by itself.
_NOT_OURS_TO_READ = frozenset({"models", "cache"})
_PACKED = frozenset({".gz", ".tgz", ".zip", ".xz", ".zst", ".bz2"})


@dataclass(kw_only=True)
class InFiles:
    """How often, by file. `unread`: packed files, which can't be looked into."""

    found: Counter[str] = field(default_factory=Counter)
    unread: list[str] = field(default_factory=list)


def search(folders: Iterable[Path], database: Path | None, sought: Sought) -> InFiles:
    """Every file below the folders. A copy of the database is one whose name begins as the database's does: in these
    our ids stand by purpose, in its audit log, and only the words are looked for."""
    seen = InFiles()
    for folder in dict.fromkeys(folders):
        for path in sorted(folder.rglob("*")):
            inside = path.relative_to(folder).parts
            if path.is_symlink() or not path.is_file() or inside[0] in _NOT_OURS_TO_READ:
                continue
            if path.suffix in _PACKED:
                seen.unread.append(str(path))
                continue
            is_database = database is not None and path.name.startswith(database.name)
            _search_file(path, sought.spelt(ids=not is_database), seen)
    return seen


def _search_file(path: Path, words: list[str], seen: InFiles) -> None:
    with path.open("rb") as file:
        if path.stat().st_size == 0:
            return
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
            times = sum(_times(content, word.encode()) for word in words)
    if times or any(word in path.name for word in words):
        seen.found[str(path)] += max(times, 1)


def _times(content: mmap.mmap, word: bytes) -> int:
    times, at = 0, content.find(word)
    while at >= 0:
        times, at = times + 1, content.find(word, at + len(word))
    return times
