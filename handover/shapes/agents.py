"""What agents came to, and what they say when somebody tries them."""

from __future__ import annotations

from typing import TypedDict

from conversation.providers import Style


class AgentStatistics(TypedDict):
    """Of the last `days`, on your accounts that have it now. `conversations`: in which customers wrote `messages`, of
    which the assistant was to answer `answered`. `average_response_ms`: from the last that a customer wrote to the
    first that the assistant said; null: it said nothing. `active_sessions`: in which a customer wrote within the last
    hour. `tokens_in`, `tokens_out`, `cost_usd`: what language models had of it, with what was tried out, where you see
    all accounts. `failures`: how often each reason why a language model had no answer."""

    days: int
    conversations: int
    messages: int
    answered: int
    average_response_ms: int | None
    active_sessions: int
    tokens_in: int
    tokens_out: int
    cost_usd: float
    failures: dict[str, int]


class Processed(TypedDict):
    """`texts`: what a customer would be sent; `response`: the same in one. `session_id`: what is tried under it next
    goes on from here. `tokens_used` null: no language model was asked. `by`: `rasa`, or the model's name."""

    texts: list[str]
    response: str
    session_id: str
    tokens_used: int | None
    response_time_ms: int
    by: str


class ProviderFacts(TypedDict):
    """`base_url`: its own address, asked where an agent has none. `model_name`: one to begin with. `api_style`: whose
    way of speaking it has."""

    base_url: str
    needs_key: bool
    api_style: Style
    model_name: str
