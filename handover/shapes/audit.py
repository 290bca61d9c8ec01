"""What the audit log looks like."""

from __future__ import annotations

from typing import Any, TypedDict


class AuditEntry(TypedDict):
    """`facts`: ids and codes. `fingerprint`: of what was written, under the salt of the contact `salt_of`; null:
    nothing was. `hash` is over all of it and `previous`, the hash of the entry before."""

    id: int
    at: str
    by: str
    action: str
    facts: dict[str, Any]
    fingerprint: str | None
    salt_of: str | None
    previous: str
    hash: str


class AuditVerified(TypedDict):
    """`head`: the last entry's hash. Keep it elsewhere: a log that was cut off at its end still follows from its
    beginning. `broken_at`: the first entry that does not follow from the one before it; null: all do."""

    entries: int
    head: str
    broken_at: int | None
