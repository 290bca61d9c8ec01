"""One customer's course: they write under two names, become one at a moment of the seed's, and write on."""

from __future__ import annotations

import contextlib
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from bench.merging.gateways import Gateway, Meta, NeverDone, Places
from conversation.account import Channel
from conversation.arrivals import SYSTEM, TEXT, Inbound, StatusReport
from conversation.contact import Address, AddressKind
from conversation.conversation import Conversation, ConversationId, HandoverState
from conversation.errors import BatonError, Refused
from conversation.message import MessageStatus
from runtime import merging
from store import accounts, contacts, conversations
from store.tables import conversations as table
from store.tables import mailbox, outbox

#: How it is known that the two are one.
WAYS = ("message", "report", "ninth_digit", "changed_number", "by_hand")
ONE, OTHER, AFTER = "one", "other", "after"
OPERATORS = ("ana", "ben")
_SUPERVISOR = "sonia"
_HUMAN = HandoverState.HUMAN
Names = tuple[Address, ...]


@dataclass(frozen=True, kw_only=True)
class Stretch:
    """A person had the conversation, from here to there in the one order of all that is noted."""

    begins: int
    ends: int


@dataclass(kw_only=True)
class Course:
    """`said`: the key of each message Meta had its 200 for, and whether it was written under the one name, the other,
    or when both were one. `first`: the conversations and contacts there were."""

    number: int
    moment: str
    account: str
    window_s: float  # what they write waits so long for what may follow it
    dice: random.Random
    gateways: Sequence[Gateway]
    meta: Meta
    places: Places
    way: str = field(init=False)
    said: dict[str, str] = field(default_factory=dict)
    repeated: list[Inbound] = field(default_factory=list)
    first: dict[str, Conversation] = field(default_factory=dict)
    holds: dict[str, str] = field(default_factory=dict)
    stretches: list[Stretch] = field(default_factory=list)
    owners: list[str] = field(default_factory=list)  # what was wrong about who has it
    errors: list[str] = field(default_factory=list)
    must_be_answered: list[str] = field(default_factory=list)
    people_came: bool = False
    reached: bool = True
    found_out: bool = False
    reported: int = 0

    def __post_init__(self) -> None:
        ways = WAYS[:-1] if self.moment == "killed_in_accept" else WAYS  # what is done by hand comes by no webhook
        self.way = self.dice.choice(ways)
        self.one, self.other = _names(self.number, self.way)
        if self.dice.random() < 0.5 and self.way not in ("changed_number",):
            self.one, self.other = self.other, self.one

    @property
    def here(self) -> Gateway:
        return self.gateways[0]

    @property
    def there(self) -> Gateway:
        return self.gateways[1]

    @property
    def both(self) -> Names:
        """As a webhook names them once Meta knows both."""
        if self.way == "ninth_digit":
            user = next(each for each in (*self.one, *self.other) if each.kind is AddressKind.BSUID)
            return user, Address(kind=AddressKind.PHONE, value=_without_nine(self.number))
        return self.one + self.other

    @property
    def names(self) -> list[Names]:
        """Under which they may write afterwards: any, but a number they gave up."""
        if self.way == "changed_number":
            return [self.other]
        if self.way == "by_hand":
            return [self.one, self.other]
        return [self.one, self.other, self.both]

    def inbound(self, known_by: Names, origin: str) -> Inbound:
        key = f"k{self.number}.{len(self.said)}."
        self.said[key] = origin
        return self._inbound(known_by, key, kind=TEXT, text=f"{key} words")

    def _inbound(self, known_by: Names, key: str, **given: Any) -> Inbound:
        now = self.here._clock.now()
        return Inbound(account=self.account, addresses=known_by, provider_id=f"wamid.{key}", sent_at=now, **given)

    async def writes(self, known_by: Names, origin: str = AFTER, gateway: Gateway | None = None) -> str:
        self.here.wind(1)
        inbound = self.inbound(known_by, origin)
        self.repeated.append(inbound)
        await (gateway or self.dice.choice(self.gateways)).accept(inbound)
        return f"k{self.number}.{len(self.said) - 1}."

    async def of(self, known_by: Names) -> Conversation | None:
        """The conversation of whoever is known by this."""
        return await self.here.db.read(_of, self.account, known_by)

    async def begins(self, waiting: bool) -> None:
        """Both have written; `waiting`: at times nobody has looked at it."""
        rounds = [(self.one, ONE), (self.other, OTHER)]
        for _ in range(self.dice.randint(0, 3)):
            rounds.append(self.dice.choice(rounds[:2]))
        for known_by, origin in rounds:
            await self.writes(known_by, origin)
            if not waiting or self.dice.random() < 0.4:
                await self.settles()
            elif self.dice.random() < 0.4:
                await self.here.take_turns()  # and what is said waits
        for name, known_by in ((ONE, self.one), (OTHER, self.other)):
            found = await self.of(known_by)
            assert found is not None
            self.first[name] = found

    async def settles(self) -> None:
        """All that waits is thought about and sent, and Meta tells what became of it."""
        gateway = self.dice.choice(self.gateways)
        await gateway.take_turns()
        if self.window_s:
            self.here.wind(5 * self.window_s)
            await gateway.take_turns()
        await gateway.deliver()
        await self.reports()

    async def reports(self) -> None:
        """Of all that arrived since. Now and then it names who it was for by both names, once it is known."""
        new, self.reported = self.meta.arrived[self.reported :], len(self.meta.arrived)
        now = self.here._clock.now()
        known_by = self.both if self.found_out and self.way in WAYS[:3] else ()
        for each in new:
            told = StatusReport(
                account=self.account,
                provider_id=f"wamid.to.{each.row}.{each.at}",
                status=MessageStatus.DELIVERED,
                at=now,
                opaque=each.row,
                addresses=known_by,
            )
            await self.there.accept(told)

    def telling(self) -> Inbound | StatusReport | None:
        """What Meta says of both; None where it is a supervisor who knows."""
        if self.way == "by_hand":
            return None
        if self.way == "report":
            now, name = self.here._clock.now(), f"wamid.nobodys.{self.number}"
            told: dict[str, Any] = {
                "account": self.account,
                "provider_id": name,
                "status": MessageStatus.SENT,
                "at": now,
            }
            return StatusReport(addresses=self.both, **told)
        if self.way == "changed_number":
            return self._inbound(self.one, f"s{self.number}.0.", kind=SYSTEM, becomes=self.other)
        inbound = self.inbound(self.both, AFTER)
        self.repeated.append(inbound)
        return inbound

    async def becomes_one(self, gateway: Gateway | None = None, told: Inbound | StatusReport | None = None) -> None:
        """Another process hears of it than the one that is at it. `told`: what Meta has told before, without a 200."""
        self.found_out = True
        gateway, told = gateway or self.there, told or self.telling()
        if told is not None:
            await gateway.accept(told)
            return
        with contextlib.suppress(BatonError):  # they are one already
            await gateway.db.write(merging.by_hand, *self.people, by=_SUPERVISOR, now=self.here._clock.now())

    @property
    def people(self) -> tuple[str, str]:
        return self.first[ONE].contact_id, self.first[OTHER].contact_id

    async def orders(self, order: str, name: str, by: str, gateway: Gateway | None = None) -> bool:
        """Whether it was carried out. Who has which is noted."""
        gateway, conversation_id = gateway or self.there, self.first[name].id
        self.people_came = True
        try:
            if order == "reply":
                await gateway.ownership.reply(conversation_id, "I am looking", by=by)
            else:
                await getattr(gateway.ownership, order)(conversation_id, by=by)
        except Refused:
            return False
        if order == "release":
            self.holds.pop(name, None)
        else:
            self.holds[name] = by
        return True

    async def looks_who_has_it(self) -> Conversation:
        """One conversation, and of all who had one of the two one has it; the others can't write in it."""
        (ours, theirs) = [await self.of(known_by) for known_by in (self.names[0], self.names[-1])]
        old = [await self._get(each.id) for each in self.first.values()]
        assert ours is not None
        if theirs is None or theirs.id != ours.id or {each.id for each in old if each} != {ours.id}:
            return ours  # still two; the judge tells
        is_persons, holders = ours.state is _HUMAN, set(self.holds.values())
        if is_persons != bool(holders) or (is_persons and ours.owner not in holders):
            self.owners.append(f"{ours.owner} has it, and {sorted(holders)} had the two")
        if is_persons:
            begins = self.meta.now()
            for by in self.dice.sample(OPERATORS, 2):
                any_id = self.dice.choice([each.id for each in self.first.values()])
                if await self._replies(any_id, by) is not (by == ours.owner):
                    self.owners.append(f"{by} may {'not ' if by == ours.owner else ''}write, and {ours.owner} has it")
            await self.writes(self.dice.choice(self.names))
            await self.settles()
            self.stretches.append(Stretch(begins=begins, ends=self.meta.now()))
            again = await self._get(ours.id)
            if again is not None and again.state is _HUMAN:
                await self.there.ownership.release(ours.id, by=str(again.owner))
        return ours

    async def _get(self, conversation_id: str) -> Conversation | None:
        with contextlib.suppress(BatonError):
            return await self.there.db.read(conversations.get, conversation_id)
        return None

    async def _replies(self, conversation_id: str, by: str) -> bool:
        try:
            await self.there.ownership.reply(conversation_id, "It is me", by=by)
        except BatonError:
            return False
        return True

    async def goes_on(self) -> None:
        """They write on; Meta repeats some of what it told; what is of unknown fate is settled by its witnesses."""
        for _ in range(2):
            await self.writes(self.dice.choice(self.names))
        await self.settles()
        if self.dice.random() < 0.3 and self.way != "changed_number":
            await self.there.accept(*self.dice.sample(self.repeated, min(2, len(self.repeated))))
        self.must_be_answered.append(await self.writes(self.dice.choice(self.names)))
        await self.settles()
        for _ in range(8):
            found = await self.of(self.names[0])
            if found is None or not await self.here.db.read(_unsettled, found.id):
                return
            self.here.wind(21)
            for gateway in self.gateways:
                await gateway.look_after_the_unknown()
            await self.writes(self.dice.choice(self.names))  # of a later request's report silence is judged
            await self.settles()
        raise NeverDone("mail or sends")


