"""The customer on an account, and the ids a channel knows them by."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import NewType

ContactId = NewType("ContactId", str)


class AddressKind(str, Enum):
    PHONE = "phone"  # digits with country code, no plus
    BSUID = "bsuid"  # WhatsApp's business-scoped user id (2026)
    PSID = "psid"  # Messenger's page-scoped id
    IGSID = "igsid"  # Instagram's scoped id


@dataclass(frozen=True, kw_only=True)
class Address:
    kind: AddressKind
    value: str


@dataclass(frozen=True, kw_only=True)
class Contact:
    id: ContactId
    name: str | None
    addresses: tuple[Address, ...]
