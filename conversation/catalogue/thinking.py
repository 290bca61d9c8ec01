"""Agents that think with an LLM."""

from __future__ import annotations

PORTUGUESE: dict[str, str] = {
    "An agent's model has no {unknown}. There are: {names}.": "O modelo de um agente não tem {unknown}. Existem: {names}.",
    "The agent's model does not fit: {why}.": "O modelo do agente não serve: {why}.",
}
