"""Our side of a channel: one number, Page or Instagram account."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Any, NewType

from conversation.account_limits import AccountLimits
from conversation.agent import AgentId
from conversation.channel_settings import ChannelSettings
from conversation.handover_settings import HandoverSettings
from conversation.platform_facts import PlatformFacts
from conversation.privacy_settings import PrivacySettings

AccountId = NewType("AccountId", str)


class Channel(str, Enum):
    WHATSAPP = "whatsapp"
    INSTAGRAM = "instagram"
    MESSENGER = "messenger"


class WhilePending(str, Enum):
    """What happens between the wish for a person and the person."""

    ASSISTANT = "assistant"  # the assistant goes on
    SILENT = "silent"  # nobody answers until a person does


@dataclass(frozen=True, kw_only=True)
class Account:
    """`provider_id` is the id as it stands in the webhook: phone number id, Page id, Instagram account id.

    `activation` moves whenever `active`, `auto_response` or the agent changes, for the reason an agent's does.
    """

    id: AccountId
    channel: Channel
    provider_id: str
    name: str
    agent_id: AgentId
    active: bool = True  # off: the account is out of use; inbound is recorded
    auto_response: bool = True  # off: people answer, the assistant does not
    activation: int = 0
    emulated: bool = False  # for life: an emulated account never reaches Meta, a real one never the emulator
    max_bot_messages_per_hour: int = 200  # to one contact; two bots must not talk to each other for money
    while_pending: WhilePending = WhilePending.ASSISTANT
    resend_unknown: bool = True  # a message that by all we know never arrived is sent once more; see deliver.py
    handover: HandoverSettings = field(default_factory=HandoverSettings)
    channel_settings: ChannelSettings = field(default_factory=ChannelSettings)
    limits: AccountLimits = field(default_factory=AccountLimits)
    privacy: PrivacySettings = field(default_factory=PrivacySettings)
    shop: Mapping[str, Any] = field(default_factory=dict)  # facts the assistant's answers are made of
    meta: PlatformFacts = field(default_factory=PlatformFacts)  # what the platform says of it
    fault: str | None = None  # why nothing can be sent until somebody mends it
    token_expires_at: datetime | None = None
    paused_until: datetime | None = None  # Meta takes no more of this account until then
    version: int = 1  # one more at each change by people
    created_at: datetime | None = None  # None: not in the store yet
    removed_at: datetime | None = None  # out of use for good, and in no list; what was said on it is kept
