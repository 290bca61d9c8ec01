"""Teams: operators who share a queue."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection

from conversation import versions
from conversation.conversation import HandoverState
from conversation.errors import BadInput, NotFound, Refused
from conversation.ids import new_id
from conversation.people import Assignment, Team
from conversation.said import say
from store import accounts, operators
from store.tables import conversations, requests, team_members, teams

_LONGEST_NAME = 120
_WAITS = HandoverState.PENDING.value
_JOIN: dict[str, Any] = {
    "sqlite": sqlite.insert(team_members).on_conflict_do_nothing(),
    "postgresql": postgresql.insert(team_members).on_conflict_do_nothing(),
}


def from_row(row: Any) -> Team:
    return Team(id=row.id, name=row.name, assignment=Assignment(row.assignment), version=row.version)


def add(tx: Connection, name: str, assignment: Assignment, now: datetime) -> Team:
    _check_name(tx, name)
    team = Team(id=new_id("team"), name=name, assignment=assignment)
    tx.execute(teams.insert(), {"id": team.id, "name": name, "assignment": assignment.value, "created_at": now})
    return team


def change(
    tx: Connection,
    team: str,
    *,
    name: str | None = None,
    assignment: Assignment | None = None,
    version: int | None = None,
) -> Team:
    """`version`: the one it was decided on; refused where it has another by now."""
    before = lock(tx, team)
    versions.check(before.version, version)
    if name is not None and name != before.name:
        _check_name(tx, name)
    values = {
        "name": name or before.name,
        "assignment": (assignment or before.assignment).value,
        "version": before.version + 1,
    }
    tx.execute(teams.update().where(teams.c.id == before.id).values(**values))
    return get(tx, before.id)


def lock(tx: Connection, team: str) -> Team:
    """The team, which nobody changes or removes until this transaction ends."""
    found = tx.execute(sa.select(teams).where(teams.c.id == get(tx, team).id).with_for_update()).first()
    return from_row(found) if found else get(tx, team)


def remove(tx: Connection, team: str) -> int:
    """Who waits for it waits for everybody from then on; how many conversations that are."""
    this = lock(tx, team)
    for account in accounts.all_of(tx):
        if account.handover.team in (this.id, this.name):
            raise Refused(
                say(
                    "The account {account} sends its customers to {team}. Give it another team first.",
                    account=account.name,
                    team=this.name,
                ),
                code="in_use",
            )
    its = conversations.c.team_id == this.id
    waiting: int = tx.execute(
        sa.select(sa.func.count()).select_from(conversations).where(its, conversations.c.state == _WAITS)
    ).scalar_one()
    for table in (conversations, requests):
        tx.execute(table.update().where(table.c.team_id == this.id).values(team_id=None))
    tx.execute(teams.delete().where(teams.c.id == this.id))
    return waiting


def all_of(tx: Connection) -> list[Team]:
    return [from_row(row) for row in tx.execute(sa.select(teams).order_by(teams.c.name))]


def that_give(tx: Connection) -> list[str]:
    """Those whose conversations are given out by a rule."""
    return list(tx.execute(sa.select(teams.c.id).where(teams.c.assignment != Assignment.HAND.value)).scalars())


def find(tx: Connection, team: str) -> Team | None:
    """By its id, or by its name."""
    this = sa.or_(teams.c.id == team, teams.c.name == team)
    row = tx.execute(sa.select(teams).where(this).order_by(teams.c.id != team)).first()
    return from_row(row) if row else None


def get(tx: Connection, team: str) -> Team:
    found = find(tx, team)
    if found is None:
        raise NotFound(say("There is no team {team}. `./baton team list` shows those there are.", team=team))
    return found


def join(tx: Connection, team: str, operator: str) -> Team:
    this = get(tx, team)
    tx.execute(_JOIN[tx.dialect.name], {"team_id": this.id, "operator": operators.get(tx, operator).name})
    return this


def leave(tx: Connection, team: str, operator: str) -> Team:
    this = get(tx, team)
    place = sa.and_(team_members.c.team_id == this.id, team_members.c.operator == operator)
    if not tx.execute(team_members.delete().where(place)).rowcount:
        raise NotFound(say("{operator} is not in {team}.", operator=operator, team=this.name))
    return this


def members(tx: Connection, team: str) -> list[str]:
    of_team = team_members.c.team_id == get(tx, team).id
    return list(
        tx.execute(sa.select(team_members.c.operator).where(of_team).order_by(team_members.c.operator)).scalars()
    )


def of_operator(tx: Connection, operator: str) -> list[Team]:
    theirs = sa.select(team_members.c.team_id).where(team_members.c.operator == operator)
    return [from_row(row) for row in tx.execute(sa.select(teams).where(teams.c.id.in_(theirs)).order_by(teams.c.name))]


def _check_name(tx: Connection, name: str) -> None:
    if not name.strip() or len(name) > _LONGEST_NAME:
        raise BadInput(say("A team needs a name, of {most} characters at most.", most=_LONGEST_NAME))
    if find(tx, name) is not None:
        raise BadInput(say("There is already a team {team}.", team=name))
