"""What comes together is taken in contact by contact, so that two bodies never wait for each other."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
import sqlalchemy as sa

from conversation.account import Channel
from conversation.arrivals import Arrival, Inbound, Removed, StatusReport, Unfamiliar
from conversation.contact import Address, AddressKind
from conversation.message import MessageStatus
from runtime import accept_order
from runtime.settings import RuntimeSettings
from store import tables
from store.database import Database
from store.vault import Vault
from tests.house import ANA, BEN, HOLDER, NUMBER, START, ScriptedDialogue, Stage, WoundClock, set_up

BSUID, PHONE = (Address(kind=kind, value="1") for kind in (AddressKind.BSUID, AddressKind.PHONE))


def message(id_: str, *addresses: Address) -> Inbound:
    return Inbound(account=NUMBER, addresses=addresses, provider_id=id_, kind="text", sent_at=START, text=id_)


def person(value: str) -> Address:
    return Address(kind=AddressKind.PSID, value=value)


def ids(arrivals: list[Arrival]) -> list[str | None]:
    return [getattr(arrival, "provider_id", None) for arrival in arrivals]


def test_one_contact_comes_after_another_and_each_ones_messages_stay_in_order() -> None:
    ana, ben = person("1"), person("2")
    mixed = [message("b1", ben), message("a1", ana), message("b2", ben), message("a2", ana)]

    assert ids(accept_order.by_conversation(mixed)) == ["a1", "a2", "b1", "b2"]
    assert ids(accept_order.by_conversation(mixed[::-1])) == ["a2", "a1", "b2", "b1"]


@pytest.mark.parametrize("together", [0, 1, 2, 3])
def test_whoever_is_known_by_two_addresses_is_one_contact(together: int) -> None:
    """By whichever message says so."""
    told = [message("1", PHONE), message("2", BSUID), message("3", PHONE), message("4", BSUID)]
    told[together] = replace(told[together], addresses=(BSUID, PHONE))

    assert ids(accept_order.by_conversation(told)) == ["1", "2", "3", "4"]


def test_what_names_nobody_comes_last_by_the_message_it_names() -> None:
    def report(id_: str, status: MessageStatus) -> StatusReport:
        return StatusReport(account=NUMBER, provider_id=id_, status=status, at=START)

    removal = Removed(account=NUMBER, addresses=(), provider_id="a1", at=START)
    sent, read = report("o2", MessageStatus.SENT), report("o2", MessageStatus.READ)
    other, unknown = report("o1", MessageStatus.SENT), Unfamiliar(account=NUMBER, kind="new", body={}, key="n")

    ordered = accept_order.by_conversation([unknown, sent, removal, read, other, message("a1", person("1"))])

    assert ordered == [message("a1", person("1")), removal, unknown, other, sent, read]


async def test_bodies_with_the_same_people_in_any_order_never_block_each_other(
    db: Database, clock: WoundClock, vault: Vault, settings: RuntimeSettings
) -> None:
    account, agent = set_up(db, vault, clock, Channel.MESSENGER)
    stage = Stage(
        db=db, clock=clock, vault=vault, settings=settings, account=account, agent=agent, holder=HOLDER,
        dialogue=ScriptedDialogue(db),
    )  # fmt: skip
    people = [*([person(ANA), person(BEN)] * 4)]
    bodies = [
        [message(f"{n}.{m}", address) for m, address in enumerate(people if n % 2 else people[::-1])] for n in range(24)
    ]

    await asyncio.gather(*(stage.accept(*body) for body in bodies))

    assert len(await stage.rows(tables.messages)) == 24 * len(people)
    if not db.is_sqlite:
        query = sa.text("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
        assert await db.read(lambda tx: tx.execute(query).scalar()) == 0
