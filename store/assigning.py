"""Gives a waiting conversation to somebody of its team. Whoever gives holds the people's rows: nobody is overfilled."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from conversation import assignment
from conversation.account import Account
from conversation.assignment import Candidate
from conversation.conversation import Conversation
from conversation.errors import Refused
from conversation.people import Assignment, Presence
from conversation.said import say
from store import operators, people, teams
from store.tables import operator_accounts, team_members
from store.tables import operators as table


def choose_operator(
    tx: Connection, conversation: Conversation, account: Account, team_id: str | None, now: datetime
) -> str | None:
    """Who is given it; None where it waits for somebody to take it. The caller gives it in this same transaction."""
    team = teams.find(tx, team_id) if team_id is not None else None
    if team is None or team.assignment is Assignment.HAND:
        return None
    name = assignment.choose(team.assignment, _candidates(tx, team.id, account))
    if name is not None:
        tx.execute(table.update().where(table.c.name == name).values(given_at=now))
    return name


def has_room(tx: Connection, team_id: str) -> bool:
    """Whether anybody of the team is there with fewer than they can do, whichever accounts they see."""
    of_team = sa.select(team_members.c.operator).where(team_members.c.team_id == team_id)
    online = table.c.presence == Presence.ONLINE.value
    there = tx.execute(sa.select(table.c.name, table.c.capacity).where(table.c.name.in_(of_team), online)).all()
    load = people.load(tx, [row.name for row in there])
    return any(load[row.name] < row.capacity for row in there)


def can_take(tx: Connection, name: str, account_id: str, *, force: bool = False) -> None:
    """Raises `Refused` (unknown_operator, no_account, offline, full) where they can't be handed a conversation.

    `force` (a supervisor) hands it to somebody offline or full too. Their row is held, as when one is given.
    """
    people.hold(tx, name)
    operator = operators.find(tx, name)
    if operator is None:
        raise Refused(say("There is no operator named {name}.", name=name), code="unknown_operator")
    load = people.load(tx, [name])[name]
    refused = assignment.why_not(operator, load=load, account_id=account_id, force=force)
    if refused is not None:
        raise refused


def _candidates(tx: Connection, team_id: str, account: Account) -> list[Candidate]:
    """Members who are there and see the account. What they have is counted once their rows are held, not before.

    The rows are held in the order of their names, so that two who give never wait for each other.
    """
    of_team = sa.select(team_members.c.operator).where(team_members.c.team_id == team_id)
    who_see_it = sa.select(operator_accounts.c.operator).where(operator_accounts.c.account_id == account.id)
    sees_it = sa.or_(table.c.all_accounts, table.c.name.in_(who_see_it))
    online = table.c.presence == Presence.ONLINE.value
    who = sa.select(table).where(table.c.name.in_(of_team), online, sees_it).order_by(table.c.name)
    held = tx.execute(who.with_for_update(key_share=True, of=table)).all()
    load = people.load(tx, [row.name for row in held])
    return [Candidate(name=row.name, load=load[row.name], capacity=row.capacity, given_at=row.given_at) for row in held]
