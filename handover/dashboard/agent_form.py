"""What the pages of agents send, as what an agent is made and changed with. What is not given, or null, stays."""

from __future__ import annotations

from typing import Any

import msgspec

from conversation import providers
from conversation.agent import AgentStatus, Provider
from handover.agent_bodies import AccountIds, Description, Name
from handover.dashboard.objects.agent import RENAMED

_OF_MODEL = (
    *("model_name", "base_url", "temperature", "max_tokens", "timeout"),
    *("system_prompt", "context_prompt", "use_memory", "memory_ttl"),
)


class _Facts(msgspec.Struct):
    """How far a number or a text may go is said where an agent's model is read. `is_active`: the switch of the first
    generation; `status` outranks it. `api_key`: no page has a field for it; empty, the one that is kept stays."""

    description: Description | None = None
    model_name: str | None = None
    base_url: str | None = None
    temperature: float | None = None
    max_tokens: int | None = None
    timeout: float | None = None
    system_prompt: str | None = None
    context_prompt: str | None = None
    status: AgentStatus | None = None
    is_active: bool | None = None
    use_memory: bool | None = None
    memory_ttl: int | None = None
    accounts: AccountIds | None = None
    api_key: str | None = None


class NewAgentForm(_Facts, kw_only=True):
    name: Name
    provider: Provider


class AgentForm(_Facts):
    name: Name | None = None
    provider: Provider | None = None


def status_of(form: _Facts) -> AgentStatus | None:
    """None: it stays."""
    if form.status is not None or form.is_active is None:
        return form.status
    return AgentStatus.ACTIVE if form.is_active else AgentStatus.INACTIVE


def is_switch_alone(form: _Facts) -> bool:
    """It says nothing but whether the agent may answer."""
    said = {name for name, value in msgspec.structs.asdict(form).items() if value is not None}
    return said <= {"status", "is_active"}


def model_of(form: _Facts, provider: Provider) -> dict[str, Any]:
    """What it says of the model, in our words. A provider's own address, which the form shows, is none of the agent's:
    it is asked for a key as it is where no address is given."""
    said = {name: getattr(form, name) for name in _OF_MODEL if getattr(form, name) is not None}
    if "base_url" in said:
        said["base_url"] = _address(said["base_url"], provider)
    return {RENAMED.get(name, name): value for name, value in said.items()}


def _address(given: str, provider: Provider) -> str:
    own = providers.KNOWN[provider].base_url
    return "" if given.strip().rstrip("/") == own.rstrip("/") else given.strip()
