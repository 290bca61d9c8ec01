"""As whom an operator is shown to customers: the channel's id of them, once it was made."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection

from conversation.account import AccountId
from store.tables import messages, personas


@dataclass(frozen=True, kw_only=True)
class Persona:
    """`shown_as`: the name and picture it was made with; where they have changed, another is made."""

    provider_id: str
    shown_as: dict[str, Any]


def writer_of(tx: Connection, message_id: int) -> str | None:
    """The operator whose words a message holds."""
    return tx.execute(sa.select(messages.c.operator).where(messages.c.id == message_id)).scalar()


def get(tx: Connection, account_id: AccountId, operator: str) -> Persona | None:
    row = tx.execute(sa.select(personas).where(*_key(account_id, operator))).first()
    return Persona(provider_id=row.provider_id, shown_as=row.shown_as) if row else None


def put(tx: Connection, account_id: AccountId, operator: str, persona: Persona) -> None:
    """The later one counts: two processes may have made one each."""
    values = {"provider_id": persona.provider_id, "shown_as": persona.shown_as}
    insert = (postgresql if tx.dialect.name == "postgresql" else sqlite).insert(personas)
    tx.execute(
        insert.values(account_id=account_id, operator=operator, **values).on_conflict_do_update(
            index_elements=["account_id", "operator"], set_=values
        )
    )


def _key(account_id: AccountId, operator: str) -> tuple[Any, Any]:
    return personas.c.account_id == account_id, personas.c.operator == operator
