"""A conversation to write to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from conversation.account import Account
from conversation.agent import Agent
from conversation.contact import Address, AddressKind
from conversation.conversation import Conversation
from conversation.message import Author
from store import agents, contacts, conversations, messages, outbox
from store.database import Database
from store.outbox import Draft, Lane, OutboxId, Row
from store.vault import Vault
from tests import services
from tests.house import ANA, NUMBER, START, add_account

kind = services.each_kind


@dataclass
class Shelf:
    """One open transaction with a conversation in it."""

    tx: Any
    vault: Vault
    account: Account
    agent: Agent
    conversation: Conversation

    def another_conversation(self, phone: str) -> Conversation:
        address = Address(kind=AddressKind.PHONE, value=phone)
        contact = contacts.find_or_add(self.tx, self.account.id, [address], None, START)
        return conversations.get(self.tx, conversations.find_or_add(self.tx, self.account.id, contact, START))

    def queue(self, author: Author = Author.BOT, *, lane: Lane = Lane.MESSAGE, **given: Any) -> OutboxId:
        conversation = given.pop("conversation", None) or conversations.get(self.tx, self.conversation.id)
        message_id = None
        if lane is Lane.MESSAGE:
            message_id = messages.add_outbound(
                self.tx, conversation.id, author=author, kind="text", text="olá", content={}, at=START
            )
        draft = Draft(body={}, author=author, lane=lane, message_id=message_id, **given)
        agent = agents.get(self.tx, self.agent.id) if author is Author.BOT else None
        return outbox.queue(
            self.tx, draft, conversation=conversation, account=self.account_now(), agent=agent, now=START
        )

    def account_now(self) -> Account:
        from store import accounts

        return accounts.get(self.tx, self.account.id)

    def row(self, row_id: int) -> Row:
        from store.tables import outbox as table

        return outbox.from_row(self.tx.execute(table.select().where(table.c.id == row_id)).one())


@pytest.fixture
def shelf(db: Database, vault: Vault) -> Iterator[Shelf]:
    with db.engine.connect() as connection:
        tx = connection.execution_options(writes=True)
        with tx.begin():
            agent = agents.ensure_default(tx, START)
            account = add_account(tx, vault, agent, NUMBER)
            address = Address(kind=AddressKind.PHONE, value=ANA)
            contact = contacts.find_or_add(tx, account.id, [address], "Ana", START)
            conversation_id = conversations.find_or_add(tx, account.id, contact, START)
            yield Shelf(
                tx=tx,
                vault=vault,
                account=account,
                agent=agent,
                conversation=conversations.get(tx, conversation_id),
            )
