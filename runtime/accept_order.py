"""The order in which one transaction takes in what came together: the same whoever takes it in.

Two bodies with the same people in them are accepted at once. Were each to lock its conversations as they come, each
would hold what the other waits for, until the database ends one of them: a second on PostgreSQL, and Meta waits.
"""

from __future__ import annotations

from collections.abc import Sequence

from conversation.arrivals import AccountNews, Arrival
from conversation.contact import Address


def by_conversation(arrivals: Sequence[Arrival]) -> list[Arrival]:
    """What is of accounts, the oldest first; one contact's after another's, each contact's as they came; then what
    names no contact, by what it does name."""
    if len(arrivals) < 2:
        return list(arrivals)
    known_by = _together(arrivals)
    return sorted(arrivals, key=lambda arrival: _place(arrival, known_by))


def _place(arrival: Arrival, known_by: dict[tuple[str, Address], tuple[str, str]]) -> tuple[int, str, str, str]:
    if isinstance(arrival, AccountNews):
        return -1, arrival.at.isoformat(), arrival.key, ""  # an account is locked before its conversations
    account, addresses = arrival.account or "", getattr(arrival, "addresses", ())
    if addresses:
        return (0, account, *known_by[account, addresses[0]])
    return 1, account, str(getattr(arrival, "provider_id", None) or getattr(arrival, "key", "")), ""


def _together(arrivals: Sequence[Arrival]) -> dict[tuple[str, Address], tuple[str, str]]:
    """For each address the lowest of all that are, by these arrivals, the same contact's."""
    groups: dict[tuple[str, Address], set[Address]] = {}
    for arrival in arrivals:
        account, addresses = arrival.account or "", _named_in(arrival)
        merged = set(addresses).union(*(groups.get((account, each), ()) for each in addresses))
        for address in merged:
            groups[account, address] = merged
    return {key: min((each.kind.value, each.value) for each in group) for key, group in groups.items()}


def _named_in(arrival: Arrival) -> tuple[Address, ...]:
    """All that the one it is from is known by, and will be."""
    return (*getattr(arrival, "addresses", ()), *getattr(arrival, "becomes", ()))
