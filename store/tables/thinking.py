"""What agents that think with an LLM have cost, and what operators try out on an agent."""

from __future__ import annotations

import sqlalchemy as sa

from store.tables.columns import Id, Instant, Words, metadata, serial

#: One row a request to a provider, also of those whose answer came to nothing: they cost all the same.
llm_calls = sa.Table(
    "llm_calls",
    metadata,
    serial(),
    sa.Column("agent_id", Id, nullable=False),
    sa.Column("conversation_id", Id, index=True),  # None: an operator tried it out
    sa.Column("model", Words(200), nullable=False),
    sa.Column("outcome", sa.String(20), nullable=False),  # answered, or what went wrong
    sa.Column("tokens_in", sa.Integer, nullable=False, server_default="0"),
    sa.Column("tokens_out", sa.Integer, nullable=False, server_default="0"),
    sa.Column("cost", sa.BigInteger, nullable=False, server_default="0"),  # millionths of a US dollar
    sa.Column("ms", sa.Integer, nullable=False),
    sa.Column("at", Instant, nullable=False),
    sqlite_autoincrement=True,
)
sa.Index("llm_calls_of_agent", llm_calls.c.agent_id, llm_calls.c.at)

#: A message that an operator tries on an agent: a worker answers it, and nothing of it reaches a customer.
trials = sa.Table(
    "trials",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("agent_id", Id, nullable=False),
    sa.Column("session", sa.String(80), nullable=False),  # what is tried under the same one is one talk
    sa.Column("operator", sa.String(120), nullable=False),
    sa.Column("text", Words, nullable=False),
    sa.Column("state", sa.String(16), nullable=False),  # new, taken, done
    sa.Column("answer", sa.JSON),
    sa.Column("created_at", Instant, nullable=False, index=True),
)
