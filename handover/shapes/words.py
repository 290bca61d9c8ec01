"""Words of which there are only some, and instants, as they stand in an answer."""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum
from typing import Annotated

import msgspec

from conversation.account import Channel as AChannel
from conversation.account import WhilePending as APending
from conversation.agent import AgentStatus as AnAgentStatus
from conversation.agent import Provider as AProvider
from conversation.contact import AddressKind as AnAddressKind
from conversation.conversation import HandoverState, Status
from conversation.handover import Priority as APriority
from conversation.handover import RequestState as ARequestState
from conversation.handover import Toucher as AToucher
from conversation.mail import MailKind as AMailKind
from conversation.message import Author as AnAuthor
from conversation.message import Direction as ADirection
from conversation.message import MessageStatus as AMessageStatus
from conversation.people import Assignment as AnAssignment
from conversation.people import Presence as APresence
from conversation.people import Role as ARole
from conversation.sync import SyncKind as ASyncKind
from conversation.sync import SyncState as ASyncState
from store.media import FileState as AFileState


def some(kind: Iterable[Enum]) -> msgspec.Meta:
    """One of the words of an enumeration."""
    return msgspec.Meta(extra_json_schema={"enum": [each.value for each in kind]})


#: With its offset from UTC: 2026-11-23T12:00:00.000+00:00.
Instant = Annotated[str, msgspec.Meta(extra_json_schema={"format": "date-time"})]

AddressKind = Annotated[str, some(AnAddressKind)]
AgentStatus = Annotated[str, some(AnAgentStatus)]
Provider = Annotated[str, some(AProvider)]
Assignment = Annotated[str, some(AnAssignment)]
Author = Annotated[str, some(AnAuthor)]
Channel = Annotated[str, some(AChannel)]
Direction = Annotated[str, some(ADirection)]
FileState = Annotated[str, some(AFileState)]
MailKind = Annotated[str, some(AMailKind)]
MessageStatus = Annotated[str, some(AMessageStatus)]
Presence = Annotated[str, some(APresence)]
Priority = Annotated[str, some(APriority)]
RequestState = Annotated[str, some(ARequestState)]
Role = Annotated[str, some(ARole)]
State = Annotated[str, some(HandoverState)]
Standing = Annotated[str, some(Status)]
SyncKind = Annotated[str, some(ASyncKind)]
SyncState = Annotated[str, some(ASyncState)]
Toucher = Annotated[str, some(AToucher)]
WhilePending = Annotated[str, some(APending)]
