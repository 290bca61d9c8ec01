"""Whom an agent may think with: where each is asked, whether it wants a key, and whose way of speaking it has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from conversation.agent import Provider

Style = Literal["rasa", "openai", "anthropic"]


@dataclass(frozen=True, kw_only=True)
class Known:
    """`base_url`: its own address. `model_name`: one of its models, to begin with; which there are changes often."""

    base_url: str
    needs_key: bool
    style: Style
    model_name: str


KNOWN: Mapping[Provider, Known] = MappingProxyType(
    {
        Provider.RASA: Known(base_url="", needs_key=False, style="rasa", model_name=""),
        Provider.OPENAI: Known(
            base_url="https://api.openai.com/v1", needs_key=True, style="openai", model_name="gpt-4o-mini"
        ),
        Provider.KIMI: Known(
            base_url="https://api.moonshot.ai/v1", needs_key=True, style="openai", model_name="kimi-k2-0905-preview"
        ),
        Provider.NVIDIA: Known(
            base_url="https://integrate.api.nvidia.com/v1",
            needs_key=True,
            style="openai",
            model_name="meta/llama-3.3-70b-instruct",
        ),
        Provider.OLLAMA: Known(
            base_url="http://127.0.0.1:11434/v1", needs_key=False, style="openai", model_name="llama3.2"
        ),
        Provider.ANTHROPIC: Known(
            base_url="https://api.anthropic.com", needs_key=True, style="anthropic", model_name="claude-haiku-4-5"
        ),
    }
)


def base_url(provider: Provider, given: str) -> str:
    """Where it is asked: the address that is given, else its own."""
    return given or KNOWN[provider].base_url
