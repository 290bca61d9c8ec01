"""Who answers, and in which teams."""

from __future__ import annotations

from typing import TypedDict

from handover.shapes.words import Assignment, Instant, Presence, Role


class TeamName(TypedDict):
    id: str
    name: str


class Team(TeamName):
    """`assignment`: how its conversations find somebody."""

    assignment: Assignment
    members: list[str]
    version: int


class Operator(TypedDict):
    """`accounts`: those whose conversations they see; null: all. `load`: how many they have open now."""

    name: str
    role: Role
    presence: Presence
    capacity: int
    load: int
    teams: list[TeamName]
    accounts: list[str] | None
    seen_at: Instant | None
    version: int
