"""Everything that is known of a contact in one file: what the tables hold as JSON, and their files beside it."""

from __future__ import annotations

import os
import re
import zipfile
from pathlib import Path
from typing import Any

import msgspec

from runtime.media_files import MediaFolder

FACTS = "contact.json"


def as_json(facts: Any) -> bytes:
    return msgspec.json.format(msgspec.json.encode(facts), indent=2)


def write(path: Path, facts: dict[str, Any], folder: MediaFolder) -> int:
    """A zip that only we can read; how many files of theirs are in it."""
    count = 0
    opened = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with open(opened, "wb") as file, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr(FACTS, as_json(facts))
        for each in facts["media"]:
            stored = folder.path_of(each["sha256"]) if each.get("sha256") else None
            if stored is not None and stored.exists():
                packed.write(stored, f"media/{each['id']}-{_safe(each['name'] or each['kind'])}")
                count += 1
    return count


def _safe(name: str) -> str:
    """What it is called, as a name in any folder."""
    return re.sub(r"[^\w.-]+", "_", name)[-80:].lstrip(".") or "file"
