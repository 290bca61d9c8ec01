"""What agents are made and changed with."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec

from conversation.agent import AgentStatus, Provider
from handover.account_bodies import Version

Name = Annotated[str, msgspec.Meta(min_length=1, max_length=120)]
Description = Annotated[str, msgspec.Meta(max_length=400)]
#: As `Agent.model`; what can't be read is refused with words by `conversation/agent_model.py`.
Model = dict[str, Any]
AccountIds = Annotated[list[str], msgspec.Meta(max_length=500)]


class NewAgentBody(msgspec.Struct):
    """`api_key`: of its provider. `accounts`: the ids of those that have it from now on."""

    name: Name
    status: AgentStatus = AgentStatus.DRAFT
    description: Description = ""
    provider: Provider = Provider.RASA
    model: Model = {}
    api_key: str | None = None
    accounts: AccountIds = []


class AgentBody(msgspec.Struct):
    """What is not given stays, within `model` too; null in it is the default. `api_key`: "" takes it away. `accounts`:
    all of yours that have it from now on. `version`: the one that was read; refused where somebody else has changed it
    since."""

    status: AgentStatus | None = None
    name: Name | None = None
    description: Description | None = None
    provider: Provider | None = None
    model: Model | None = None
    api_key: str | None = None
    accounts: AccountIds | None = None
    version: Version | None = None


class TrialBody(msgspec.Struct):
    """`session_id`: of an answer before, to go on from there; without it, from the beginning."""

    message: Annotated[str, msgspec.Meta(min_length=1, max_length=4_000)]
    session_id: Annotated[str, msgspec.Meta(max_length=80)] | None = None


class StatisticsOfAgentQuery(msgspec.Struct):
    """`days`: how many, up to now."""

    days: Annotated[int, msgspec.Meta(ge=1, le=366)] = 30
