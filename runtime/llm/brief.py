"""What is known of a talk that an agent's language model is asked about, beside its words; as values."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.engine import Connection

from conversation.account import AccountId
from conversation.agent import Agent, AgentId
from conversation.conversation import ConversationId
from conversation.words import language_of
from store import accounts, agents, conversations


@dataclass(frozen=True, kw_only=True)
class Stand:
    """The numbers under which the assistant may speak, as they were when the turn began."""

    conversation_id: ConversationId
    ownership: int
    account_id: AccountId
    account_activation: int
    agent_id: AgentId
    agent_activation: int


@dataclass(frozen=True, kw_only=True)
class Brief:
    """`names`: what the contact is called, anywhere. `stand`: None where an operator only tries the agent out."""

    agent: Agent
    stand: Stand | None = None
    names: tuple[str, ...] = field(default=(), repr=False)
    sees_contact: bool = False  # the account lets the model know whom it talks with
    language: str = "pt"
    zone: str = "UTC"
    shop: Mapping[str, Any] = field(default_factory=dict)
    hands_over: bool = True  # there are people who can be asked for
    patience_s: float | None = None  # who waits for it waits no longer than this

    @property
    def conversation_id(self) -> ConversationId | None:
        return self.stand.conversation_id if self.stand else None


def of_a_trial(tx: Connection, agent: Agent, patience_s: float, account_ids: Collection[str] | None = None) -> Brief:
    """With the facts of the first account that it answers for, as its customers get them: of those that whoever tries
    it sees; None: of all."""
    its = agents.accounts_of(tx, [agent.id])[agent.id]
    known = [each for each, _ in its if account_ids is None or each in account_ids]
    if not known:
        return Brief(agent=agent, patience_s=patience_s)
    account = accounts.get(tx, known[0])
    return Brief(
        agent=agent,
        language=language_of(account.handover.language),
        zone=account.handover.time_zone,
        shop=account.shop,
        hands_over=account.handover.enabled,
        patience_s=patience_s,
    )


def still_stands(tx: Connection, stand: Stand) -> bool:
    """Whether the assistant may go on: nothing that decides who may speak has moved. The turn's commit asks again."""
    conversation = conversations.find(tx, stand.conversation_id)
    if conversation is None or conversation.ownership != stand.ownership:
        return False
    account = accounts.get(tx, stand.account_id)
    if (account.activation, account.agent_id) != (stand.account_activation, stand.agent_id):
        return False
    agent = agents.find(tx, stand.agent_id)
    return agent is not None and agent.activation == stand.agent_activation
