"""Ids that tell nothing: no phone number, no date, no count."""

from __future__ import annotations

import secrets

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"  # no i, l, o, u: read aloud without doubt


def new_id(prefix: str, length: int = 20) -> str:
    """`prefix` and 100 random bits by default."""
    return prefix + "_" + "".join(secrets.choice(_ALPHABET) for _ in range(length))