def _names(number: int, way: str) -> tuple[Names, Names]:
    phone = Address(kind=AddressKind.PHONE, value=f"55119{70_000_000 + number:08d}")
    if way in ("by_hand", "changed_number"):
        return (phone,), (Address(kind=AddressKind.PHONE, value=f"55219{70_000_000 + number:08d}"),)
    return (phone,), (Address(kind=AddressKind.BSUID, value=f"BR.{10**19 + number}"),)


def _without_nine(number: int) -> str:
    return f"5511{70_000_000 + number:08d}"


def _of(tx: Any, account: str, known_by: Names) -> Conversation | None:
    account_id = accounts.id_by_provider_id(tx, Channel.WHATSAPP, account)
    assert account_id is not None
    contact = contacts.find(tx, account_id, known_by)
    listed = [] if contact is None else _with_contact(tx, contact)
    return conversations.get(tx, listed[0]) if listed else None


def _with_contact(tx: Any, contact: str) -> list[ConversationId]:

    return list(tx.execute(sa.select(table.c.id).where(table.c.contact_id == contact)).scalars())


def _unsettled(tx: Any, conversation_id: ConversationId) -> bool:
    mail = sa.select(mailbox.c.id).where(mailbox.c.conversation_id == conversation_id, mailbox.c.state == "new")
    sends = sa.select(outbox.c.id).where(
        outbox.c.conversation_id == conversation_id, outbox.c.state.in_(["queued", "claimed", "unknown"])
    )
    return any(tx.execute(query.limit(1)).first() is not None for query in (mail, sends))
