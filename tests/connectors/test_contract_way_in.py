"""Every channel's way in: it refuses what is not signed, keeps all there is, and knows again what comes again."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.signature import sign
from conversation.arrivals import Arrival, Inbound, Unfamiliar
from tests.connectors.contract import (
    WITHOUT_EXPLAINING,
    Body,
    Contract,
    StillClock,
    each_body,
    each_channel,
    key_of,
    payload_files,
)

# It is reachable, and refuses.


@each_channel
def test_its_block_makes_it_reachable(contract: Contract) -> None:
    blocks = yaml.safe_load((Path(__file__).parents[2] / "credentials.yml").read_text())
    own = type(contract.connector())
    block = blocks[f"{own.__module__}.{own.__name__}"]
    assert own.from_credentials(block).name() == contract.name


@each_channel
async def test_a_body_is_taken_only_with_its_own_accounts_signature(
    contract: Contract, serve: Any, entrance: Any
) -> None:
    raw = json.dumps(contract.body("text")).encode()
    entrance.known = {**entrance.known, contract.account: ("own-secret",)}
    url = await serve(contract.connector(), entrance)
    header = contract.connector().signature_header
    for signature, status in [
        (None, 403),
        ("sha256=" + "0" * 64, 403),
        (sign(raw + b" ", "own-secret"), 403),
        (sign(raw, "secret-a"), 403),
        (sign(raw, "own-secret"), 200),
    ]:
        assert await post(f"{url}/webhook", raw, {header: signature} if signature else {}) == status, signature
    assert [arrival.account for arrival in entrance.accepted] == [contract.account]


@each_channel
@pytest.mark.parametrize("broken", ["secrets", "accept"])
async def test_what_can_not_be_kept_is_asked_for_again(
    contract: Contract, serve: Any, entrance: Any, broken: str
) -> None:
    raw = json.dumps(contract.body("text")).encode()
    entrance.known, entrance.broken = {contract.account: ("own-secret",)}, broken
    url = await serve(contract.connector(), entrance)
    header = contract.connector().signature_header
    assert await post(f"{url}/webhook", raw, {header: sign(raw, "own-secret")}) == 503


async def post(url: str, raw: bytes, headers: dict[str, str]) -> int:
    async with aiohttp.ClientSession() as session, session.post(url, data=raw, headers=headers) as answer:
        return answer.status


# It keeps all.


@each_body
def test_every_id_of_a_body_is_in_an_arrival(contract: Contract, file: Path) -> None:
    body = json.loads(file.read_text())
    arrivals = contract.connector().parse(body)
    assert arrivals, "something was said"
    assert lost(body, arrivals) == set()


def lost(body: Body, arrivals: list[Arrival]) -> set[str]:
    kept = json.dumps([asdict(arrival) for arrival in arrivals], default=str, ensure_ascii=False)
    return {found for found in ids_in(body) if found not in kept}


def ids_in(value: Any) -> Iterator[str]:
    """The ids of messages, posts and reactions: what stands at `id`, `mid` and the like below the entries.

    An edit or a revocation has one too, on WhatsApp, but is of the message that it names.
    """
    if isinstance(value, dict):
        has_own = not value.keys().isdisjoint({"timestamp", "type", "kind"}) and value.get("type") not in (
            "edit",
            "revoke",
        )
        for key, item in value.items():
            if key in ("mid", "message_id", "comment_id", "original_message_id") or (key == "id" and has_own):
                yield str(item)
            yield from ids_in(item)
    if isinstance(value, list):
        for item in value:
            yield from ids_in(item)


@each_body
def test_a_body_of_an_account_that_is_not_ours_is_kept_for_no_conversation(contract: Contract, file: Path) -> None:
    connector = contract.connector()
    body = json.loads(file.read_text())
    arrivals = connector.parse(body, known=set())
    unfamiliar = [arrival for arrival in arrivals if isinstance(arrival, Unfamiliar)]
    assert arrivals and unfamiliar == arrivals
    assert {each.account for each in unfamiliar if each.kind == "unknown_account"} == connector.accounts_in(body)


JUNK = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5), st.just([]), st.just({}),
    st.just([None, 1, "x", {}]), st.just({"id": {"id": 1}, "type": ["text"]}),
    st.sampled_from(["text", "@x", "-1"]),
)  # fmt: skip


@each_channel
@settings(max_examples=400, deadline=None, phases=WITHOUT_EXPLAINING)
@given(data=st.data())
def test_no_body_however_damaged_makes_it_fail(contract: Contract, data: st.DataObject) -> None:
    body = damaged(a_body(contract, data), data)
    connector = contract.connector()
    assert isinstance(connector.accounts_in(body), set)
    arrivals = connector.parse(body)
    assert all(isinstance(arrival, Unfamiliar) or key_of(arrival) for arrival in arrivals)
    json.dumps([asdict(arrival) for arrival in arrivals], default=str)


def a_body(contract: Contract, data: st.DataObject) -> Body:
    body: Body = json.loads(data.draw(st.sampled_from(payload_files(contract.name))).read_text())
    return body


def damaged(body: Any, data: st.DataObject) -> Any:
    """One to three places of a body replaced, removed or doubled."""
    body = copy.deepcopy(body)
    for _ in range(data.draw(st.integers(1, 3))):
        places = list(places_in(body))
        if not places:
            return body
        holder, key = data.draw(st.sampled_from(places))
        what = data.draw(st.sampled_from(["replace", "remove", "double"]))
        if what == "remove":
            del holder[key]
        elif what == "double" and isinstance(holder, list):
            holder.append(copy.deepcopy(holder[key]))
        else:
            holder[key] = copy.deepcopy(data.draw(JUNK))
    return body


def places_in(value: Any) -> Iterator[tuple[Any, Any]]:
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in pairs:
        yield value, key
        yield from places_in(item)


@each_channel
@settings(max_examples=150, deadline=None, phases=WITHOUT_EXPLAINING)
@given(data=st.data())
def test_what_is_called_by_a_name_that_nobody_knows_is_kept(contract: Contract, data: st.DataObject) -> None:
    """A kind of tomorrow's: the ids of today's are somewhere all the same."""
    body = a_body(contract, data)
    ids = set(ids_in(body))
    holder, key = data.draw(st.sampled_from([place for place in places_in(body) if isinstance(place[1], str)]))
    holder[f"{key}_of_tomorrow"] = holder.pop(key)
    arrivals = contract.connector().parse(body)
    kept = json.dumps([asdict(arrival) for arrival in arrivals], default=str, ensure_ascii=False)
    assert {found for found in ids if found not in kept} == set()


# It knows again what comes again, and tells apart what is not the same.


@each_body
def test_the_same_body_twice_is_known_again(contract: Contract, file: Path) -> None:
    body = json.loads(file.read_text())
    keys = [[key_of(arrival) for arrival in contract.connector().parse(body)] for _ in range(2)]
    assert keys[0] == keys[1] and all(keys[0])


@each_body
def test_what_has_no_id_of_its_own_is_known_by_its_moment(contract: Contract, file: Path) -> None:
    connector, raw = contract.connector(StillClock()), file.read_text()
    first, second = connector.parse(json.loads(raw)), connector.parse(a_second_later(json.loads(raw)))
    for one, other in zip(first, second, strict=True):
        if isinstance(one, Inbound) and isinstance(other, Inbound):
            assert (one.provider_id == other.provider_id) is (one.provider_id in raw), one


def a_second_later(value: Any) -> Any:
    if isinstance(value, list):
        return [a_second_later(item) for item in value]
    if isinstance(value, dict):
        return {key: _later(item) if key in TIMES else a_second_later(item) for key, item in value.items()}
    return value


TIMES = ("timestamp", "time", "at", "created_time")


def _later(value: Any) -> Any:
    if isinstance(value, str) and value.isdigit():
        return str(int(value) + 1)
    return value + 1000 if isinstance(value, int) else value


@each_channel
@settings(max_examples=100, deadline=None, phases=WITHOUT_EXPLAINING)
@given(data=st.data())
def test_however_events_are_spread_over_entries_and_bodies_they_are_the_same(
    contract: Contract, data: st.DataObject
) -> None:
    connector = contract.connector(StillClock())
    events = [event for file in payload_files(contract.name) for event in contract.split(json.loads(file.read_text()))]
    some = data.draw(st.lists(st.sampled_from(events), min_size=1, max_size=8))
    alone = [arrival for event in some for arrival in connector.parse(event)]

    spread: list[Arrival] = []
    for body in data.draw(regrouped(contract.join, data.draw(st.permutations(some + some[:2])))):
        spread += connector.parse(body)

    assert {repr(arrival) for arrival in spread} == {repr(arrival) for arrival in alone}
    assert {key_of(arrival) for arrival in alone if isinstance(arrival, Inbound)} == {
        arrival.provider_id for arrival in spread if isinstance(arrival, Inbound)
    }


@st.composite
def regrouped(draw: st.DrawFn, join: Callable[[Body, Body], Body | None], events: list[Body]) -> list[Body]:
    """The events in new bodies, several in one where they may be."""
    bodies: list[Body] = []
    together = st.booleans()
    for event in events:
        goes_along: bool = draw(together)
        joined = join(bodies[-1], event) if bodies and goes_along else None
        bodies[-1:] = [joined] if joined is not None else [*bodies[-1:], event]
    return bodies


@each_body
def test_two_accounts_in_one_body_never_cross(contract: Contract, file: Path) -> None:
    connector, raw = contract.connector(StillClock()), file.read_text()
    ours = json.loads(raw)
    for own in connector.accounts_in(ours):
        other = "7" * len(own)
        theirs = json.loads(raw.replace(own, other))
        both = contract.join(ours, theirs)
        assert own not in connector.accounts_in(theirs)
        for account, body in ((own, ours), (other, theirs)) if both is not None else ():
            assert of_account(account, connector.parse(both or {})) == of_account(account, connector.parse(body))


def of_account(account: str, arrivals: list[Arrival]) -> set[str]:
    return {repr(each) for each in arrivals if each.account == account}
