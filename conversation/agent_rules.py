"""What an agent needs before it can think, and which addresses it may be given to think at."""

from __future__ import annotations

from collections.abc import Collection
from urllib.parse import SplitResult, urlsplit

from conversation.agent import Agent, AgentStatus, Provider
from conversation.errors import BadInput
from conversation.providers import KNOWN, base_url
from conversation.said import say

_LONGEST_KEY = 500
_PORTS = {"http": 80, "https": 443}


def check(agent: Agent, local: Collection[str] | None) -> None:
    """Refuses an address that nobody may be asked at, and an active agent that could not think.

    One that is not active may still lack what it needs. `local`: the hosts, with their ports, that may be asked over
    plain HTTP; None: whoever asks does not know.
    """
    if agent.provider is Provider.RASA:
        return
    _check_address(agent.model.base_url, local)
    if agent.status is AgentStatus.ACTIVE:
        _check_it_can_think(agent, local)


def check_key(key: str) -> None:
    if len(key) > _LONGEST_KEY or not (key.isascii() and key.isprintable()) or " " in key:
        raise BadInput(say("A key is at most {most} printable characters without spaces.", most=_LONGEST_KEY))


def check_no_key_is_needed(agent: Agent) -> None:
    """Of an agent whose key was given for another address: it is not sent to this one, and whoever can't read it does
    not come to it that way."""
    if agent.provider is not Provider.RASA:
        told = say('The key that is kept was given for another address: give `api_key` again, or "" for none.')
        raise BadInput(told)


def same_address(one: Agent, other: Agent) -> bool:
    """Whether both are asked at one place: a key that was given for it is sent to no other."""
    return one.provider is other.provider and _address(one) == _address(other)


def _check_it_can_think(agent: Agent, local: Collection[str] | None) -> None:
    known, facts = KNOWN[agent.provider], {"agent": agent.name, "provider": agent.provider.value}
    if not agent.model.model_name.strip():
        raise BadInput(say("{agent} can't be active: it thinks with {provider}, and has no `model_name`.", **facts))
    if known.needs_key and not agent.has_key and _address(agent) == known.base_url:
        raise BadInput(say("{agent} can't be active: {provider} wants a key, and it has no `api_key`.", **facts))
    _check_address(_address(agent), local)


def _check_address(address: str, local: Collection[str] | None) -> None:
    if not address:
        return
    parts = _split(address)
    if parts is None:
        raise BadInput(
            say(
                "`base_url` is an address that begins with https://, without a user, a password, a query or a"
                " fragment in it."
            )
        )
    where = _host_and_port(parts)
    if parts.scheme == "http" and local is not None and where not in local:
        raise BadInput(
            say("{where} would be asked over plain HTTP: that takes an entry in BATON_LLM_LOCAL.", where=where)
        )


def _split(address: str) -> SplitResult | None:
    """None: it is none that may be given."""
    if not (address.isascii() and address.isprintable()) or any(sign in address for sign in " ?#@\\"):
        return None
    try:
        parts = urlsplit(address)
        parts.port  # noqa: B018 - it is read only where it is asked for
    except ValueError:
        return None
    return parts if parts.scheme in _PORTS and parts.hostname else None


def _host_and_port(parts: SplitResult) -> str:
    host = (parts.hostname or "").lower()
    return f"{f'[{host}]' if ':' in host else host}:{parts.port or _PORTS[parts.scheme]}"


def _address(agent: Agent) -> str:
    return base_url(agent.provider, agent.model.base_url).rstrip("/")
