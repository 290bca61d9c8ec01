"""The bot persona of an account, and whether it may speak."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import NewType

AgentId = NewType("AgentId", str)


class AgentStatus(str, Enum):
    ACTIVE = "active"  # answers
    INACTIVE = "inactive"  # switched off: its messages are recorded, none is answered
    DRAFT = "draft"  # being prepared: as inactive


@dataclass(frozen=True, kw_only=True)
class Agent:
    """`activation` moves with every change of status: what was said before a switch-off is never sent after it."""

    id: AgentId
    name: str
    status: AgentStatus
    activation: int
    version: int = 1  # one more at each change by people
