"""Small files of ours are there whole or not at all, for this user's eyes only, also after a power cut."""

from __future__ import annotations

import os
import secrets
from pathlib import Path


def write(path: Path, text: str) -> None:
    """In place of what is there."""
    os.replace(draft(path, text), path)
    sync_folder(path.parent)


def draft(path: Path, text: str) -> Path:
    """The same beside it, under a name of its own, for the caller to put into its place."""
    made = path.with_suffix(f".{secrets.token_hex(4)}")
    with open(os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    return made


def sync_folder(folder: Path) -> None:
    """Makes a new name durable: without it a power cut may bring the old file back."""
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
