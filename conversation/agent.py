"""The assistant of an account, with whom it thinks, and whether it may speak."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import NewType

from conversation.agent_model import AgentModel

AgentId = NewType("AgentId", str)

#: The agent that accounts without one have: never active, so that nobody speaks there but people.
NOBODY = AgentId("agt_nobody")


class AgentStatus(str, Enum):
    ACTIVE = "active"  # answers
    INACTIVE = "inactive"  # switched off: its messages are recorded, none is answered
    DRAFT = "draft"  # being prepared: as inactive


class Provider(str, Enum):
    """Who thinks. All but `rasa` and `anthropic` speak as OpenAI does, each at an address of its own."""

    RASA = "rasa"  # the trained model
    OPENAI = "openai"
    KIMI = "kimi"
    NVIDIA = "nvidia"
    OLLAMA = "ollama"
    ANTHROPIC = "anthropic"


@dataclass(frozen=True, kw_only=True)
class Agent:
    """`activation` moves with every change of status: what was said before a switch-off is never sent after it."""

    id: AgentId
    name: str
    status: AgentStatus
    activation: int
    description: str = ""
    provider: Provider = Provider.RASA
    model: AgentModel = field(default_factory=AgentModel)
    has_key: bool = False  # the provider's key is kept, encrypted; nobody is shown it
    version: int = 1  # one more at each change by people
