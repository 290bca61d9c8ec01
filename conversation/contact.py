"""The customer on an account, and the ids a channel knows them by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Any, NewType

ContactId = NewType("ContactId", str)


class AddressKind(str, Enum):
    PHONE = "phone"  # digits with country code, no plus
    BSUID = "bsuid"  # WhatsApp's business-scoped user id (2026)
    PSID = "psid"  # Messenger's page-scoped id
    IGSID = "igsid"  # Instagram's scoped id
    USER_REF = "user_ref"  # Messenger's for somebody who wrote through a plugin and is not known yet
    GROUP = "group"  # a group on WhatsApp: all that is written in it is one conversation
    USER = "user"  # any other channel's id of a person


@dataclass(frozen=True, kw_only=True)
class Address:
    kind: AddressKind
    value: str


@dataclass(frozen=True, kw_only=True)
class Contact:
    id: ContactId
    name: str | None
    addresses: tuple[Address, ...]
    username: str | None = None
    profile: Mapping[str, Any] = field(default_factory=dict)  # what else the channel tells of them
    picture_id: int | None = None  # of a stored file
    account_id: str | None = None
    given_name: str | None = None  # what operators call them
    notice_at: datetime | None = None  # when they were told that they talk with an assistant, and what is kept
    created_at: datetime | None = None
    opted_out_at: datetime | None = None  # they want nothing that they did not ask for
    opted_out_by: str | None = None  # what said so: words, preference, refusal, operator
    version: int = 1  # one more at each change by people
