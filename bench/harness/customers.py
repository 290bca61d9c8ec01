"""Customers who write: each with one number of ours, their conversation's id, and a record of all they said."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from bench.harness.clients import Json
from bench.harness.entry import CannotMeasure
from bench.harness.journal import Request
from bench.harness.product import Product
from bench.harness.scripted import BOT
from conversation.account import Channel
from conversation.words import is_by_rule
from emulator.people import scoped_id

_FIRST_ANSWER_S = 120.0
_VERDICT_S = 120.0
_LOOK_S = 0.05
#: What the product asks of Graph API besides what it says to anybody.
_BESIDE_SENDS = frozenset(
    {"node", "profile", "conversations", "subscription", "upload", "media", "file"}
    | {"persona", "menu", "login", "thread"}
)
#: For Rasa's model, in both of its languages.
_SENTENCES = (
    "oi",
    "qual é o horário de vocês?",
    "me manda o cardápio",
    "hello",
    "when are you open?",
    "the menu please",
)


@dataclass(kw_only=True)
class Customer:
    phone: str
    number: str
    channel: str = Channel.WHATSAPP.value
    conversation_id: str = ""
    #: The provider ids of all that was accepted: each must have a verdict in the end.
    said: list[str] = field(default_factory=list)
    #: The last message up to which nothing can change any more.
    _settled_id: int = 0

    @property
    def address(self) -> str:
        """What the account knows them by."""
        return self.phone if self.channel == Channel.WHATSAPP.value else scoped_id(self.number, self.phone)

    async def say(self, product: Product, text: str) -> None:
        answer = await product.emulator.say(self.number, self.phone, text)
        if answer["status"] != 200:
            raise CannotMeasure(f"A webhook was answered {answer['status']} {answer.get('problem', '')}.")
        self.said.append(answer["id"])

    async def is_answered(self, product: Product, after_ns: int, timeout_s: float) -> bool:
        """Whether a message of the assistant's to this customer arrives after that time."""
        found = await product.journal.arrived(self.number, lambda r: self._is_answer(r, after_ns), timeout_s)
        return found is not None

    async def settle(self, product: Product, timeout_s: float) -> bool:
        """Waits until everything said has a verdict and nothing of the assistant's is waiting to leave or leaving."""
        deadline = time.monotonic() + timeout_s
        while True:
            listed = await product.operators.messages(self.conversation_id, since=self._settled_id)
            if not any(_is_open(message) for message in listed):
                self._settled_id = listed[-1]["id"] if listed else self._settled_id
                return True
            if time.monotonic() > deadline:
                return False
            await asyncio.sleep(_LOOK_S)

    def _is_answer(self, request: Request, after_ns: int) -> bool:
        return request.to == self.address and request.received_ns > after_ns and is_bots(request)


def _is_open(message: Json) -> bool:
    if message["direction"] == "inbound":
        return message["verdict"] is None
    return message["author"] == "bot" and message["status"] in ("queued", "sending")


def is_bots(request: Request) -> bool:
    """Whoever is no operator is the assistant: texts, buttons, read receipts and typing signs alike.

    Apart from what the rules of handover say by themselves, whichever assistant there is (that a person will answer).

    An operator's first words stand after the line that names them.
    """
    text = request.text or ""
    by_person = any(line.startswith("op:") for line in text.splitlines())
    return request.kind not in _BESIDE_SENDS and not by_person and not is_by_rule(text)


def words(product: Product, dice: random.Random, mark: str, *, think_ms: int = 0, says: int = 1) -> str:
    """What a customer writes: to the scripted dialogue with directions, to Rasa's model a sentence it knows."""
    sentence = dice.choice(_SENTENCES)  # drawn either way, so that the rest of the seeded decisions stay the same
    if product.options.dialogue == "rasa":
        return sentence
    return f"{mark} think={think_ms} say={says}"


def is_scripted(request: Request) -> bool:
    return said_by_bot(request.text) is not None


def said_by_bot(text: str | None) -> str | None:
    """A scripted answer, without the line in which the assistant says that it is back."""
    begins = (text or "").find(BOT)
    return None if begins < 0 else (text or "")[begins:]


async def meet(product: Product, customers: Sequence[Customer]) -> None:
    """Each says hello and is answered; their conversations' ids are known from then on."""
    began_ns = time.monotonic_ns()
    for customer in customers:
        await customer.say(product, "hello")
    answered = await asyncio.gather(*(c.is_answered(product, began_ns, _FIRST_ANSWER_S) for c in customers))
    if not all(answered):
        raise CannotMeasure(f"{answered.count(False)} of {len(customers)} customers got no first answer.")
    by_key = {}
    for found in await product.operators.conversations():
        for address in found["contact"]["addresses"]:
            by_key[found["account"], address["value"]] = found["id"]
    for customer in customers:
        customer.conversation_id = by_key[customer.number, customer.address]


@dataclass(frozen=True, kw_only=True)
class Verdicts:
    """What the product says became of everything customers said."""

    answered: int
    recorded: int
    lost: int  # accepted with a 200, and no verdict


async def verdicts(product: Product, customers: Sequence[Customer]) -> Verdicts:
    """Waits until each message has its verdict; those that never get one are lost."""
    deadline = time.monotonic() + _VERDICT_S
    found = [verdict for customer in customers for verdict in await _decided(product, customer, deadline)]
    return Verdicts(
        answered=found.count("ANSWER"), recorded=found.count("RECORD"), lost=sum(1 for verdict in found if not verdict)
    )


async def _decided(product: Product, customer: Customer, deadline: float) -> list[str | None]:
    while True:
        listed = await product.operators.messages(customer.conversation_id)
        by_id = {message["provider_id"]: message["verdict"] for message in listed}
        found = [by_id.get(provider_id) for provider_id in customer.said]
        if all(found) or time.monotonic() > deadline:
            return found
        await asyncio.sleep(0.1)
